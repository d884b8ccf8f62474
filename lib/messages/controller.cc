#include "messages/controller.h"

#include "messages/codec.h"

namespace quorate::codec {

using RequestKind = ControllerRequest::Kind;
using HistoryKind = HistoryWish::Kind;

template <>
struct Names<HistoryKind> {
  static constexpr std::string_view kNames[] = {"refresh", "refresh-cib", "clear-failures", "fail",
                                                "reprobe"};
};

template <>
struct Names<RequestKind> {
  static constexpr std::string_view kNames[] = {"status",      "dc",        "nodes",  "node-info",
                                                "forget-node", "wait-idle", "history"};
};

template <>
struct Form<ControllerHello> {
  static constexpr std::string_view kName = "hello";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("entered", m.entered_view);
    archive("name", m.name);
    archive("uuid", m.uuid);
    archive("feature-set", m.feature_set);
    archive("eligible", m.eligible);
    archive("dc-since", m.dc_since);
  }
};

template <>
struct Form<LeaveOut> {
  static constexpr std::string_view kName = "leave-out";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("nodes", m.nodes);
  }
};

template <>
struct Form<DcAlive> {
  static constexpr std::string_view kName = "dc-alive";
  static void describe(auto& archive, auto& m) { archive("view", m.view); }
};

template <>
struct Form<Depose> {
  static constexpr std::string_view kName = "depose";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("dc", m.dc);
  }
};

template <>
struct Form<RunningAction> {
  static void describe(auto& archive, auto& m) {
    archive("node", m.node);
    archive("operation-key", m.operation_key);
    archive("transition-key", m.transition_key);
  }
};

template <>
struct Form<JoinReport> {
  static constexpr std::string_view kName = "join-report";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("dc", m.dc);
    archive("number", m.number);
    archive("shutting-down", m.shutting_down);
    archive.raw("history", m.lrm);
    archive("running", m.running);
  }
};

template <>
struct Form<JoinCall> {
  static constexpr std::string_view kName = "join-call";
  static void describe(auto& archive, auto& m) { archive("view", m.view); }
};

template <>
struct Form<JoinConfirm> {
  static constexpr std::string_view kName = "join-confirm";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("nodes", m.nodes);
    archive("reports", m.reports);
  }
};

template <>
struct Form<ResourceIdentity> {
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("long-id", m.long_id);
    archive("class", m.standard);
    archive("provider", m.provider);
    archive("type", m.type);
    archive("container", m.container);
  }
};

template <>
struct Form<ActionOrder> {
  static constexpr std::string_view kName = "order";
  static void describe(auto& archive, auto& m) {
    archive("to", m.to);
    archive("kind", m.kind);
    archive("transition-key", m.transition_key);
    archive("task", m.task);
    archive("operation-key", m.operation_key);
    archive("on-node", m.on_node);
    archive("on-node-id", m.on_node_id);
    archive("router-node", m.router_node);
    archive("mode", m.mode);
    archive("shutdown-lock", m.shutdown_lock);
    archive("no-wait", m.no_wait);
    archive("primitive", m.resource);
    archive("param", m.parameters);
  }
};

template <>
struct Form<ActionAnswer> {
  static constexpr std::string_view kName = "answer";
  static void describe(auto& archive, auto& m) {
    archive("to", m.to);
    archive("transition-key", m.transition_key);
    archive("operation-key", m.operation_key);
    archive("node", m.node);
    archive("resource", m.resource);
    archive("rc", m.rc);
    archive("status", m.status);
    archive("reason", m.reason);
  }
};

template <>
struct Form<ShutdownWish> {
  static constexpr std::string_view kName = "shutdown-wish";
  static void describe(auto& archive, auto& m) { archive("name", m.name); }
};

template <>
struct Form<JobLimit> {
  static constexpr std::string_view kName = "job-limit";
  static void describe(auto& archive, auto& m) {
    archive("level", m.level);
    archive("max", m.max_jobs);
  }
};

template <>
struct Form<std::pair<std::string, bool>> {
  static void describe(auto& archive, auto& m) {
    archive("name", m.first);
    archive("maintenance", m.second);
  }
};

template <>
struct Form<MaintenanceNodes> {
  static constexpr std::string_view kName = "maintenance-nodes";
  static void describe(auto& archive, auto& m) { archive("node", m.nodes); }
};

template <>
struct Form<HistoryWish> {
  static void describe(auto& archive, auto& m) {
    archive("kind", m.kind);
    archive("node", m.node);
    archive("resource", m.resource);
    archive("operation", m.operation);
    archive("interval", m.interval_ms);
    archive("user", m.user);
    archive("privileged", m.privileged);
    archive("primitive", m.identity);
  }
};

template <>
struct Form<RelayedWish> {
  static constexpr std::string_view kName = "relayed-wish";
  static void describe(auto& archive, auto& m) {
    archive("to", m.to);
    archive("request", m.request);
    archive("wish", m.wish);
  }
};

template <>
struct Form<RelayedAnswer> {
  static constexpr std::string_view kName = "relayed-answer";
  static void describe(auto& archive, auto& m) {
    archive("to", m.to);
    archive("request", m.request);
    archive("rc", m.rc);
    archive("reason", m.reason);
  }
};

template <>
struct Form<RelayedQuery> {
  static constexpr std::string_view kName = "relayed-query";
  static void describe(auto& archive, auto& m) {
    archive("to", m.to);
    archive("request", m.request);
    archive("when-idle", m.when_idle);
  }
};

template <>
struct Form<RelayedState> {
  static constexpr std::string_view kName = "relayed-state";
  static void describe(auto& archive, auto& m) {
    archive("to", m.to);
    archive("request", m.request);
    archive("state", m.state);
  }
};

template <>
struct Form<ForgetNode> {
  static constexpr std::string_view kName = "forget-node";
  static void describe(auto& archive, auto& m) {
    archive("name", m.name);
    archive("node-id", m.id);
  }
};

template <>
struct Form<ControllerRequest> {
  static constexpr std::string_view kName = "controller-request";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("kind", m.kind);
    archive("client", m.client);
    archive("node", m.node);
    archive("node-id", m.node_id);
    if (m.kind == RequestKind::kHistory) archive("wish", m.wish);
  }
};

template <>
struct Form<KnownNode> {
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("name", m.name);
    archive("state", m.state);
    archive("remote", m.remote);
  }
};

template <>
struct Form<ControllerReply> {
  static constexpr std::string_view kName = "controller-reply";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("ok", m.ok);
    archive.numbered("error", m.error, ErrorKind::kInternal, ErrorKind::kInternal);
    archive("message", m.message);
    archive("rc", m.rc);
    archive("state", m.state);
    archive("node", m.node);
    archive("quorate", m.quorate);
    archive("node", m.nodes);
  }
};

}  // namespace quorate::codec

namespace quorate {

std::string encode(const ControllerMessage& message) { return codec::encode(message); }

Result<ControllerMessage> decode_controller_message(std::string_view text) {
  return codec::decode<ControllerMessage>(text, "one between controllers",
                                          kMaxControllerMessageBytes);
}

std::string encode(const ControllerRequest& request) { return codec::encode(request); }

Result<ControllerRequest> decode_controller_request(std::string_view text) {
  return codec::decode<ControllerRequest>(text, "a request to a controller",
                                          kMaxControllerMessageBytes);
}

std::string encode(const ControllerReply& reply) { return codec::encode(reply); }

Result<ControllerReply> decode_controller_reply(std::string_view text) {
  return codec::decode<ControllerReply>(text, "a controller's reply", kMaxControllerMessageBytes);
}

}  // namespace quorate
