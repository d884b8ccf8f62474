#include "messages/launcher.h"

#include <array>

#include "messages/envelope.h"
#include "messages/xml_form.h"

namespace quorate {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::string_view kPing = "liveness-ping";
constexpr std::string_view kPong = "liveness-pong";
constexpr std::array<std::string_view, 6> kStates = {
    "init", "starting_daemons", "wait_for_ping", "running", "shutting_down", "shutdown_complete"};
constexpr std::array<Daemon, 7> kDaemons = {
    Daemon::kLauncher,  Daemon::kCib,      Daemon::kAttributes, Daemon::kController,
    Daemon::kScheduler, Daemon::kExecutor, Daemon::kFencer};

Result<std::uint64_t> decode_id(std::string_view text, std::string_view name) {
  const auto message = Envelope::open(text);
  if (!message) return tl::unexpected(message.error());
  if (message->name() != name)
    return fail(ErrorKind::kInvalid, "message is not a " + std::string(name));
  return message->unsigned_number("id");
}

}  // namespace

std::string_view launcher_state_name(LauncherState state) {
  return kStates[static_cast<std::size_t>(state)];
}

bool is_liveness_ping(std::string_view text) { return message_name(text) == kPing; }

std::string encode(const LivenessPing& ping) {
  return EnvelopeWriter(kPing).put_unsigned("id", ping.id).finish();
}

std::string encode(const LivenessPong& pong) {
  return EnvelopeWriter(kPong).put_unsigned("id", pong.id).finish();
}

Result<LivenessPing> decode_liveness_ping(std::string_view text) {
  const auto id = decode_id(text, kPing);
  if (!id) return tl::unexpected(id.error());
  return LivenessPing{*id};
}

Result<LivenessPong> decode_liveness_pong(std::string_view text) {
  const auto id = decode_id(text, kPong);
  if (!id) return tl::unexpected(id.error());
  return LivenessPong{*id};
}

std::string encode(const LauncherRequest& request) {
  if (const auto* status = std::get_if<LauncherStatusRequest>(&request))
    return EnvelopeWriter("launcher-status").put_unsigned("id", status->id).finish();
  return EnvelopeWriter("launcher-stop")
      .put_unsigned("id", std::get<LauncherStopRequest>(request).id)
      .finish();
}

Result<LauncherRequest> decode_launcher_request(std::string_view text) {
  const auto message = Envelope::open(text.substr(0, kMaxBytes));
  if (!message) return tl::unexpected(message.error());
  const std::uint64_t id = message->unsigned_number("id");
  if (message->name() == "launcher-status") return LauncherStatusRequest{id};
  if (message->name() == "launcher-stop") return LauncherStopRequest{id};
  return fail(ErrorKind::kInvalid, "message of unknown kind '" + std::string(message->name()) +
                                       "' refused by the launcher");
}

std::string encode(const LauncherReply& reply) {
  const xml::Document document = form::begin("launcher-reply");
  xml::Element root = document.root();
  form::put_unsigned(root, "id", reply.id);
  form::put(root, "error", reply.error);
  form::put(root, "state", launcher_state_name(reply.state));
  form::put_number(root, "last-updated", reply.last_updated);
  for (const DaemonStatus& daemon : reply.daemons) {
    xml::Element element = root.add("daemon");
    form::put(element, "name", daemon_name(daemon.daemon));
    form::put(element, "state", daemon.state);
    form::put_number(element, "pid", daemon.pid);
    form::put_number(element, "restarts", daemon.restarts);
    form::put(element, "last-end", daemon.last_end);
  }
  return root.to_string();
}

Result<LauncherReply> decode_launcher_reply(std::string_view text) {
  const auto document = form::open(text, {"launcher-reply"}, kMaxBytes);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  LauncherReply reply;
  reply.id = form::unsigned_number(root, "id");
  reply.error = form::text(root, "error");
  reply.last_updated = form::number(root, "last-updated");
  const std::string state = form::text(root, "state");
  bool known = false;
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] != state) continue;
    reply.state = static_cast<LauncherState>(i);
    known = true;
  }
  if (!known) return fail(ErrorKind::kInvalid, "launcher state '" + state + "' is unknown");
  for (const xml::Element element : xml::children(root, "daemon")) {
    const std::string name = form::text(element, "name");
    for (const Daemon daemon : kDaemons) {
      if (daemon_name(daemon) != name) continue;
      reply.daemons.push_back({daemon, form::text(element, "state"),
                               static_cast<std::int32_t>(form::number(element, "pid")),
                               form::number(element, "restarts"), form::text(element, "last-end")});
    }
  }
  return reply;
}

}  // namespace quorate
