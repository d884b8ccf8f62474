#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/document.h"

/// Rules and attribute blocks (spec/02).
namespace quorate::rules {

/// What a rule may look at. Absent parts make the expressions that need them fail or be refused as
/// spec/02 §2 says.
struct RuleContext {
  std::int64_t now_seconds = 0;
  /// Offset of "now" from UTC, for date_spec (spec/02 §5.4), and the local offset in force now, for
  /// dates written without one (spec/02 §10.3). The same unless the user gave a date.
  std::int32_t now_offset_seconds = 0;
  std::int32_t local_offset_seconds = 0;
  /// Value of a node attribute; null if node attributes aren't available here.
  const std::function<std::optional<std::string_view>(std::string_view name)>* node_attribute =
      nullptr;
  /// Resource parameters and meta-attributes, for value-source (location rules only).
  const std::function<std::optional<std::string_view>(std::string_view name)>* parameter = nullptr;
  const std::function<std::optional<std::string_view>(std::string_view name)>* meta = nullptr;
  std::optional<std::string_view> standard;
  std::optional<std::string_view> provider;
  std::optional<std::string_view> type;
  std::optional<std::string_view> operation;
  std::int64_t interval_ms = 0;
  /// %0 to %9 of an rsc-pattern match; empty if none (spec/04 §6.3).
  std::vector<std::string_view> submatches;
};

/// Severity as the scheduler reports it; other callers print it.
enum class Severity { kConfigError, kConfigWarning, kWarning };
/// Receives messages about invalid rules, and times at which an outcome changes.
struct Observer {
  std::function<void(Severity, std::string)> message;
  std::function<void(std::int64_t epoch_seconds)> next_change;
};

/// Does the rule pass? What is invalid doesn't (spec/02 §3).
bool evaluate(xml::Element rule, const RuleContext& context, const Observer& observer);

/// Where now stands relative to a date expression (spec/02 §5). Only kWithin and kSatisfied pass;
/// crm_rule tells the others apart.
enum class DateOutcome { kBeforeRange, kWithin, kSatisfied, kAfterRange, kError };
DateOutcome evaluate_date_expression(xml::Element expression, const RuleContext& context,
                                     const Observer& observer);

/// `%0` to `%9` replaced by the submatches; as it is without submatches (spec/02 §7.3).
std::string expand_submatches(std::string_view text,
                              const std::vector<std::string_view>& submatches);

/// Resolves an `id-ref` as spec/03 §1.2 says: the element itself without one; null, with a
/// config error, if it doesn't resolve to exactly one element of the same name.
xml::Element resolve_reference(xml::Element element, const Observer& observer);

/// Merges the blocks named `block_name` beneath `parent` (spec/02 §8, spec/03 §1.5). For each pair
/// in order `store(name, value)` is called for values to be set if the name isn't there yet, and
/// `remove(name)` for #default. `always_first` is the id of the block that comes first, or empty.
struct BlockTarget {
  std::function<void(std::string_view name, std::string_view value)> store;
  std::function<void(std::string_view name)> remove;
};
void merge_blocks(xml::Element parent, std::string_view block_name, std::string_view always_first,
                  const RuleContext& context, const Observer& observer, const BlockTarget& target);

}  // namespace quorate::rules
