#include "mon/external_agent.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <vector>

#include "base/agent_result.h"
#include "base/text.h"
#include "status/history.h"

extern char** environ;

namespace quorate::cli::mon {
namespace {

/// `STATUS:RC;ACTION:TRANSITION:TARGET-RC:UUID`.
struct Magic {
  int status = 0;
  int rc = 0;
  int target_rc = 0;
};
std::optional<Magic> parse_magic(std::string_view text) {
  const auto semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  const auto result = split_words(text.substr(0, semicolon), ':');
  const auto key = split_words(text.substr(semicolon + 1), ':');
  if (result.size() != 2 || key.size() < 3) return std::nullopt;
  const auto status = to_integer(result[0]);
  const auto rc = to_integer(result[1]);
  const auto target = to_integer(key[2]);
  if (!status || !rc || !target) return std::nullopt;
  return Magic{static_cast<int>(*status), static_cast<int>(*rc), static_cast<int>(*target)};
}

/// The environment of the agent: ours, without what it is told.
std::vector<std::string> environment_for(const std::optional<std::string>& recipient,
                                         const AgentEvent& event) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("CRM_notify_")) variables.emplace_back(*variable);
  }
  const auto add = [&](std::string_view name, std::string_view value) {
    variables.push_back(fmt::format("CRM_notify_{}={}", name, value));
  };
  if (recipient) add("recipient", *recipient);
  add("node", event.node);
  if (!event.resource.empty()) add("rsc", event.resource);
  add("task", event.task);
  add("desc", event.description);
  add("rc", std::to_string(event.rc));
  add("target_rc", std::to_string(event.target_rc));
  add("status", std::to_string(event.status));
  return variables;
}

}  // namespace

std::optional<AgentEvent> event_of(xml::Element entry, std::string_view node) {
  const std::string_view key_text = entry.get_or("operation_key", entry.id());
  const auto key = status::parse_operation_key(key_text);
  const auto magic = parse_magic(entry.get_or("transition-magic", {}));
  if (!key || !magic) return std::nullopt;
  const ExecutionStatus executed = execution_status_from(magic->status);
  const bool done = executed == ExecutionStatus::kDone;
  if (done && magic->rc == magic->target_rc && magic->rc == ocf::kNotRunning) return std::nullopt;
  AgentEvent event;
  event.node = node;
  event.resource = key->resource;
  event.task = key->task;
  event.rc = magic->rc;
  event.target_rc = magic->target_rc;
  event.status = magic->status;
  event.description = !done                           ? execution_status_text(executed)
                      : magic->rc == magic->target_rc ? "OK"
                                                      : exit_code_text(magic->rc);
  return event;
}

AgentEvent event_of(const fencer::Operation& operation) {
  AgentEvent event;
  event.node = operation.target;
  event.task = operation.action;
  event.rc = operation.result.exit_code;
  const std::string outcome = operation.result.succeeded() ? "OK"
                              : operation.result.reason.empty()
                                  ? std::string(execution_status_text(operation.result.status))
                                  : operation.result.reason;
  event.description =
      fmt::format("Operation {} of {} by {} for {}@{}: {} (ref={})", operation.action,
                  operation.target, operation.delegate.empty() ? "<no-one>" : operation.delegate,
                  operation.client, operation.origin, outcome, operation.id);
  return event;
}

bool run_external_agent(const std::string& program, const std::optional<std::string>& recipient,
                        const AgentEvent& event) {
  std::vector<std::string> variables = environment_for(recipient, event);
  std::vector<char*> pointers;
  for (std::string& variable : variables) pointers.push_back(variable.data());
  pointers.push_back(nullptr);
  std::string name = program;
  char* arguments[] = {name.data(), nullptr};
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, program.c_str(), &files, &attributes, arguments, pointers.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return failed == 0;
}

}  // namespace quorate::cli::mon
