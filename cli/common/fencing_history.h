#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/fencer.h"
#include "xml/writer.h"

/// Fencing history as the tools show it (spec/12 §20, spec/13 §14).
namespace quorate::cli {

/// Pending ones first, in reverse of the order received, then by completion, newest first.
void sort_history(std::vector<fencer::Operation>& history);
/// Every pending entry, and of the others only the first for each target, action and state; failed
/// ones also by delegate. For sorted lists.
std::vector<fencer::Operation> reduced_history(const std::vector<fencer::Operation>& history);

/// ` (a later attempt from X succeeded)` for a failed entry of a sorted list; empty without one.
std::string later_success(const std::vector<fencer::Operation>& sorted, std::size_t index);

enum class EventForm {
  kBrief,    ///< `reboot of n3 by n1 for admin.7@n1 successful at TIME`
  kDetailed  ///< `reboot of n3 successful: delegate=n1, client=admin.7, origin=n1,
             ///< completed='TIME'`
};
/// One entry in words. `full_history` is whether every entry is shown: else it is the `last` one.
std::string describe_event(const std::vector<fencer::Operation>& sorted, std::size_t index,
                           EventForm form, bool full_history);

/// `2024-01-02 03:04:05.123456Z`, with ` +01:00` in place of Z outside UTC, local time.
std::string history_time(std::int64_t wall_ms);
/// One entry as a `fence_event` element.
void write_event(xml::Writer& out, const fencer::Operation& event);
/// `success`, `failed` or `pending`.
std::string_view event_status(fencer::OperationState state);

}  // namespace quorate::cli
