#include "messages/fencer.h"

#include "messages/codec.h"
#include "messages/fencer_form.h"

namespace quorate::codec {

template <>
struct Form<fencer::Subscribe> {
  static constexpr std::string_view kName = "fencer-subscribe";
  static void describe(auto&, auto&) {}
};

template <>
struct Form<fencer::Fence> {
  static constexpr std::string_view kName = "fencer-fence";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
    archive("action", m.action);
    archive("timeout", m.timeout_s, kSeconds);
    archive("delay", m.delay_s, kDelay);
    archive("tolerance", m.tolerance_s, kSeconds);
    archive("allow-self-fencing", m.allow_self_fencing);
    archive("client", m.client);
    archive("incarnation", m.incarnation);
  }
};

template <>
struct Form<fencer::Confirm> {
  static constexpr std::string_view kName = "fencer-confirm";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
    archive("client", m.client);
    archive("incarnation", m.incarnation);
  }
};

template <>
struct Form<fencer::RunDevice> {
  static constexpr std::string_view kName = "fencer-run-device";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("device", m.device);
    archive("action", m.action);
    archive("target", m.target);
    archive("timeout", m.timeout_s, kSeconds);
  }
};

template <>
struct Form<fencer::ListDevices> {
  static constexpr std::string_view kName = "fencer-list-devices";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
  }
};

template <>
struct Form<fencer::AddDevice> {
  static constexpr std::string_view kName = "fencer-add-device";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("device", m.device);
    archive("agent", m.agent);
    archive("unfencing", m.unfencing);
    archive("param", m.parameters);
  }
};

template <>
struct Form<fencer::RemoveDevice> {
  static constexpr std::string_view kName = "fencer-remove-device";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("device", m.device);
  }
};

template <>
struct Form<fencer::AddLevel> {
  static constexpr std::string_view kName = "fencer-add-level";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
    archive("index", m.index);
    archive("item", m.devices);
  }
};

template <>
struct Form<fencer::RemoveLevel> {
  static constexpr std::string_view kName = "fencer-remove-level";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
    archive("index", m.index);
  }
};

template <>
struct Form<fencer::GetMetadata> {
  static constexpr std::string_view kName = "fencer-get-metadata";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("agent", m.agent);
    archive("timeout", m.timeout_s, kSeconds);
  }
};

template <>
struct Form<fencer::Validate> {
  static constexpr std::string_view kName = "fencer-validate";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("device", m.device);
    archive("agent", m.agent);
    archive("timeout", m.timeout_s, kSeconds);
    archive("param", m.parameters);
  }
};

template <>
struct Form<fencer::ListAgents> {
  static constexpr std::string_view kName = "fencer-list-agents";
  static void describe(auto& archive, auto& m) { archive("request", m.request); }
};

template <>
struct Form<fencer::GetHistory> {
  static constexpr std::string_view kName = "fencer-get-history";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
    archive("synchronise", m.synchronise);
  }
};

template <>
struct Form<fencer::CleanHistory> {
  static constexpr std::string_view kName = "fencer-clean-history";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("target", m.target);
  }
};

template <>
struct Form<fencer::Reply> {
  static constexpr std::string_view kName = "fencer-reply";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("more-to-come", m.more_to_come);
    archive("wait", m.wait_s, kSeconds);
    archive.inlined(m.result);
    archive.content("output", m.output);
    archive("item", m.names);
    archive("operation", m.history);
  }
};

template <>
struct Form<fencer::Notification> {
  static constexpr std::string_view kName = "fencer-notification";
  static void describe(auto& archive, auto& m) {
    using What = fencer::Notification::What;
    archive.numbered("what", m.what, What::kHistorySynchronised);
    archive("device", m.device);
    if (m.what == What::kFenced) archive("operation", m.operation);
  }
};

}  // namespace quorate::codec

namespace quorate::fencer {

bool is_pending(OperationState state) {
  return state != OperationState::kCompleted && state != OperationState::kFailed;
}

std::string encode(const Request& request) { return codec::encode(request); }

Result<Request> decode_request(std::string_view payload) {
  return codec::decode<Request>(payload, "a request to quorate-fencer");
}

std::string encode(const Answer& answer) { return codec::encode(answer); }

Result<Answer> decode_answer(std::string_view payload) {
  return codec::decode<Answer>(payload, "an answer of quorate-fencer");
}

}  // namespace quorate::fencer
