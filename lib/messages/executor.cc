#include "messages/executor.h"

#include "base/duration.h"
#include "messages/agent_form.h"
#include "messages/codec.h"

namespace quorate::codec {
namespace {

constexpr Between<std::int64_t> kInterval{0, kMaxIntervalMs};
constexpr Between<std::int64_t> kTimeout{0, kMaxTimeoutMs};

}  // namespace

template <>
struct Form<executor::AgentSpec> {
  static void describe(auto& archive, auto& m) {
    archive("standard", m.standard);
    archive("provider", m.provider);
    archive("type", m.type);
  }
};

template <>
struct Form<executor::Subscribe> {
  static constexpr std::string_view kName = "executor-subscribe";
  static void describe(auto&, auto&) {}
};

template <>
struct Form<executor::Register> {
  static constexpr std::string_view kName = "executor-register";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("resource", m.resource);
    archive.inlined(m.agent);
  }
};

template <>
struct Form<executor::Unregister> {
  static constexpr std::string_view kName = "executor-unregister";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("resource", m.resource);
  }
};

template <>
struct Form<executor::RunAction> {
  static constexpr std::string_view kName = "executor-run-action";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("resource", m.resource);
    archive.inlined(m.agent);
    archive("task", m.task);
    archive("interval-ms", m.interval_ms, kInterval);
    archive("timeout-ms", m.timeout_ms, kTimeout);
    archive("start-delay-ms", m.start_delay_ms, kTimeout);
    archive("kill-process-only", m.kill_process_only);
    archive("wait", m.wait);
    archive("user-data", m.user_data);
    archive("param", m.parameters);
  }
};

template <>
struct Form<executor::CancelAction> {
  static constexpr std::string_view kName = "executor-cancel-action";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("resource", m.resource);
    archive("task", m.task);
    archive("interval-ms", m.interval_ms, kInterval);
  }
};

template <>
struct Form<executor::ListState> {
  static constexpr std::string_view kName = "executor-list-state";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("resource", m.resource);
  }
};

template <>
struct Form<executor::GetMetadata> {
  static constexpr std::string_view kName = "executor-get-metadata";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive.inlined(m.agent);
    archive("timeout-ms", m.timeout_ms, kTimeout);
  }
};

template <>
struct Form<executor::ListAgents> {
  static constexpr std::string_view kName = "executor-list-agents";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive.numbered("what", m.what, executor::ListAgents::What::kAgents);
    archive("standard", m.standard);
    archive("provider", m.provider);
    archive("type", m.type);
  }
};

template <>
struct Form<executor::Done> {
  static constexpr std::string_view kName = "executor-done";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("ok", m.ok);
    archive.numbered("error", m.error, ErrorKind::kInternal, ErrorKind::kInternal);
    archive("message", m.message);
    archive("in-progress", m.in_progress);
    archive("call-id", m.call_id);
    archive.content("output", m.output);
    archive("item", m.names);
  }
};

template <>
struct Form<executor::ActionState> {
  static void describe(auto& archive, auto& m) {
    archive.numbered("phase", m.phase, executor::ActionState::Phase::kWaiting);
    archive("task", m.task);
    archive("interval-ms", m.interval_ms, kInterval);
    archive("timeout-ms", m.timeout_ms, kTimeout);
    archive("call-id", m.call_id);
    archive("user-data", m.user_data);
    archive.inlined(m.last);
  }
};

template <>
struct Form<executor::ResourceState> {
  static void describe(auto& archive, auto& m) {
    archive("id", m.resource);
    archive.inlined(m.agent);
    archive("action", m.actions);
  }
};

template <>
struct Form<executor::State> {
  static constexpr std::string_view kName = "executor-state";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("last-call-id", m.last_call_id);
    archive("resource", m.resources);
  }
};

template <>
struct Form<executor::ActionEnded> {
  static constexpr std::string_view kName = "executor-action-ended";
  static void describe(auto& archive, auto& m) {
    archive("resource", m.resource);
    archive.inlined(m.agent);
    archive("task", m.task);
    archive("interval-ms", m.interval_ms, kInterval);
    archive("timeout-ms", m.timeout_ms, kTimeout);
    archive("start-delay-ms", m.start_delay_ms, kTimeout);
    archive("call-id", m.call_id);
    archive.inlined(m.result);
    archive("run-time", m.run_time_s);
    archive("rc-change-time", m.rc_change_time_s);
    archive("exec-time-ms", m.exec_time_ms);
    archive("queue-time-ms", m.queue_time_ms);
    archive("deleted", m.deleted);
    archive("user-data", m.user_data);
    archive.content("output", m.output);
    archive("param", m.parameters);
  }
};

}  // namespace quorate::codec

namespace quorate::executor {

std::string encode(const Request& request) { return codec::encode(request); }

Result<Request> decode_request(std::string_view payload) {
  return codec::decode<Request>(payload, "a request to quorate-executor");
}

std::string encode(const Answer& answer) { return codec::encode(answer); }

Result<Answer> decode_answer(std::string_view payload) {
  return codec::decode<Answer>(payload, "an answer of quorate-executor");
}

}  // namespace quorate::executor
