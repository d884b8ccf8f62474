#include "messages/fencer.h"

#include <algorithm>

#include "messages/fencer_operation.h"
#include "messages/fields.h"

namespace quorate::fencer {

using namespace quorate::fields;

void put_operation(xml::Element element, const Operation& operation) {
  put(element, "id", operation.id);
  put(element, "target", operation.target);
  put(element, "action", operation.action);
  put(element, "client", operation.client);
  put(element, "origin", operation.origin);
  put(element, "delegate", operation.delegate);
  put(element, "state", static_cast<std::int64_t>(operation.state));
  put_result(element, operation.result);
  put(element, "completed-ms", operation.completed_ms);
  put(element, "incarnation", static_cast<std::int64_t>(operation.incarnation));
  put_flag(element, "merged", operation.merged);
}

Operation get_operation(xml::Element element) {
  Operation operation;
  operation.id = get(element, "id");
  operation.target = get(element, "target");
  operation.action = get(element, "action");
  operation.client = get(element, "client");
  operation.origin = get(element, "origin");
  operation.delegate = get(element, "delegate");
  operation.state =
      static_cast<OperationState>(std::clamp<std::int64_t>(get_number(element, "state"), 0, 4));
  operation.result = get_result(element);
  operation.completed_ms = get_number(element, "completed-ms");
  operation.incarnation = get_unsigned(element, "incarnation");
  operation.merged = get_flag(element, "merged");
  return operation;
}

bool is_pending(OperationState state) {
  return state != OperationState::kCompleted && state != OperationState::kFailed;
}

namespace {

constexpr std::int64_t kMaxSeconds = 4'294'967;

std::int64_t get_seconds(xml::Element element, std::string_view name, std::int64_t least = 0) {
  return std::clamp(get_number(element, name), least, kMaxSeconds);
}

void put_names(xml::Element element, const std::vector<std::string>& names) {
  for (const std::string& name : names) put(element.add("item"), "name", name);
}

std::vector<std::string> get_names(xml::Element element) {
  std::vector<std::string> names;
  for (xml::Element item : xml::children(element, "item")) names.push_back(get(item, "name"));
  return names;
}

struct RequestWriter {
  xml::Document document;
  xml::Element start(std::string_view root, std::uint64_t request) {
    document = create(root);
    put(document.root(), "request", static_cast<std::int64_t>(request));
    return document.root();
  }
  void operator()(const Subscribe&) { start("fencer-subscribe", 0); }
  void operator()(const Fence& message) {
    xml::Element root = start("fencer-fence", message.request);
    put(root, "target", message.target);
    put(root, "action", message.action);
    put(root, "timeout", message.timeout_s);
    put(root, "delay", message.delay_s);
    put(root, "tolerance", message.tolerance_s);
    put_flag(root, "allow-self-fencing", message.allow_self_fencing);
    put(root, "client", message.client);
    put(root, "incarnation", static_cast<std::int64_t>(message.incarnation));
  }
  void operator()(const Confirm& message) {
    xml::Element root = start("fencer-confirm", message.request);
    put(root, "target", message.target);
    put(root, "client", message.client);
    put(root, "incarnation", static_cast<std::int64_t>(message.incarnation));
  }
  void operator()(const RunDevice& message) {
    xml::Element root = start("fencer-run-device", message.request);
    put(root, "device", message.device);
    put(root, "action", message.action);
    put(root, "target", message.target);
    put(root, "timeout", message.timeout_s);
  }
  void operator()(const ListDevices& message) {
    put(start("fencer-list-devices", message.request), "target", message.target);
  }
  void operator()(const AddDevice& message) {
    xml::Element root = start("fencer-add-device", message.request);
    put(root, "device", message.device);
    put(root, "agent", message.agent);
    put_flag(root, "unfencing", message.unfencing);
    put_parameters(root, "parameters", message.parameters);
  }
  void operator()(const RemoveDevice& message) {
    put(start("fencer-remove-device", message.request), "device", message.device);
  }
  void operator()(const AddLevel& message) {
    xml::Element root = start("fencer-add-level", message.request);
    put(root, "target", message.target);
    put(root, "index", message.index);
    put_names(root, message.devices);
  }
  void operator()(const RemoveLevel& message) {
    xml::Element root = start("fencer-remove-level", message.request);
    put(root, "target", message.target);
    put(root, "index", message.index);
  }
  void operator()(const GetMetadata& message) {
    xml::Element root = start("fencer-get-metadata", message.request);
    put(root, "agent", message.agent);
    put(root, "timeout", message.timeout_s);
  }
  void operator()(const Validate& message) {
    xml::Element root = start("fencer-validate", message.request);
    put(root, "device", message.device);
    put(root, "agent", message.agent);
    put(root, "timeout", message.timeout_s);
    put_parameters(root, "parameters", message.parameters);
  }
  void operator()(const ListAgents& message) { start("fencer-list-agents", message.request); }
  void operator()(const GetHistory& message) {
    xml::Element root = start("fencer-get-history", message.request);
    put(root, "target", message.target);
    put_flag(root, "synchronise", message.synchronise);
  }
  void operator()(const CleanHistory& message) {
    put(start("fencer-clean-history", message.request), "target", message.target);
  }
};

Fence read_fence(xml::Element root) {
  Fence message;
  message.request = get_unsigned(root, "request");
  message.target = get(root, "target");
  message.action = get(root, "action");
  message.timeout_s = get_seconds(root, "timeout");
  message.delay_s = get_seconds(root, "delay", -1);
  message.tolerance_s = get_seconds(root, "tolerance");
  message.allow_self_fencing = get_flag(root, "allow-self-fencing");
  message.client = get(root, "client");
  message.incarnation = get_unsigned(root, "incarnation");
  return message;
}

/// Requests about devices, agents and levels.
Result<Request> read_device_request(xml::Element root) {
  const std::string_view name = root.name();
  const std::uint64_t request = get_unsigned(root, "request");
  if (name == "fencer-run-device") {
    return RunDevice{request, get(root, "device"), get(root, "action"), get(root, "target"),
                     get_seconds(root, "timeout")};
  }
  if (name == "fencer-list-devices") return ListDevices{request, get(root, "target")};
  if (name == "fencer-add-device") {
    return AddDevice{request, get(root, "device"), get(root, "agent"),
                     get_parameters(root, "parameters"), get_flag(root, "unfencing")};
  }
  if (name == "fencer-remove-device") return RemoveDevice{request, get(root, "device")};
  if (name == "fencer-add-level") {
    return AddLevel{request, get(root, "target"), get_number(root, "index"), get_names(root)};
  }
  if (name == "fencer-remove-level") {
    return RemoveLevel{request, get(root, "target"), get_number(root, "index")};
  }
  if (name == "fencer-get-metadata") {
    return GetMetadata{request, get(root, "agent"), get_seconds(root, "timeout")};
  }
  if (name == "fencer-validate") {
    return Validate{request, get(root, "device"), get(root, "agent"),
                    get_parameters(root, "parameters"), get_seconds(root, "timeout")};
  }
  if (name == "fencer-list-agents") return ListAgents{request};
  return fail(ErrorKind::kInvalid,
              "message '" + std::string(name) + "' is not a request of quorate-fencer");
}

Reply read_reply(xml::Element root) {
  Reply message;
  message.request = get_unsigned(root, "request");
  message.more_to_come = get_flag(root, "more-to-come");
  message.wait_s = get_seconds(root, "wait");
  message.result = get_result(root);
  message.output = get_text(root, "output");
  message.names = get_names(root);
  for (xml::Element entry : xml::children(root, "operation")) {
    message.history.push_back(get_operation(entry));
  }
  return message;
}

}  // namespace

std::string encode(const Request& request) {
  RequestWriter writer;
  std::visit(writer, request);
  return writer.document.root().to_string();
}

Result<Request> decode_request(std::string_view payload) {
  const auto document = open(payload);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  const std::string_view name = root.name();
  const std::uint64_t request = get_unsigned(root, "request");
  if (name == "fencer-subscribe") return Subscribe{};
  if (name == "fencer-fence") return read_fence(root);
  if (name == "fencer-confirm") {
    return Confirm{request, get(root, "target"), get(root, "client"),
                   get_unsigned(root, "incarnation")};
  }
  if (name == "fencer-get-history") {
    return GetHistory{request, get(root, "target"), get_flag(root, "synchronise")};
  }
  if (name == "fencer-clean-history") return CleanHistory{request, get(root, "target")};
  return read_device_request(root);
}

std::string encode(const Answer& answer) {
  xml::Document document;
  if (const Reply* reply = std::get_if<Reply>(&answer)) {
    document = create("fencer-reply");
    xml::Element root = document.root();
    put(root, "request", static_cast<std::int64_t>(reply->request));
    put_flag(root, "more-to-come", reply->more_to_come);
    put(root, "wait", reply->wait_s);
    put_result(root, reply->result);
    put_text(root, "output", reply->output);
    put_names(root, reply->names);
    for (const Operation& operation : reply->history) {
      put_operation(root.add("operation"), operation);
    }
  } else {
    const Notification& notification = std::get<Notification>(answer);
    document = create("fencer-notification");
    xml::Element root = document.root();
    put(root, "what", static_cast<std::int64_t>(notification.what));
    put(root, "device", notification.device);
    if (notification.what == Notification::What::kFenced) {
      put_operation(root.add("operation"), notification.operation);
    }
  }
  return document.root().to_string();
}

Result<Answer> decode_answer(std::string_view payload) {
  const auto document = open(payload);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  if (root.name() == "fencer-reply") return read_reply(root);
  if (root.name() == "fencer-notification") {
    Notification notification;
    notification.what =
        static_cast<Notification::What>(std::clamp<std::int64_t>(get_number(root, "what"), 0, 4));
    notification.device = get(root, "device");
    notification.operation = get_operation(root.first_child("operation"));
    return notification;
  }
  return fail(ErrorKind::kInvalid,
              "message '" + std::string(root.name()) + "' is not an answer of quorate-fencer");
}

}  // namespace quorate::fencer
