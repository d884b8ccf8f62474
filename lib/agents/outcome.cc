#include "agents/outcome.h"

#include <cerrno>
#include <cstring>

#include "base/duration.h"

namespace quorate::agents {
namespace {

constexpr std::string_view kReasonPrefix = "ocf-exit-reason:";
constexpr std::size_t kMaxOutput = 64 * 1024;

std::string_view kind_of(Standard standard) {
  return standard == Standard::kStonith ? "Fence agent" : "Resource agent";
}

std::string error_text(int number) {
  const char* text = strerrordesc_np(number);
  return text != nullptr ? text : "error " + std::to_string(number);
}

std::string signal_text(int number) {
  const char* text = sigdescr_np(number);
  return text != nullptr ? text : "unknown";
}

/// The process was never there (spec/11 §8.2, §8.6).
AgentResult could_not_start(std::string_view program, int number) {
  const std::string path_and_text = std::string(program) + ": " + error_text(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
    case ENOEXEC:
      return {ocf::kNotInstalled, ExecutionStatus::kNotInstalled, path_and_text};
    case EACCES:
    case EPERM:
      return {ocf::kInsufficientPrivileges, ExecutionStatus::kError, path_and_text};
    default:
      return {ocf::kError, ExecutionStatus::kError, error_text(number)};
  }
}

}  // namespace

int ocf_exit_code(int status) {
  const bool known = (status >= ocf::kOk && status <= ocf::kFailedPromoted) ||
                     status == ocf::kDegraded || status == ocf::kDegradedPromoted;
  return known ? status : ocf::kError;
}

int lsb_exit_code(int status, std::string_view task) {
  if (task != "status" && task != "monitor") {
    return status >= 0 && status <= ocf::kNotRunning ? status : ocf::kError;
  }
  switch (status) {
    case 0:
      return ocf::kOk;
    case 1:
    case 2:
    case 3:
      return ocf::kNotRunning;
    case 150:
      return ocf::kNotInstalled;
    case 151:
      return ocf::kInsufficientPrivileges;
    default:
      return ocf::kError;
  }
}

std::string exit_reason(std::string_view standard_error) {
  const std::size_t at = standard_error.rfind(kReasonPrefix);
  if (at == std::string_view::npos) return {};
  standard_error.remove_prefix(at + kReasonPrefix.size());
  return std::string(standard_error.substr(0, standard_error.find('\n')).substr(0, kMaxOutput));
}

AgentResult outcome(Standard standard, std::string_view task, std::string_view program,
                    std::int64_t timeout_ms, const ProcessResult& process) {
  switch (process.end) {
    case ProcessResult::End::kCouldNotStart:
      return could_not_start(program, process.status);
    case ProcessResult::End::kTimedOut:
      return {ocf::kError, ExecutionStatus::kTimedOut,
              std::string(kind_of(standard)) + " did not complete within " +
                  readable_interval(timeout_ms)};
    case ProcessResult::End::kSignalled:
      return {ocf::kError, ExecutionStatus::kError,
              std::string(kind_of(standard)) + " interrupted by " + signal_text(process.status) +
                  " signal"};
    case ProcessResult::End::kExited:
      break;
  }
  switch (standard) {
    case Standard::kOcf:
      return {ocf_exit_code(process.status), ExecutionStatus::kDone, exit_reason(process.err)};
    case Standard::kLsb:
      return {lsb_exit_code(process.status, task), ExecutionStatus::kDone, {}};
    default:
      return {process.status, ExecutionStatus::kDone, {}};
  }
}

std::string output_of(const ProcessResult& process) {
  return (process.err.empty() ? process.out : process.err).substr(0, kMaxOutput);
}

std::string readable_interval(std::int64_t milliseconds) {
  return milliseconds <= 0 ? "0s" : format_duration_ms(milliseconds);
}

}  // namespace quorate::agents
