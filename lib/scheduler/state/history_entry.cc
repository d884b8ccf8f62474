#include "scheduler/state/history_entry.h"

#include <algorithm>

#include "base/text.h"
#include "rules/ctime_text.h"
#include "scheduler/state/reading.h"

namespace quorate::scheduler {

namespace {

std::int64_t number_or(std::string_view text, std::int64_t fallback) {
  return to_integer(text).value_or(fallback);
}

void read_attribute(HistoryEntry& entry, std::string_view name, std::string_view value) {
  switch (name.front()) {
    case 'c':
      if (name == "call-id") entry.call_id = number_or(value, -1);
      return;
    case 'e':
      if (name == "exit-reason") entry.exit_reason = value;
      return;
    case 'i':
      if (name == "id") entry.id = value;
      if (name == "interval") entry.interval_ms = std::max<std::int64_t>(number_or(value, 0), 0);
      return;
    case 'l':
      if (name == "last-rc-change") {
        entry.change_text = value;
        entry.changed_at = number_or(value, -1);
      }
      return;
    case 'm':
      if (name == "migrate_source") entry.migrate_source = value;
      if (name == "migrate_target") entry.migrate_target = value;
      return;
    case 'o':
      if (name == "operation") entry.task = value;
      if (name == "operation_key") entry.operation_key = value;
      if (name == "on_node") entry.on_node = value;
      if (name == "op-digest") entry.has_digest = true;
      if (name == "op-status") {
        entry.status_text = value;
        entry.status = to_integer(value);
      }
      return;
    case 'r':
      if (name == "rc-code") {
        entry.code_text = value;
        entry.code = to_integer(value);
      }
      return;
    case 't':
      if (name == "transition-magic") entry.magic = value;
      if (name == "transition-key") {
        if (const auto key = parse_transition_key(value)) entry.expected = key->expected;
      }
      return;
    default:
      return;
  }
}

/// The number up to the separator; moves on behind it.
std::optional<std::int64_t> take_number(std::string_view& text, char separator) {
  const ParsedInteger number = parse_integer(text);
  if (!number.has_digits || number.length >= text.size() || text[number.length] != separator) {
    return std::nullopt;
  }
  text.remove_prefix(number.length + 1);
  return number.value;
}

/// `STATUS:RC;ACTION:TRANSITION:TARGETRC:UUID`
std::optional<TransitionKey> parse_magic(std::string_view text) {
  if (!take_number(text, ':') || !take_number(text, ';')) return std::nullopt;
  return parse_transition_key(text);
}

bool same_node(const HistoryEntry& a, const HistoryEntry& b) {
  if (!a.on_node || !b.on_node) return !a.on_node && !b.on_node;
  return iequals(*a.on_node, *b.on_node);
}

/// At least one of the two is pending: the transition numbers tell (§10.5 step 6).
int compare_pending(const HistoryEntry& a, const HistoryEntry& b) {
  const auto key_a = parse_magic(a.magic);
  const auto key_b = parse_magic(b.magic);
  if (!key_a || !key_b) return 0;
  const std::int64_t ta = key_a->transition;
  const std::int64_t tb = key_b->transition;
  if (!iequals(key_a->uuid, key_b->uuid) || ta == tb) {
    if (b.call_id == -1) return -1;
    return a.call_id == -1 ? 1 : 0;
  }
  if ((ta >= 0 && ta < tb) || tb == -1) return -1;
  if ((tb >= 0 && ta > tb) || ta == -1) return 1;
  return 0;
}

}  // namespace

std::optional<TransitionKey> parse_transition_key(std::string_view text) {
  TransitionKey key;
  const auto action = take_number(text, ':');
  if (!action) return std::nullopt;
  const auto transition = take_number(text, ':');
  if (!transition) return std::nullopt;
  const auto expected = take_number(text, ':');
  if (!expected || text.empty()) return std::nullopt;
  key.action = *action;
  key.transition = *transition;
  key.expected = *expected;
  key.uuid = text;
  return key;
}

HistoryEntry parse_entry(xml::Element element) {
  HistoryEntry entry;
  entry.element = element;
  element.for_each_attribute([&entry](const xml::Attribute& attribute) {
    read_attribute(entry, attribute.name, attribute.value);
  });
  return entry;
}

int compare_entries(Context& context, const HistoryEntry& a, const HistoryEntry& b) {
  const bool same = same_node(a, b);
  if (same && a.id == b.id) {
    context.snapshot.report(model::MessageClass::kConfigError,
                            concat({"Duplicate lrm_rsc_op entries named ", a.id}));
    return 0;
  }
  const std::int64_t ca = a.call_id;
  const std::int64_t cb = b.call_id;
  if (ca == -1 && cb == -1) return 0;
  if (same && ca >= 0 && ca < cb) return -1;
  if (same && cb >= 0 && ca > cb) return 1;
  if (ca >= 0 && cb >= 0 && (!same || ca == cb)) {
    if (a.changed_at >= 0 && a.changed_at < b.changed_at) return -1;
    if (b.changed_at >= 0 && a.changed_at > b.changed_at) return 1;
    return 0;
  }
  return compare_pending(a, b);
}

namespace {

/// The comparison isn't transitive for odd histories, so which algorithm sorts is part of the
/// behaviour.
void merge_sort(Context& context, std::vector<HistoryEntry>& entries) {
  if (entries.size() < 2) return;
  const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
  std::vector<HistoryEntry> first(entries.begin(), middle);
  std::vector<HistoryEntry> rest(middle, entries.end());
  merge_sort(context, first);
  merge_sort(context, rest);
  std::size_t i = 0;
  std::size_t j = 0;
  std::size_t place = 0;
  while (i < first.size() && j < rest.size()) {
    const bool take_first = compare_entries(context, first[i], rest[j]) <= 0;
    entries[place++] = take_first ? first[i++] : rest[j++];
  }
  while (i < first.size()) entries[place++] = first[i++];
  while (j < rest.size()) entries[place++] = rest[j++];
}

}  // namespace

std::vector<HistoryEntry> sorted_entries(Context& context, xml::Element lrm_resource) {
  std::vector<HistoryEntry> entries;
  for (xml::Element element : xml::children(lrm_resource, "lrm_rsc_op")) {
    entries.push_back(parse_entry(element));
  }
  std::reverse(entries.begin(), entries.end());
  merge_sort(context, entries);
  return entries;
}

EntryMarks entry_marks(const std::vector<HistoryEntry>& sorted) {
  int start = -1;
  int stop = -1;
  int implied_monitor = -1;
  int implied_change = -1;
  for (int i = 0; i < static_cast<int>(sorted.size()); ++i) {
    const HistoryEntry& entry = sorted[static_cast<std::size_t>(i)];
    if (entry.task == "stop" && entry.status_text == "0") {
      stop = i;
    } else if (entry.task == "start" || entry.task == "migrate_from") {
      start = i;
    } else if (entry.task == "monitor" && implied_monitor <= stop) {
      if (entry.code_text == "0" || entry.code_text == "8") implied_monitor = i;
    } else if (entry.task == "promote" || entry.task == "demote") {
      implied_change = i;
    }
  }
  if (start == -1) start = implied_change != -1 ? implied_change : implied_monitor;
  return {start, stop};
}

std::string_view exit_status_text(std::int64_t code) {
  switch (code) {
    case exit_status::kOk:
      return "OK";
    case exit_status::kError:
      return "Error occurred";
    case exit_status::kInvalidParameter:
      return "Invalid parameter";
    case exit_status::kUnimplemented:
      return "Unimplemented";
    case exit_status::kInsufficientPrivileges:
      return "Insufficient privileges";
    case exit_status::kNotInstalled:
      return "Not installed";
    case exit_status::kNotConfigured:
      return "Not configured";
    case exit_status::kNotRunning:
      return "Not running";
    case exit_status::kPromoted:
      return "Promoted";
    case exit_status::kFailedPromoted:
      return "Failed in promoted role";
    case 124:
      return "Timeout occurred";
    case exit_status::kDegraded:
      return "Service is active but might fail soon";
    case exit_status::kDegradedPromoted:
      return "Service is promoted but might fail soon";
    case exit_status::kUnknown:
      return "No exit status available";
    default:
      break;
  }
  return code >= 129 && code <= 254 ? "Interrupted by signal" : "Unknown exit status";
}

std::string change_time_text(const HistoryEntry& entry, std::int32_t offset_seconds) {
  if (entry.changed_at < 0) return "unknown_time";
  return rules::ctime_text(entry.changed_at, offset_seconds).substr(4);  // without the weekday
}

}  // namespace quorate::scheduler
