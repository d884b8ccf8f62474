#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <functional>

#include "any_message.h"
#include "messages/attributes.h"
#include "messages/cib.h"
#include "messages/cib_health.h"
#include "messages/codec.h"
#include "messages/controller.h"
#include "messages/executor.h"
#include "messages/fencer.h"
#include "messages/fencer_peer.h"
#include "messages/launcher.h"
#include "messages/replica.h"
#include "messages/scheduler.h"

using namespace quorate;

namespace quorate::test {

template <>
constexpr auto kLast<ErrorKind> = ErrorKind::kInternal;
template <>
constexpr auto kLast<ExecutionStatus> = ExecutionStatus::kNoSecrets;
template <>
constexpr auto kLast<HistoryWish::Kind> = HistoryWish::Kind::kReprobe;
template <>
constexpr auto kLast<ControllerRequest::Kind> = ControllerRequest::Kind::kHistory;
template <>
constexpr auto kLast<AttributeRequest::Kind> = AttributeRequest::Kind::kPurge;
template <>
constexpr auto kLast<AttributeWait> = AttributeWait::kCluster;
template <>
constexpr auto kLast<executor::ListAgents::What> = executor::ListAgents::What::kAgents;
template <>
constexpr auto kLast<executor::ActionState::Phase> = executor::ActionState::Phase::kWaiting;
template <>
constexpr auto kLast<fencer::OperationState> = fencer::OperationState::kFailed;
template <>
constexpr auto kLast<fencer::Notification::What> = fencer::Notification::What::kHistorySynchronised;
template <>
constexpr auto kLast<Daemon> = Daemon::kFencer;
template <>
constexpr auto kLast<LauncherState> = LauncherState::kShutdownComplete;
template <>
constexpr auto kLast<cib::Operation> = cib::Operation::kTransaction;
template <>
constexpr auto kLast<cib::Code> = cib::Code::kInternal;
template <>
constexpr auto kLast<Durability> = Durability::kNotStored;

}  // namespace quorate::test

namespace {

// What is left out or refused on purpose.

template <class T>
void make_sensible(T&) {}
void make_sensible(ControllerRequest& m) {
  if (m.kind != ControllerRequest::Kind::kHistory) m.wish = {};
}
void make_sensible(fencer::Notification& m) {
  if (m.what != fencer::Notification::What::kFenced) m.operation = {};
}
void make_sensible(CibRequest& m) { m.id = std::max<std::uint64_t>(m.id, 1); }
void make_sensible(ScheduleReply& m) {
  if (m.graph.empty() && m.error.empty()) m.error = "no graph";
}
void make_sensible(AttributeTraits& traits) {
  traits.set_type = traits.is_private ? "utilization" : "instance_attributes";
}
void make_sensible(AttributeChange& m) {
  for (auto& part : m.parts) {
    part.name += "a";
    make_sensible(part.traits);
  }
}
void make_sensible(AttributeSync& m) {
  for (auto& [name, traits] : m.attributes) {
    name += "a";
    make_sensible(traits);
  }
  for (auto& value : m.values) value.name += "a";
}

/// Whether the message that `choices` make comes back; otherwise says what went wrong.
using Trip = std::function<std::string(test::Choices choices)>;

/// One property for all messages: it takes the compiler long to make one.
void always(std::string_view name, const Trip& trip) {
  rc::prop(std::string(name), [&] {
    const auto bytes = *rc::gen::resize(300, rc::gen::arbitrary<std::vector<std::uint8_t>>());
    const std::string wrong = trip(test::Choices(bytes));
    if (!wrong.empty()) RC_FAIL(wrong);
  });
}

/// `encode` takes a T, `decode` gives a T or a variant that holds one.
template <class T, class Encode, class Decode>
void comes_back(Encode encode, Decode decode) {
  always(codec::message_name(encode(T{})), [&](test::Choices choices) -> std::string {
    T message{};
    choices.fill(message);
    make_sensible(message);
    const std::string text = encode(message);
    const auto back = decode(text);
    if (!back) return back.error().message;
    const T* got = nullptr;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(*back)>, T>) {
      got = &*back;
    } else {
      got = std::get_if<T>(&*back);
    }
    return got != nullptr && test::equal(*got, message) ? std::string() : "changed by " + text;
  });
}

/// All messages of a variant.
template <class Variant>
struct Each;
template <class... Messages>
struct Each<std::variant<Messages...>> {
  template <class Encode, class Decode>
  static void comes_back(Encode encode, Decode decode) {
    (::comes_back<Messages>([=](const Messages& m) { return encode(m); }, decode), ...);
  }
};

}  // namespace

TEST_CASE("every message between controllers comes back as it was") {
  Each<ControllerMessage>::comes_back([](ControllerMessage m) { return encode(m); },
                                      decode_controller_message);
  comes_back<ControllerRequest>([](const ControllerRequest& m) { return encode(m); },
                                decode_controller_request);
  comes_back<ControllerReply>([](const ControllerReply& m) { return encode(m); },
                              decode_controller_reply);
}

TEST_CASE("every message of the attribute manager comes back as it was") {
  Each<AttributeMessage>::comes_back([](AttributeMessage m) { return encode(m); },
                                     decode_attribute_message);
  comes_back<AttributeRequest>([](const AttributeRequest& m) { return encode(m); },
                               decode_attribute_request);
  comes_back<AttributeReply>([](const AttributeReply& m) { return encode(m); },
                             decode_attribute_reply);
}

TEST_CASE("every message of the executor comes back as it was") {
  Each<executor::Request>::comes_back([](executor::Request m) { return executor::encode(m); },
                                      executor::decode_request);
  Each<executor::Answer>::comes_back([](executor::Answer m) { return executor::encode(m); },
                                     executor::decode_answer);
}

TEST_CASE("every message of the fencer comes back as it was") {
  Each<fencer::Request>::comes_back([](fencer::Request m) { return fencer::encode(m); },
                                    fencer::decode_request);
  Each<fencer::Answer>::comes_back([](fencer::Answer m) { return fencer::encode(m); },
                                   fencer::decode_answer);
  Each<fencer::PeerMessage>::comes_back([](fencer::PeerMessage m) { return fencer::encode(m); },
                                        fencer::decode_peer_message);
}

TEST_CASE("every message of the CIB comes back as it was") {
  const auto encode_any = [](const auto& m) { return encode(m); };
  Each<CibClientMessage>::comes_back(encode_any, decode_cib_client_message);
  Each<CibServerMessage>::comes_back(encode_any, decode_cib_server_message);
  comes_back<CibHealth>(encode_any, decode_cib_health);
  Each<ReplicaMessage>::comes_back([](ReplicaMessage m) { return encode(m); },
                                   decode_replica_message);
}

TEST_CASE("every message of launcher and scheduler comes back as it was") {
  const auto encode_any = [](const auto& m) { return encode(m); };
  comes_back<LivenessPing>(encode_any, decode_liveness_ping);
  comes_back<LivenessPong>(encode_any, decode_liveness_pong);
  Each<LauncherRequest>::comes_back([](LauncherRequest m) { return encode(m); },
                                    decode_launcher_request);
  comes_back<LauncherReply>(encode_any, decode_launcher_reply);
  Each<SchedulerMessage>::comes_back(encode_any, decode_scheduler_message);
  comes_back<ScheduleReply>(encode_any, decode_schedule_reply);
}
