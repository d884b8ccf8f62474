#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/context.h"

/// One recorded operation, its attributes read once (spec/03 §11.1), and the order of a resource's
/// operations on a node (§10.5, §10.6).
namespace quorate::scheduler {

/// Execution status of an operation.
enum class OpStatus : int {
  kPending = -1,
  kDone = 0,
  kCancelled = 1,
  kTimedOut = 2,
  kNotSupported = 3,
  kError = 4,
  kHardError = 5,
  kFatalError = 6,
  kNotInstalled = 7,
  kNotConnected = 8,
  kInvalid = 9,
  kNoFenceDevice = 10,
  kNoSecrets = 11,
};

/// Exit status of an operation, in OCF terms.
namespace exit_status {
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
}  // namespace exit_status

/// Views into the document; numbers are -1 where absent or invalid unless said otherwise.
struct HistoryEntry {
  xml::Element element;
  std::string_view id;
  std::string_view task;
  std::string_view operation_key;
  std::string_view exit_reason;
  std::string_view status_text;  ///< op-status as written
  std::string_view code_text;    ///< rc-code as written
  std::string_view change_text;  ///< last-rc-change as written
  std::string_view magic;        ///< transition-magic
  std::string_view migrate_source;
  std::string_view migrate_target;
  std::optional<std::string_view> on_node;
  std::int64_t interval_ms = 0;
  std::int64_t call_id = -1;
  std::optional<std::int64_t> status;  ///< op-status, if it is a number
  std::optional<std::int64_t> code;    ///< rc-code, if it is a number
  std::int64_t changed_at = -1;        ///< last-rc-change, epoch seconds
  std::int64_t expected = -1;          ///< exit status the transition expected
  bool has_digest = false;

  bool is_probe() const { return task == "monitor" && interval_ms == 0; }
  bool is_recurring() const { return interval_ms > 0; }
  /// A probe whose recorded failure means "not installed here" (§11.1).
  bool is_maskable_probe() const {
    return is_probe() &&
           (code == exit_status::kNotInstalled || code == exit_status::kInvalidParameter ||
            status == static_cast<int>(OpStatus::kNotInstalled));
  }
  bool is_last_failure() const { return id.ends_with("_last_failure_0"); }
  /// The key, or the ID where there is none.
  std::string_view key() const { return operation_key.empty() ? id : operation_key; }
};

HistoryEntry parse_entry(xml::Element element);

/// The entries of an lrm_resource, oldest first (§10.5).
std::vector<HistoryEntry> sorted_entries(Context& context, xml::Element lrm_resource);
/// Negative: a is older than b; positive: newer (§10.5).
int compare_entries(Context& context, const HistoryEntry& a, const HistoryEntry& b);

/// Positions as of §10.6.
struct EntryMarks {
  int start = -1;
  int stop = -1;
};
EntryMarks entry_marks(const std::vector<HistoryEntry>& sorted);

/// `ACTION:TRANSITION:TARGETRC:UUID`, as in transition-key.
struct TransitionKey {
  std::int64_t action = -1;
  std::int64_t transition = -1;
  std::int64_t expected = -1;
  std::string_view uuid;
};
std::optional<TransitionKey> parse_transition_key(std::string_view text);

/// What an exit status means, for messages (§11.1).
std::string_view exit_status_text(std::int64_t code);
/// `Mar  9 12:59:41 2021`, local time, or `unknown_time`.
std::string change_time_text(const HistoryEntry& entry, std::int32_t offset_seconds);

}  // namespace quorate::scheduler
