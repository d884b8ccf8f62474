#include "base/agent_result.h"

namespace quorate {

std::string_view exit_code_text(int exit_code) {
  switch (exit_code) {
    case ocf::kOk:
      return "OK";
    case ocf::kError:
      return "Error occurred";
    case ocf::kInvalidParameter:
      return "Invalid parameter";
    case ocf::kUnimplemented:
      return "Unimplemented";
    case ocf::kInsufficientPrivileges:
      return "Insufficient privileges";
    case ocf::kNotInstalled:
      return "Not installed";
    case ocf::kNotConfigured:
      return "Not configured";
    case ocf::kNotRunning:
      return "Not running";
    case ocf::kPromoted:
      return "Promoted";
    case ocf::kFailedPromoted:
      return "Failed in promoted role";
    case 189:
    case 192:
      return "Interrupted by signal";
    case ocf::kDegraded:
      return "Service is active but might fail soon";
    case ocf::kDegradedPromoted:
      return "Service is promoted but might fail soon";
    case ocf::kUnknown:
      return "No exit status available";
    default:
      return "Unknown exit status";
  }
}

std::string_view execution_status_text(ExecutionStatus status) {
  switch (status) {
    case ExecutionStatus::kPending:
      return "Pending";
    case ExecutionStatus::kDone:
      return "Done";
    case ExecutionStatus::kCancelled:
      return "Cancelled";
    case ExecutionStatus::kTimedOut:
      return "Timed out";
    case ExecutionStatus::kUnsupported:
      return "Unsupported";
    case ExecutionStatus::kError:
      return "Error";
    case ExecutionStatus::kHardError:
      return "Hard error";
    case ExecutionStatus::kFatalError:
      return "Fatal error";
    case ExecutionStatus::kNotInstalled:
      return "Not installed";
    case ExecutionStatus::kNotConnected:
      return "Internal communication failure";
    case ExecutionStatus::kCannotExecute:
      return "Cannot execute now";
    case ExecutionStatus::kNoFenceDevice:
      return "No fence device";
    case ExecutionStatus::kNoSecrets:
      return "CIB secrets unavailable";
    case ExecutionStatus::kUnknown:
      break;
  }
  return "Unrecognized status (bug?)";
}

ExecutionStatus execution_status_from(int number) {
  return number >= -1 && number <= 11 ? static_cast<ExecutionStatus>(number)
                                      : ExecutionStatus::kUnknown;
}

}  // namespace quorate
