#include "messages/controller.h"

#include <array>

#include "messages/xml_form.h"

namespace quorate {
namespace {

using form::flag;
using form::put;
using form::put_flag;
using form::put_number;
using form::put_unsigned;
using xml::Element;

constexpr std::array<std::string_view, 5> kHistoryKinds = {"refresh", "refresh-cib",
                                                           "clear-failures", "fail", "reprobe"};

void put_nodes(Element root, const std::vector<NodeNumber>& nodes) {
  for (const NodeNumber node : nodes) put_unsigned(root.add("node"), "number", node);
}

std::vector<NodeNumber> nodes_of(Element root) {
  std::vector<NodeNumber> nodes;
  for (const Element child : xml::children(root, "node")) {
    nodes.push_back(form::narrow<NodeNumber>(child, "number"));
  }
  return nodes;
}

void put_identity(Element element, const ResourceIdentity& identity) {
  put(element, "id", identity.id);
  put(element, "long-id", identity.long_id);
  put(element, "class", identity.standard);
  put(element, "provider", identity.provider);
  put(element, "type", identity.type);
  put(element, "container", identity.container);
}

ResourceIdentity identity_of(Element element) {
  return {form::text(element, "id"),    form::text(element, "long-id"),
          form::text(element, "class"), form::text(element, "provider"),
          form::text(element, "type"),  form::text(element, "container")};
}

void put_wish(Element element, const HistoryWish& wish) {
  element.set("kind", kHistoryKinds[static_cast<std::size_t>(wish.kind)]);
  put(element, "node", wish.node);
  put(element, "resource", wish.resource);
  put(element, "operation", wish.operation);
  put_number(element, "interval", wish.interval_ms);
  put(element, "user", wish.user);
  put_flag(element, "privileged", wish.privileged);
  put_identity(element.add("primitive"), wish.identity);
}

Result<HistoryWish> wish_of(Element element) {
  HistoryWish wish;
  bool known = false;
  for (std::size_t i = 0; i < kHistoryKinds.size(); ++i) {
    if (kHistoryKinds[i] != element.get_or("kind", {})) continue;
    wish.kind = static_cast<HistoryWish::Kind>(i);
    known = true;
  }
  if (!known) return fail(ErrorKind::kInvalid, "request about history of unknown kind refused");
  wish.node = form::text(element, "node");
  wish.resource = form::text(element, "resource");
  wish.operation = form::text(element, "operation");
  wish.interval_ms = form::number(element, "interval");
  wish.user = form::text(element, "user");
  wish.privileged = flag(element, "privileged");
  wish.identity = identity_of(element.first_child("primitive"));
  return wish;
}

// One write() per message kind; the root element's name says which it is.

constexpr std::string_view name_of(const ControllerHello&) { return "hello"; }
constexpr std::string_view name_of(const LeaveOut&) { return "leave-out"; }
constexpr std::string_view name_of(const DcAlive&) { return "dc-alive"; }
constexpr std::string_view name_of(const Depose&) { return "depose"; }
constexpr std::string_view name_of(const JoinReport&) { return "join-report"; }
constexpr std::string_view name_of(const JoinCall&) { return "join-call"; }
constexpr std::string_view name_of(const JoinConfirm&) { return "join-confirm"; }
constexpr std::string_view name_of(const ActionOrder&) { return "order"; }
constexpr std::string_view name_of(const ActionAnswer&) { return "answer"; }
constexpr std::string_view name_of(const ShutdownWish&) { return "shutdown-wish"; }
constexpr std::string_view name_of(const JobLimit&) { return "job-limit"; }
constexpr std::string_view name_of(const MaintenanceNodes&) { return "maintenance-nodes"; }
constexpr std::string_view name_of(const RelayedWish&) { return "relayed-wish"; }
constexpr std::string_view name_of(const RelayedAnswer&) { return "relayed-answer"; }
constexpr std::string_view name_of(const RelayedQuery&) { return "relayed-query"; }
constexpr std::string_view name_of(const RelayedState&) { return "relayed-state"; }
constexpr std::string_view name_of(const ForgetNode&) { return "forget-node"; }

void write(Element root, const ControllerHello& hello) {
  put_unsigned(root, "view", hello.view);
  put_unsigned(root, "entered", hello.entered_view);
  put(root, "name", hello.name);
  put(root, "uuid", hello.uuid);
  put(root, "feature-set", hello.feature_set);
  put_flag(root, "eligible", hello.eligible);
  put_unsigned(root, "dc-since", hello.dc_since);
}
void write(Element root, const LeaveOut& message) {
  put_unsigned(root, "view", message.view);
  put_nodes(root, message.nodes);
}
void write(Element root, const DcAlive& message) { put_unsigned(root, "view", message.view); }
void write(Element root, const Depose& message) {
  put_unsigned(root, "view", message.view);
  put_unsigned(root, "dc", message.dc);
}
void write(Element root, const JoinReport& report) {
  put_unsigned(root, "view", report.view);
  put_unsigned(root, "dc", report.dc);
  put_flag(root, "shutting-down", report.shutting_down);
  form::put_fragment(root, "history", report.lrm);
  for (const RunningAction& action : report.running) {
    Element child = root.add("running");
    put(child, "node", action.node);
    put(child, "operation-key", action.operation_key);
    put(child, "transition-key", action.transition_key);
  }
}
void write(Element root, const JoinCall& message) { put_unsigned(root, "view", message.view); }
void write(Element root, const JoinConfirm& message) {
  put_unsigned(root, "view", message.view);
  put_nodes(root, message.nodes);
}
void write(Element root, const ActionOrder& order) {
  put_unsigned(root, "to", order.to);
  put(root, "kind", order.kind);
  put(root, "transition-key", order.transition_key);
  put(root, "task", order.task);
  put(root, "operation-key", order.operation_key);
  put(root, "on-node", order.on_node);
  put(root, "on-node-id", order.on_node_id);
  put(root, "router-node", order.router_node);
  put(root, "mode", order.mode);
  put(root, "shutdown-lock", order.shutdown_lock);
  put_flag(root, "no-wait", order.no_wait);
  if (order.resource) put_identity(root.add("primitive"), *order.resource);
  for (const auto& [name, value] : order.parameters) {
    Element child = root.add("param");
    form::put_always(child, "name", name);
    form::put_always(child, "value", value);
  }
}
void write(Element root, const ActionAnswer& answer) {
  put_unsigned(root, "to", answer.to);
  put(root, "transition-key", answer.transition_key);
  put(root, "operation-key", answer.operation_key);
  put(root, "node", answer.node);
  put(root, "resource", answer.resource);
  put_number(root, "rc", answer.rc);
  put_number(root, "status", answer.status);
  put(root, "reason", answer.reason);
}
void write(Element root, const ShutdownWish& message) { put(root, "name", message.name); }
void write(Element root, const JobLimit& limit) {
  put_number(root, "level", limit.level);
  put_number(root, "max", limit.max_jobs);
}
void write(Element root, const MaintenanceNodes& message) {
  for (const auto& [name, on] : message.nodes) {
    Element child = root.add("node");
    put(child, "name", name);
    put_flag(child, "maintenance", on);
  }
}
void write(Element root, const RelayedWish& message) {
  put_unsigned(root, "to", message.to);
  put_unsigned(root, "request", message.request);
  put_wish(root.add("wish"), message.wish);
}
void write(Element root, const RelayedAnswer& message) {
  put_unsigned(root, "to", message.to);
  put_unsigned(root, "request", message.request);
  put_number(root, "rc", message.rc);
  put(root, "reason", message.reason);
}
void write(Element root, const RelayedQuery& message) {
  put_unsigned(root, "to", message.to);
  put_unsigned(root, "request", message.request);
  put_flag(root, "when-idle", message.when_idle);
}
void write(Element root, const RelayedState& message) {
  put_unsigned(root, "to", message.to);
  put_unsigned(root, "request", message.request);
  put(root, "state", message.state);
}
void write(Element root, const ForgetNode& message) {
  put(root, "name", message.name);
  put(root, "node-id", message.id);
}

ControllerHello read_hello(Element root) {
  return {form::unsigned_number(root, "view"),
          form::unsigned_number(root, "entered"),
          form::text(root, "name"),
          form::text(root, "uuid"),
          form::text(root, "feature-set"),
          flag(root, "eligible"),
          form::unsigned_number(root, "dc-since")};
}

JoinReport read_report(Element root) {
  JoinReport report;
  report.view = form::unsigned_number(root, "view");
  report.dc = form::narrow<NodeNumber>(root, "dc");
  report.shutting_down = flag(root, "shutting-down");
  report.lrm = form::fragment(root, "history");
  for (const Element child : xml::children(root, "running")) {
    report.running.push_back({form::text(child, "node"), form::text(child, "operation-key"),
                              form::text(child, "transition-key")});
  }
  return report;
}

ActionOrder read_order(Element root) {
  ActionOrder order;
  order.to = form::narrow<NodeNumber>(root, "to");
  order.kind = form::text(root, "kind");
  order.transition_key = form::text(root, "transition-key");
  order.task = form::text(root, "task");
  order.operation_key = form::text(root, "operation-key");
  order.on_node = form::text(root, "on-node");
  order.on_node_id = form::text(root, "on-node-id");
  order.router_node = form::text(root, "router-node");
  order.mode = form::text(root, "mode");
  order.shutdown_lock = form::text(root, "shutdown-lock");
  order.no_wait = flag(root, "no-wait");
  if (const Element primitive = root.first_child("primitive")) {
    order.resource = identity_of(primitive);
  }
  for (const Element child : xml::children(root, "param")) {
    order.parameters.emplace_back(form::text(child, "name"), form::text(child, "value"));
  }
  return order;
}

ActionAnswer read_answer(Element root) {
  ActionAnswer answer;
  answer.to = form::narrow<NodeNumber>(root, "to");
  answer.transition_key = form::text(root, "transition-key");
  answer.operation_key = form::text(root, "operation-key");
  answer.node = form::text(root, "node");
  answer.resource = form::text(root, "resource");
  answer.rc = static_cast<int>(form::number(root, "rc"));
  answer.status = static_cast<int>(form::number(root, "status"));
  answer.reason = form::text(root, "reason");
  return answer;
}

MaintenanceNodes read_maintenance(Element root) {
  MaintenanceNodes message;
  for (const Element child : xml::children(root, "node")) {
    message.nodes.emplace_back(form::text(child, "name"), flag(child, "maintenance"));
  }
  return message;
}

Result<ControllerMessage> read(Element root) {
  const std::string_view name = root.name();
  const auto view = form::unsigned_number(root, "view");
  const auto to = form::narrow<NodeNumber>(root, "to");
  const auto request = form::unsigned_number(root, "request");
  if (name == "hello") return ControllerMessage(read_hello(root));
  if (name == "leave-out") return ControllerMessage(LeaveOut{view, nodes_of(root)});
  if (name == "dc-alive") return ControllerMessage(DcAlive{view});
  if (name == "depose") {
    return ControllerMessage(Depose{view, form::narrow<NodeNumber>(root, "dc")});
  }
  if (name == "join-report") return ControllerMessage(read_report(root));
  if (name == "join-call") return ControllerMessage(JoinCall{view});
  if (name == "join-confirm") return ControllerMessage(JoinConfirm{view, nodes_of(root)});
  if (name == "order") return ControllerMessage(read_order(root));
  if (name == "answer") return ControllerMessage(read_answer(root));
  if (name == "shutdown-wish") return ControllerMessage(ShutdownWish{form::text(root, "name")});
  if (name == "job-limit") {
    return ControllerMessage(JobLimit{static_cast<int>(form::number(root, "level")),
                                      static_cast<int>(form::number(root, "max"))});
  }
  if (name == "maintenance-nodes") return ControllerMessage(read_maintenance(root));
  if (name == "relayed-wish") {
    Result<HistoryWish> wish = wish_of(root.first_child("wish"));
    if (!wish) return tl::unexpected(wish.error());
    return ControllerMessage(RelayedWish{to, request, std::move(*wish)});
  }
  if (name == "relayed-answer") {
    return ControllerMessage(RelayedAnswer{to, request, static_cast<int>(form::number(root, "rc")),
                                           form::text(root, "reason")});
  }
  if (name == "relayed-query") {
    return ControllerMessage(RelayedQuery{to, request, flag(root, "when-idle")});
  }
  if (name == "relayed-state") {
    return ControllerMessage(RelayedState{to, request, form::text(root, "state")});
  }
  return ControllerMessage(ForgetNode{form::text(root, "name"), form::text(root, "node-id")});
}

constexpr std::array<std::string_view, 7> kRequestKinds = {
    "status", "dc", "nodes", "node-info", "forget-node", "wait-idle", "history"};

}  // namespace

std::string encode(const ControllerMessage& message) {
  return std::visit(
      [](const auto& part) {
        const xml::Document document = form::begin(name_of(part));
        write(document.root(), part);
        return document.root().to_string();
      },
      message);
}

Result<ControllerMessage> decode_controller_message(std::string_view text) {
  const Result<xml::Document> document = form::open(
      text,
      {"hello", "leave-out", "dc-alive", "depose", "join-report", "join-call", "join-confirm",
       "order", "answer", "shutdown-wish", "job-limit", "maintenance-nodes", "relayed-wish",
       "relayed-answer", "relayed-query", "relayed-state", "forget-node"},
      kMaxControllerMessageBytes);
  if (!document) return tl::unexpected(document.error());
  return read(document->root());
}

std::string encode(const ControllerRequest& request) {
  const xml::Document document = form::begin("controller-request");
  Element root = document.root();
  put_unsigned(root, "id", request.id);
  root.set("kind", kRequestKinds[static_cast<std::size_t>(request.kind)]);
  put(root, "client", request.client);
  put(root, "node", request.node);
  put(root, "node-id", request.node_id);
  if (request.kind == ControllerRequest::Kind::kHistory) put_wish(root.add("wish"), request.wish);
  return root.to_string();
}

Result<ControllerRequest> decode_controller_request(std::string_view text) {
  const Result<xml::Document> document =
      form::open(text, {"controller-request"}, kMaxControllerMessageBytes);
  if (!document) return tl::unexpected(document.error());
  Element root = document->root();
  ControllerRequest request;
  bool known = false;
  for (std::size_t i = 0; i < kRequestKinds.size(); ++i) {
    if (kRequestKinds[i] != root.get_or("kind", {})) continue;
    request.kind = static_cast<ControllerRequest::Kind>(i);
    known = true;
  }
  if (!known) return fail(ErrorKind::kInvalid, "controller request of unknown kind refused");
  request.id = form::unsigned_number(root, "id");
  request.client = form::text(root, "client");
  request.node = form::text(root, "node");
  request.node_id = form::text(root, "node-id");
  if (request.kind == ControllerRequest::Kind::kHistory) {
    Result<HistoryWish> wish = wish_of(root.first_child("wish"));
    if (!wish) return tl::unexpected(wish.error());
    request.wish = std::move(*wish);
  }
  return request;
}

std::string encode(const ControllerReply& reply) {
  const xml::Document document = form::begin("controller-reply");
  Element root = document.root();
  put_unsigned(root, "id", reply.id);
  put_flag(root, "ok", reply.ok);
  if (!reply.ok) {
    put_number(root, "error", static_cast<int>(reply.error));
    put(root, "message", reply.message);
  }
  put_number(root, "rc", reply.rc);
  put(root, "state", reply.state);
  put(root, "node", reply.node);
  put_flag(root, "quorate", reply.quorate);
  for (const KnownNode& node : reply.nodes) {
    Element child = root.add("node");
    put(child, "id", node.id);
    put(child, "name", node.name);
    put(child, "state", node.state);
    put_flag(child, "remote", node.remote);
  }
  return root.to_string();
}

Result<ControllerReply> decode_controller_reply(std::string_view text) {
  const Result<xml::Document> document =
      form::open(text, {"controller-reply"}, kMaxControllerMessageBytes);
  if (!document) return tl::unexpected(document.error());
  Element root = document->root();
  ControllerReply reply;
  reply.id = form::unsigned_number(root, "id");
  reply.ok = flag(root, "ok");
  reply.error = form::error_kind(root, "error");
  reply.message = form::text(root, "message");
  reply.rc = static_cast<int>(form::number(root, "rc"));
  reply.state = form::text(root, "state");
  reply.node = form::text(root, "node");
  reply.quorate = flag(root, "quorate");
  for (const Element child : xml::children(root, "node")) {
    reply.nodes.push_back({form::text(child, "id"), form::text(child, "name"),
                           form::text(child, "state"), flag(child, "remote")});
  }
  return reply;
}

}  // namespace quorate
