#pragma once

#include <string>
#include <string_view>

namespace quorate {

/// Exit codes in OCF numbering (spec/11 §2.1). Kept as plain ints in results, since the CIB may
/// hold any number.
namespace ocf {
inline constexpr int kOk = 0;
inline constexpr int kError = 1;
inline constexpr int kInvalidParameter = 2;
inline constexpr int kUnimplemented = 3;
inline constexpr int kInsufficientPrivileges = 4;
inline constexpr int kNotInstalled = 5;
inline constexpr int kNotConfigured = 6;
inline constexpr int kNotRunning = 7;
inline constexpr int kPromoted = 8;
inline constexpr int kFailedPromoted = 9;
inline constexpr int kDegraded = 190;
inline constexpr int kDegradedPromoted = 191;
inline constexpr int kUnknown = 193;
}  // namespace ocf

/// Whether the attempt to run an action worked: `op-status` of the history (spec/11 §2.2).
enum class ExecutionStatus : int {
  kUnknown = -2,
  kPending = -1,
  kDone = 0,
  kCancelled = 1,
  kTimedOut = 2,
  kUnsupported = 3,
  kError = 4,
  kHardError = 5,
  kFatalError = 6,
  kNotInstalled = 7,
  kNotConnected = 8,
  kCannotExecute = 9,
  kNoFenceDevice = 10,
  kNoSecrets = 11,
};

/// `OK`, `Not running` and so on, the texts users know; "Unknown exit status" for numbers outside
/// the table (spec/11 §2.1).
std::string_view exit_code_text(int exit_code);
/// `Done`, `Timed out` and so on (spec/11 §2.2).
std::string_view execution_status_text(ExecutionStatus status);
/// The status with this number; kUnknown outside the table.
ExecutionStatus execution_status_from(int number);

/// How an action ended: exit code, whether the attempt itself worked, and an optional reason.
struct AgentResult {
  int exit_code = ocf::kUnknown;
  ExecutionStatus status = ExecutionStatus::kUnknown;
  std::string reason;
  bool succeeded() const { return exit_code == ocf::kOk && status == ExecutionStatus::kDone; }
  friend bool operator==(const AgentResult&, const AgentResult&) = default;
};

}  // namespace quorate
