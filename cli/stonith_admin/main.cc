// stonith_admin: fencing by hand, devices, history (spec/12 §24, spec/14 §11).

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/duration.h"
#include "base/text.h"
#include "common/exit_code.h"
#include "common/fencing_history.h"
#include "common/help.h"
#include "common/local_time.h"
#include "common/tool.h"
#include "io/ipc/connection.h"
#include "io/runtime/agent_files.h"
#include "messages/fencer.h"
#include "status/time_text.h"
#include "stonith_admin/settings.h"

namespace quorate::stonith_admin {
namespace {

using namespace cli;
namespace exit_code = cli::exit_code;

constexpr Program kProgram = {
    "stonith_admin", "access the Pacemaker fencing API", "", "adehilorstvyBCDFHQRTU", "", true};

/// What a failed result means to the caller (spec/12 §19).
struct Failure {
  int exit_code = exit_code::kError;
  std::string text;
};

bool mentions(std::string_view text, std::string_view words) {
  return to_lower(text).find(words) != std::string::npos;
}

Failure failure_of(const AgentResult& result) {
  switch (result.status) {
    case ExecutionStatus::kPending:
      return {exit_code::kError, "Operation now in progress"};
    case ExecutionStatus::kCancelled:
      return {exit_code::kError, "Operation canceled"};
    case ExecutionStatus::kTimedOut:
      return {exit_code::kTimeout, "Timer expired"};
    case ExecutionStatus::kNotInstalled:
      return {exit_code::kNoSuch, "No such file or directory"};
    case ExecutionStatus::kUnsupported:
      return {3, "Operation not supported"};
    case ExecutionStatus::kNotConnected:
      return {exit_code::kDisconnect, "Transport endpoint is not connected"};
    case ExecutionStatus::kNoFenceDevice:
      return {exit_code::kNoSuch, "No such device"};
    case ExecutionStatus::kNoSecrets:
      return {exit_code::kInsufficientPrivileges, "Permission denied"};
    case ExecutionStatus::kCannotExecute:
      if (result.exit_code == ocf::kInvalidParameter) {
        return {exit_code::kSoftware, "Invalid argument"};
      }
      if (result.exit_code == ocf::kInsufficientPrivileges) {
        return {exit_code::kInsufficientPrivileges, "Permission denied"};
      }
      return {exit_code::kError, "Error"};
    default:
      break;
  }
  if (mentions(result.reason, "timed out") || mentions(result.reason, "timeout")) {
    return {exit_code::kTimeout, "Timer expired"};
  }
  return {exit_code::kError, "No data available"};
}

std::string counted(std::size_t count, std::string_view kind) {
  return fmt::format("{} {}{} found", count, kind, count == 1 ? "" : "s");
}

class StonithAdmin {
 public:
  StonithAdmin(Settings settings, int verbosity, Output& output)
      : settings_(std::move(settings)), verbosity_(verbosity), output_(output) {}

  int run() {
    output_.set_quiet(settings_.quiet);
    constexpr std::int64_t kMaxTimeoutS = 4'294'967;
    if (settings_.timeout_s < 0 || settings_.timeout_s > kMaxTimeoutS) {
      output_.bare_error(
          fmt::format("Integer value \"{}\" for -t out of range", settings_.timeout_s));
      return exit_code::kUsage;
    }
    const bool needs_agent = settings_.command == Command::kRegister ||
                             settings_.command == Command::kValidate ||
                             settings_.command == Command::kMetadata;
    if (settings_.command == Command::kNone || (needs_agent && !settings_.agent)) {
      Settings unused;
      const std::string help = help_text(kProgram, option_groups(unused), "", true);
      output_.bare_error(settings_.command == Command::kNone
                             ? help
                             : "Please specify an agent to query using -a,--agent [value]\n" +
                                   help);
      return exit_code::kUsage;
    }
    if (settings_.command == Command::kListInstalled) return list_installed();
    if (const int code = connect(); code != exit_code::kOk) return code;
    return carry_out();
  }

 private:
  bool fences() const {
    return settings_.command == Command::kFence || settings_.command == Command::kReboot ||
           settings_.command == Command::kUnfence;
  }

  int connect() {
    const int tries = fences() ? 10 : 1;
    for (int attempt = 1;; ++attempt) {
      auto opened = ipc::Connection::open("quorate-fencer", 5'000);
      if (opened) {
        connection_.emplace(std::move(*opened));
        return exit_code::kOk;
      }
      const bool refused = opened.error().kind == ErrorKind::kPermission;
      if (attempt == tries || refused) {
        const std::string text =
            refused ? "Permission denied" : "Transport endpoint is not connected";
        if (fences()) {
          output_.error(fmt::format("Couldn't {} {}: {}", verb(), settings_.subject, text));
        } else {
          output_.bare_error("Could not connect to fencer: " + text);
        }
        return refused ? exit_code::kInsufficientPrivileges : exit_code::kDisconnect;
      }
      std::this_thread::sleep_for(std::chrono::seconds(2));
    }
  }

  std::string verb() const { return settings_.command == Command::kUnfence ? "unfence" : "fence"; }

  std::string client_name() const {
    return settings_.tag ? "stonith_admin." + *settings_.tag : "stonith_admin";
  }

  /// Sends a request and waits for its answer; a lost connection is a result too.
  fencer::Reply ask(fencer::Request request, std::int64_t timeout_s) {
    std::visit(
        [](auto& what) {
          if constexpr (requires { what.request; }) what.request = 1;
        },
        request);
    fencer::Reply lost;
    lost.result = {ocf::kError, ExecutionStatus::kNotConnected, ""};
    if (!connection_->send(fencer::encode(request))) return lost;
    std::int64_t deadline_ms = (timeout_s + 10) * 1000;
    const auto start = std::chrono::steady_clock::now();
    while (true) {
      const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::steady_clock::now() - start)
                             .count();
      auto received = connection_->receive(std::max<std::int64_t>(deadline_ms - spent, 0));
      if (!received) {
        if (received.error().kind == ErrorKind::kTimeout) {
          lost.result.status = ExecutionStatus::kTimedOut;
        }
        return lost;
      }
      auto answer = fencer::decode_answer(*received);
      if (!answer) continue;
      auto* reply = std::get_if<fencer::Reply>(&*answer);
      if (reply == nullptr || reply->request != 1) continue;
      if (!reply->more_to_come) return std::move(*reply);
      deadline_ms = std::max(deadline_ms, (reply->wait_s + 10) * 1000);
    }
  }

  int carry_out() {
    switch (settings_.command) {
      case Command::kNone:
        return exit_code::kUsage;
      case Command::kFence:
        return fence("off");
      case Command::kReboot:
        return fence("reboot");
      case Command::kUnfence:
        return fence("on");
      case Command::kConfirm:
        return confirm();
      case Command::kListRegistered:
        return list_devices("");
      case Command::kListFor:
        return list_devices(settings_.subject);
      case Command::kListInstalled:
        return list_installed();
      case Command::kListTargets:
        return list_targets();
      case Command::kQuery:
        return query();
      case Command::kRegister:
        return change(
            fencer::AddDevice{0, settings_.subject, *settings_.agent, settings_.parameters, false},
            fmt::format("Can't register device {} using agent {}", settings_.subject,
                        *settings_.agent));
      case Command::kDeregister:
        return change(fencer::RemoveDevice{0, settings_.subject},
                      "Can't unregister device " + settings_.subject);
      case Command::kRegisterLevel:
        return change(fencer::AddLevel{0, settings_.subject, settings_.index, settings_.devices},
                      fmt::format("Can't register topology level {} for {}", settings_.index,
                                  settings_.subject));
      case Command::kDeregisterLevel:
        return change(fencer::RemoveLevel{0, settings_.subject, settings_.index},
                      fmt::format("Can't unregister topology level {} for {}", settings_.index,
                                  settings_.subject));
      case Command::kMetadata:
        return metadata();
      case Command::kValidate:
        return validate();
      case Command::kLast:
        return last();
      case Command::kHistory:
        return history();
    }
    return exit_code::kUsage;
  }

  int fence(const std::string& action) {
    fencer::Fence request;
    request.target = settings_.subject;
    request.action = action;
    request.timeout_s = settings_.timeout_s;
    request.delay_s = settings_.delay_s;
    if (settings_.tolerance) {
      request.tolerance_s = parse_interval_ms(*settings_.tolerance).value_or(0) / 1000;
    }
    request.client = client_name();
    const fencer::Reply reply = ask(request, settings_.timeout_s * 2);
    if (reply.result.succeeded()) return exit_code::kOk;
    const Failure failure = failure_of(reply.result);
    std::string text = fmt::format("Couldn't {} {}: {}", verb(), settings_.subject, failure.text);
    if (!reply.result.reason.empty() && reply.result.reason != failure.text) {
      text += " (" + reply.result.reason + ")";
    }
    output_.error(text);
    return failure.exit_code;
  }

  int confirm() {
    const fencer::Reply reply =
        ask(fencer::Confirm{0, settings_.subject, client_name(), 0}, settings_.timeout_s);
    return reply.result.succeeded() ? exit_code::kOk : failure_of(reply.result).exit_code;
  }

  int change(fencer::Request request, const std::string& complaint) {
    const fencer::Reply reply = ask(std::move(request), settings_.timeout_s);
    if (reply.result.succeeded()) return exit_code::kOk;
    const Failure failure = failure_of(reply.result);
    output_.bare_error(complaint + ": " + failure.text);
    return failure.exit_code;
  }

  void print_list(std::string_view title, std::string_view kind, std::string_view item_name,
                  const std::vector<std::string>& names) {
    output_.xml().open("list");
    output_.xml().attribute("name", title);
    output_.xml().attribute("count", static_cast<std::int64_t>(names.size()));
    for (const std::string& name : names) {
      output_.info(name);
      output_.xml().open("item");
      if (!item_name.empty()) output_.xml().attribute("name", item_name);
      output_.xml().close_with_text(name);
    }
    output_.xml().close();
    output_.info(counted(names.size(), kind));
  }

  int list_devices(const std::string& target) {
    const fencer::Reply reply = ask(fencer::ListDevices{0, target}, settings_.timeout_s);
    if (!reply.result.succeeded()) {
      const Failure failure = failure_of(reply.result);
      output_.bare_error("Failed to list registered devices: " + failure.text);
      return failure.exit_code;
    }
    print_list("registered fence devices", "fence device", "device", reply.names);
    return exit_code::kOk;
  }

  int list_installed() {
    const std::string lines = runtime::list_agents(runtime::agent_paths(), "agents\nstonith\n");
    std::vector<std::string> names;
    for (const std::string_view line : split_words(lines, '\n')) names.emplace_back(line);
    print_list("installed fence devices", "fence device", "device", names);
    return exit_code::kOk;
  }

  int list_targets() {
    const fencer::Reply reply =
        ask(fencer::RunDevice{0, settings_.subject, "list", "", settings_.timeout_s},
            settings_.timeout_s);
    if (!reply.result.succeeded()) {
      const Failure failure = failure_of(reply.result);
      output_.bare_error("Couldn't list targets: " + failure.text);
      return failure.exit_code;
    }
    print_list("fence targets", "fence target", "", reply.names);
    return exit_code::kOk;
  }

  int query() {
    fencer::Reply reply =
        ask(fencer::RunDevice{0, settings_.subject, "monitor", "", settings_.timeout_s},
            settings_.timeout_s);
    if (!reply.result.succeeded()) {
      reply = ask(fencer::RunDevice{0, settings_.subject, "list", "", settings_.timeout_s},
                  settings_.timeout_s);
    }
    return reply.result.succeeded() ? exit_code::kOk : failure_of(reply.result).exit_code;
  }

  int metadata() {
    const fencer::Reply reply =
        ask(fencer::GetMetadata{0, *settings_.agent, settings_.timeout_s}, settings_.timeout_s);
    if (!reply.result.succeeded()) {
      output_.bare_error("Can't get fence agent meta-data: No such device");
      return exit_code::kNoSuch;
    }
    output_.text().line(reply.output);
    output_.xml().cdata_element("metadata", reply.output);
    return exit_code::kOk;
  }

  int validate() {
    fencer::Validate request;
    request.agent = *settings_.agent;
    request.parameters = settings_.parameters;
    if (!settings_.devices.empty()) request.device = settings_.devices.front();
    request.timeout_s = settings_.timeout_s;
    const fencer::Reply reply = ask(request, settings_.timeout_s);
    const bool valid = reply.result.succeeded();
    const bool installed = reply.result.status != ExecutionStatus::kNotInstalled;
    const std::string text = !installed ? fmt::format("Agent {} not found", request.agent)
                             : reply.output.empty() ? reply.result.reason
                                                    : reply.output;
    output_.text().line(fmt::format("Validation of {}{} {}", request.agent,
                                    request.device.empty() ? "" : " on " + request.device,
                                    valid ? "succeeded" : "failed"));
    if (!text.empty()) output_.text().line(text);
    output_.xml().open("validate");
    output_.xml().attribute("agent", request.agent);
    output_.xml().attribute("valid", valid);
    if (!request.device.empty()) output_.xml().attribute("device", request.device);
    output_.xml().open("command");
    output_.xml().attribute("code", installed ? reply.result.exit_code : ENOENT);
    if (!text.empty()) {
      output_.xml().open("output");
      output_.xml().attribute("source", valid ? "stdout" : "stderr");
      output_.xml().close_with_text(text);
    }
    output_.xml().close();
    output_.xml().close();
    return valid ? exit_code::kOk : failure_of(reply.result).exit_code;
  }

  std::vector<fencer::Operation> fetch_history(const std::string& target, int& code) {
    fencer::GetHistory request;
    request.target = target;
    request.synchronise = settings_.broadcast;
    fencer::Reply reply = ask(request, settings_.timeout_s);
    code = reply.result.succeeded() ? exit_code::kOk : failure_of(reply.result).exit_code;
    sort_history(reply.history);
    return std::move(reply.history);
  }

  int last() {
    int code = exit_code::kOk;
    const auto events = fetch_history(settings_.subject, code);
    if (code != exit_code::kOk) return code;
    const auto found = std::find_if(events.begin(), events.end(), [](const auto& event) {
      return event.state == fencer::OperationState::kCompleted;
    });
    if (found == events.end()) {
      output_.info(fmt::format("Node {} has never been fenced", settings_.subject));
      return exit_code::kOk;
    }
    const std::string text = status::ctime_text(found->completed_ms / 1000, &local_utc_offset);
    output_.info(fmt::format("Node {} last fenced at: {}", settings_.subject, text));
    output_.xml().open("last-fenced");
    output_.xml().attribute("target", settings_.subject);
    output_.xml().attribute("when", text);
    output_.xml().close();
    return exit_code::kOk;
  }

  int history() {
    const std::string target = settings_.subject == "*" ? "" : settings_.subject;
    if (settings_.cleanup) {
      output_.info("cleaning up fencing-history for node " + settings_.subject);
      const fencer::Reply reply = ask(fencer::CleanHistory{0, target}, settings_.timeout_s);
      return reply.result.succeeded() ? exit_code::kOk : failure_of(reply.result).exit_code;
    }
    if (settings_.broadcast) output_.info("gather fencing-history from all nodes");
    int code = exit_code::kOk;
    const auto events = fetch_history(target, code);
    if (code != exit_code::kOk) return code;
    print_history(events);
    return exit_code::kOk;
  }

  void print_history(const std::vector<fencer::Operation>& events) {
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (verbosity_ > 0) {
        shown.push_back(i);
      } else if (events[i].state == fencer::OperationState::kCompleted) {
        shown.assign(1, i);  // the last match, which is the oldest (quirk of spec/12 §24.3)
      }
    }
    if (settings_.quiet) {
      if (!shown.empty()) {
        output_.text().line(std::to_string(events[shown.front()].completed_ms / 1000));
      }
      return;
    }
    output_.xml().open("list");
    output_.xml().attribute("name", "fencing history");
    output_.xml().attribute("count", static_cast<std::int64_t>(shown.size()));
    for (const std::size_t i : shown) {
      output_.text().line(describe_event(events, i, EventForm::kDetailed, verbosity_ > 0));
      write_event(output_.xml(), events[i]);
    }
    output_.xml().close();
    output_.text().line(counted(shown.size(), "event"));
  }

  Settings settings_;
  int verbosity_;
  Output& output_;
  std::optional<ipc::Connection> connection_;
};

}  // namespace
}  // namespace quorate::stonith_admin

int main(int argc, char** argv) {
  using namespace quorate;
  const std::vector<std::string> arguments(argv, argv + argc);
  stonith_admin::Settings settings;
  return cli::run_tool(
      stonith_admin::kProgram, stonith_admin::option_groups(settings), arguments,
      {cli::Format::kText, cli::Format::kXml, cli::Format::kHtml, cli::Format::kNone},
      [&](cli::Output& output, const cli::ParsedCommandLine& parsed) {
        return stonith_admin::StonithAdmin(settings, parsed.common.verbosity, output).run();
      });
}
