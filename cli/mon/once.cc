#include "mon/once.h"

#include "cib/upgrade.h"
#include "common/cib_access.h"
#include "common/controller_call.h"
#include "common/exit_code.h"
#include "common/fencing_history.h"
#include "common/launcher_call.h"
#include "mon/show.h"
#include "mon/warnings.h"

namespace quorate::cli::mon {
namespace {

/// How long a daemon may take for an answer to a small question.
constexpr std::int64_t kAnswerMs = 10'000;

/// Reads and upgrades the CIB. True if it is there; otherwise the error was said.
bool read_cib(Output& output, Result<std::unique_ptr<CibAccess>> access, ClusterState& state) {
  Result<xml::Document> document =
      access ? (*access)->document() : tl::unexpected<Error>(access.error());
  if (!document) {
    output.bare_error("Could not connect to the CIB: " + document.error().message);
    return false;
  }
  state.cib = std::move(*document);
  xml::Element root = state.cib.root();
  if (!root.first_child("status")) root.add("status");
  cib::Schemas schemas;
  if (auto usable = cib::make_usable(state.cib, schemas); !usable) {
    output.bare_error("Upgrade failed: " + usable.error().message);
    output.bare_error("Error outputting status info from the fencer or CIB");
    return false;
  }
  return true;
}

FencingHistory fetch_history() {
  const auto ask = []() -> Result<fencer::Reply> {
    auto connection = ipc::Connection::open("quorate-fencer", kAnswerMs);
    if (!connection) return tl::unexpected<Error>(connection.error());
    fencer::GetHistory request;
    request.request = 1;
    if (auto sent = connection->send(encode(fencer::Request(request)), kAnswerMs); !sent) {
      return tl::unexpected<Error>(sent.error());
    }
    while (true) {
      const auto text = connection->receive(kAnswerMs);
      if (!text) return tl::unexpected<Error>(text.error());
      auto answer = fencer::decode_answer(*text);
      if (!answer) return tl::unexpected<Error>(answer.error());
      if (auto* reply = std::get_if<fencer::Reply>(&*answer)) return std::move(*reply);
    }
  };
  FencingHistory history;
  auto reply = ask();
  if (!reply) {
    history.exit_code = exit_code_of(reply.error().kind);
  } else if (!reply->result.succeeded()) {
    history.exit_code = exit_code::kError;
  } else {
    history.events = std::move(reply->history);
    sort_history(history.events);
  }
  return history;
}

/// What there is to say of this node's daemons and its copy of the CIB.
std::vector<std::string> warnings_of(const LauncherReply& launcher) {
  std::vector<std::string> lines = daemon_warnings(launcher);
  auto connection = ipc::Connection::open("quorate-cib", kAnswerMs);
  if (!connection || !connection->send(encode(CibHealthQuestion{}), kAnswerMs)) return lines;
  const auto text = connection->receive(kAnswerMs);
  if (!text) return lines;
  if (const auto health = decode_cib_health(*text)) {
    for (std::string& line : cib_warnings(*health)) lines.push_back(std::move(line));
  }
  return lines;
}

std::optional<std::string> local_node_name() {
  auto controller = ControllerCall::open("crm_mon");
  if (!controller) return std::nullopt;
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kNodeInfo;
  const auto reply = controller->ask(request, kAnswerMs);
  if (!reply || !reply->ok || reply->nodes.size() != 1) return std::nullopt;
  return reply->nodes.front().name;
}

int display(Output& output, const Settings& settings, const Shown& shown, ClusterState& state) {
  if (auto shown_well = show(output, settings, shown, state, false); !shown_well) {
    output.error(shown_well.error().message);
    return exit_code::kConfig;
  }
  return exit_code::kOk;
}

int no_cluster(Output& output, const Error& error) {
  const std::string text =
      error.kind == ErrorKind::kDisconnected ? "Connection refused" : error.message;
  output.error("Connection to cluster failed: " + text);
  return exit_code_of(error.kind);
}

int show_live(Output& output, const Settings& settings, const Shown& shown) {
  const auto launcher = ask_launcher(kAnswerMs);
  if (!launcher) return no_cluster(output, launcher.error());
  if (launcher->state != LauncherState::kRunning &&
      launcher->state != LauncherState::kShuttingDown) {
    write_health(output, *launcher);
    return exit_code::kOk;
  }
  ClusterState state;
  state.live = true;
  state.launcher_state = launcher_state_name(launcher->state);
  state.warnings = warnings_of(*launcher);
  if (!read_cib(output, CibAccess::open_live("crm_mon"), state)) {
    write_health(output, *launcher);
    return exit_code::kOk;
  }
  if ((shown.sections & section::kFencing) != 0) state.fencing = fetch_history();
  if ((shown.sections & section::kTimes) != 0) state.local_node = local_node_name();
  return display(output, settings, shown, state);
}

}  // namespace

int show_once(Output& output, const Settings& settings, const Shown& shown) {
  if (!settings.xml_file && !file_in_place_of_cluster()) return show_live(output, settings, shown);
  ClusterState state;
  auto access =
      settings.xml_file ? CibAccess::open_file(*settings.xml_file) : CibAccess::open("crm_mon");
  if (!read_cib(output, std::move(access), state)) return exit_code::kOk;
  return display(output, settings, shown, state);
}

}  // namespace quorate::cli::mon
