#include "common/fencing_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <tuple>

#include "base/text.h"

namespace quorate::cli {

using fencer::Operation;
using fencer::OperationState;

namespace {

bool succeeded(const Operation& event) { return event.state == OperationState::kCompleted; }

std::string_view action_words(std::string_view action) {
  if (action == "on") return "unfencing";
  if (action == "off") return "turning off";
  return action.empty() ? "fencing" : action;
}

std::string_view state_word(OperationState state) {
  if (fencer::is_pending(state)) return "pending";
  return state == OperationState::kCompleted ? "successful" : "failed";
}

std::string reason_words(const Operation& event) {
  if (event.state != OperationState::kFailed || event.result.reason.empty()) return {};
  return " (" + event.result.reason + ")";
}

}  // namespace

std::string_view event_status(OperationState state) {
  if (fencer::is_pending(state)) return "pending";
  return state == OperationState::kCompleted ? "success" : "failed";
}

void sort_history(std::vector<Operation>& history) {
  std::reverse(history.begin(), history.end());
  std::stable_sort(history.begin(), history.end(), [](const Operation& a, const Operation& b) {
    const bool a_pending = fencer::is_pending(a.state);
    const bool b_pending = fencer::is_pending(b.state);
    if (a_pending != b_pending) return a_pending;
    return !a_pending && a.completed_ms > b.completed_ms;
  });
}

std::vector<Operation> reduced_history(const std::vector<Operation>& history) {
  std::vector<Operation> reduced;
  std::set<std::tuple<std::string, std::string, int, std::string>> seen;
  for (const Operation& event : history) {
    const std::string delegate =
        event.state == OperationState::kFailed ? event.delegate : std::string();
    if (fencer::is_pending(event.state) ||
        seen.emplace(to_lower(event.target), event.action, static_cast<int>(event.state), delegate)
            .second) {
      reduced.push_back(event);
    }
  }
  return reduced;
}

std::string later_success(const std::vector<Operation>& sorted, std::size_t index) {
  const Operation& failed = sorted[index];
  if (failed.state != OperationState::kFailed) return {};
  const Operation* other = nullptr;
  for (std::size_t i = 0; i < index; ++i) {
    const Operation& event = sorted[i];
    if (!succeeded(event) || !iequals(event.target, failed.target) ||
        event.action != failed.action || event.completed_ms <= failed.completed_ms) {
      continue;
    }
    if (failed.delegate.empty() || event.delegate == failed.delegate) {
      return event.delegate.empty()
                 ? std::string()
                 : fmt::format(" (a later attempt from {} succeeded)", event.delegate);
    }
    if (other == nullptr) other = &event;
  }
  if (other == nullptr) return {};
  return fmt::format(" (a later attempt from {} succeeded)",
                     other->delegate.empty() ? "some node" : other->delegate);
}

std::string describe_event(const std::vector<Operation>& sorted, std::size_t index, EventForm form,
                           bool full_history) {
  const Operation& event = sorted[index];
  const bool ended = !fencer::is_pending(event.state);
  const std::string_view action = action_words(event.action);
  const std::string later = later_success(sorted, index);
  if (form == EventForm::kBrief) {
    const std::string by = ended && !event.delegate.empty() ? " by " + event.delegate : "";
    const std::string at = ended ? " at " + history_time(event.completed_ms) : "";
    return fmt::format("{} of {}{} for {}@{}{} {}{}{}{}", action, event.target, by, event.client,
                       event.origin, full_history ? "" : " last", state_word(event.state),
                       reason_words(event), at, later);
  }
  std::string text = fmt::format("{} of {} {}{}: ", action, event.target, state_word(event.state),
                                 reason_words(event));
  if (ended && !event.delegate.empty()) text += fmt::format("delegate={}, ", event.delegate);
  text += fmt::format("client={}, origin={}", event.client, event.origin);
  if (ended) {
    const std::string_view key = full_history       ? "completed"
                                 : succeeded(event) ? "last-successful"
                                                    : "last-failed";
    text += fmt::format(", {}='{}'", key, history_time(event.completed_ms));
  }
  return text + later;
}

void write_event(xml::Writer& out, const Operation& event) {
  out.open("fence_event");
  out.attribute("action", event.action);
  out.attribute("target", event.target);
  out.attribute("client", event.client);
  out.attribute("origin", event.origin);
  out.attribute("status", event_status(event.state));
  if (event.state == OperationState::kFailed && !event.result.reason.empty()) {
    out.attribute("exit-reason", event.result.reason);
  }
  if (fencer::is_pending(event.state)) {
    out.attribute("extended-status", static_cast<int>(event.state));
  } else {
    if (!event.delegate.empty()) out.attribute("delegate", event.delegate);
    out.attribute("completed", history_time(event.completed_ms));
  }
  out.close();
}

std::string history_time(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  const long offset = local.tm_gmtoff;
  std::string zone = "Z";
  if (offset != 0) {
    const long minutes = std::abs(offset) / 60;
    zone = fmt::format(" {}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}{}", local.tm_year + 1900,
                     local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                     wall_ms % 1000 * 1000, zone);
}

}  // namespace quorate::cli
