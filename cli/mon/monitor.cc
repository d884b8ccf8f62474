#include "mon/monitor.h"

#include <algorithm>

#include "cib/upgrade.h"
#include "common/exit_code.h"
#include "common/fencing_history.h"
#include "io/ipc/endpoint.h"
#include "messages/controller.h"
#include "mon/warnings.h"

namespace quorate::cli::mon {
namespace {

ipc::ClientOptions service(std::string_view name, std::int64_t interval_ms) {
  ipc::ClientOptions options;
  options.path = ipc::service_path(ipc::run_directory(), name);
  options.max_retry_ms = std::max<std::int64_t>(interval_ms, 100);
  options.retry_ms = std::min<std::int64_t>(options.max_retry_ms, 250);
  return options;
}

/// Nobody is at the other end, and that is known.
bool missing(const ipc::Client& client) { return !client.is_up() && !client.last_error().empty(); }

}  // namespace

Monitor::Monitor(io::Loop& loop, const Options& options, Handlers handlers)
    : loop_(loop), options_(options), handlers_(std::move(handlers)) {
  const auto client = [&](std::string_view name, std::function<void()> up,
                          std::function<void()> down,
                          void (Monitor::*message)(const std::string&)) {
    return std::make_unique<ipc::Client>(
        loop_, service(name, options_.interval_ms),
        ipc::Client::Handlers{
            [up](std::int32_t) { up(); }, [down](const std::string&) { down(); },
            [this, message](const std::string& text) { (this->*message)(text); }});
  };
  launcher_client_ = client(
      "quorated", [this] { ask_launcher(); }, [this] { launcher_.reset(); },
      &Monitor::launcher_message);
  controller_client_ = client(
      "quorate-controller", [this] { ask_controller(); }, [] {}, &Monitor::controller_message);
  // A connection of its own: the follower's may be closed on a user who can't read everything.
  health_client_ = client(
      "quorate-cib", [this] { health_client_->send(encode(CibHealthQuestion{})); },
      [this] { health_ = {}; }, &Monitor::cib_health_message);
  if (options_.fencing) {
    fencer_client_ = client(
        "quorate-fencer",
        [this] {
          fencer_client_->send(encode(fencer::Request(fencer::Subscribe{})));
          asking_history_ = false;
          ask_history();
        },
        [this] {
          fencing_.reset();
          handlers_.updated();
        },
        &Monitor::fencer_message);
  }
  CibFollower::Handlers follow;
  follow.document = [this] {
    handlers_.link();
    handlers_.updated();
  };
  follow.change = [this](const CibChange&, xml::Element patch) {
    if (handlers_.result) for_each_new_result(*cib_->cib(), patch, handlers_.result);
    handlers_.updated();
  };
  follow.lost = [this] { handlers_.link(); };
  cib_ = std::make_unique<CibFollower>(
      loop_,
      CibFollower::Options{service("quorate-cib", options_.interval_ms), "crm_mon",
                           options_.interval_ms},
      std::move(follow));
  tick();
}

/// Daemons that end and start again, and disks that fail, change nothing in the CIB: launcher and
/// CIB service are asked now and then.
void Monitor::tick() {
  ask_launcher();
  health_client_->send(encode(CibHealthQuestion{}));
  tick_ = loop_.after(std::max<std::int64_t>(options_.interval_ms, 1'000), [this] { tick(); });
}

bool Monitor::complete() const {
  if (!connected()) return false;
  if (!launcher_ && !missing(*launcher_client_)) return false;
  if (!local_node_ && !missing(*controller_client_)) return false;
  return !fencer_client_ || fencing_ || missing(*fencer_client_);
}

std::optional<std::string> Monitor::launcher_state() const {
  if (!launcher_) return std::nullopt;
  return std::string(launcher_state_name(launcher_->state));
}

Result<ClusterState> Monitor::state() const {
  ClusterState state;
  state.live = true;
  state.cib = xml::Document::copy_of(cib_->cib()->root());
  xml::Element root = state.cib.root();
  if (!root.first_child("status")) root.add("status");
  cib::Schemas schemas;
  if (auto usable = cib::make_usable(state.cib, schemas); !usable) {
    return fail(ErrorKind::kSchema, "Upgrade failed: " + usable.error().message);
  }
  state.launcher_state = launcher_state();
  state.local_node = local_node_;
  state.warnings = warnings();
  state.fencing = fencing_;
  if (fencer_client_ && !fencing_ && missing(*fencer_client_)) {
    state.fencing.emplace().exit_code = exit_code::kDisconnect;
  }
  return state;
}

// ---- Fencing ------------------------------------------------------------------------------------

void Monitor::ask_history() {
  if (asking_history_) {
    history_changed_ = true;
    return;
  }
  fencer::GetHistory request;
  request.request = 1;
  asking_history_ = fencer_client_->send(encode(fencer::Request(request)));
}

void Monitor::fencer_message(const std::string& text) {
  auto answer = fencer::decode_answer(text);
  if (!answer) return;
  if (const auto* notification = std::get_if<fencer::Notification>(&*answer)) {
    using What = fencer::Notification::What;
    if (notification->what == What::kDeviceAdded || notification->what == What::kDeviceRemoved) {
      return;
    }
    if (notification->what == What::kFenced && handlers_.fenced) {
      handlers_.fenced(notification->operation);
    }
    return ask_history();
  }
  auto& reply = std::get<fencer::Reply>(*answer);
  asking_history_ = false;
  FencingHistory history;
  if (reply.result.succeeded()) {
    history.events = std::move(reply.history);
    sort_history(history.events);
  } else {
    history.exit_code = exit_code::kError;
  }
  fencing_ = std::move(history);
  handlers_.updated();
  if (std::exchange(history_changed_, false)) ask_history();
}

// ---- This node ----------------------------------------------------------------------------------

void Monitor::ask_launcher() { launcher_client_->send(encode(LauncherStatusRequest{1})); }

void Monitor::launcher_message(const std::string& text) {
  auto reply = decode_launcher_reply(text);
  if (!reply) return;
  const bool news = !launcher_ || launcher_->state != reply->state ||
                    daemon_warnings(*launcher_) != daemon_warnings(*reply);
  launcher_ = std::move(*reply);
  if (news) handlers_.updated();
}

void Monitor::cib_health_message(const std::string& text) {
  auto health = decode_cib_health(text);
  if (!health || health->concerns == health_.concerns) return;
  health_ = std::move(*health);
  handlers_.updated();
}

std::vector<std::string> Monitor::warnings() const {
  std::vector<std::string> lines;
  if (launcher_) lines = daemon_warnings(*launcher_);
  for (std::string& line : cib_warnings(health_)) lines.push_back(std::move(line));
  return lines;
}

void Monitor::ask_controller() {
  ControllerRequest request;
  request.id = 1;
  request.kind = ControllerRequest::Kind::kNodeInfo;
  request.client = "crm_mon";
  controller_client_->send(encode(request));
}

void Monitor::controller_message(const std::string& text) {
  const auto reply = decode_controller_reply(text);
  if (!reply || !reply->ok || reply->nodes.size() != 1) return;
  if (local_node_ == reply->nodes.front().name) return;
  local_node_ = reply->nodes.front().name;
  handlers_.updated();
}

}  // namespace quorate::cli::mon
