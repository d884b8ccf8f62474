#include "scheduler/state/fail_count.h"

#include <regex.h>

#include <algorithm>
#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "model/resource.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/history_entry.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Fail counts (spec/03 §15).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::Resource;

namespace {

constexpr std::string_view kCountPrefix = "fail-count-";
constexpr std::string_view kTimePrefix = "last-failure-";

/// `.+_[0-9]+`
bool is_operation_suffix(std::string_view text) {
  const std::size_t digits = text.find_last_not_of("0123456789");
  return digits != std::string_view::npos && digits > 0 && text[digits] == '_' &&
         digits + 1 < text.size();
}

/// A name that means more than itself in a regular expression.
bool is_expression(std::string_view name) {
  return name.find_first_of(".[]()*+?{}|^$\\") != std::string_view::npos;
}

/// A compiled POSIX expression; one that doesn't compile matches nothing.
class Expression {
 public:
  explicit Expression(const std::string& pattern)
      : valid_(regcomp(&compiled_, pattern.c_str(), REG_EXTENDED | REG_NOSUB) == 0) {}
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  ~Expression() {
    if (valid_) regfree(&compiled_);
  }
  bool matches(const std::string& text) const {
    return valid_ && regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t compiled_;
  bool valid_;
};

}  // namespace

FailCountIndex::FailCountIndex(const Node& node) {
  for (const auto& [attribute, value] : node.attributes) {
    const bool is_count = attribute.starts_with(kCountPrefix);
    if (!is_count && !attribute.starts_with(kTimePrefix)) continue;
    const std::string_view rest =
        attribute.substr(is_count ? kCountPrefix.size() : kTimePrefix.size());
    const std::size_t hash = rest.find('#');
    if (hash == std::string_view::npos || !is_operation_suffix(rest.substr(hash + 1))) continue;
    const std::string_view name = rest.substr(0, hash);
    by_name_[name].push_back(records_.size());
    by_base_name_[model::base_name(name)].push_back(records_.size());
    records_.push_back({name, attribute, value, is_count});
  }
}

std::vector<const FailCountIndex::Record*> FailCountIndex::find(std::string_view name,
                                                                bool unique) const {
  std::vector<const Record*> found;
  if (is_expression(name)) {
    const Expression counts(
        concat({"^(fail-count|last-failure)-", name, unique ? "" : "(:[0-9]+)?", "#.+_[0-9]+$"}));
    for (const Record& record : records_) {
      if (counts.matches(std::string(record.attribute))) found.push_back(&record);
    }
    return found;
  }
  const auto& index = unique ? by_name_ : by_base_name_;
  if (const auto place = index.find(name); place != index.end()) {
    for (const std::size_t i : place->second) found.push_back(&records_[i]);
  }
  return found;
}

namespace {

const FailCountIndex& fail_counts_of(Context& context, const Node& node) {
  auto& indexes = cache_of(context).fail_counts;
  if (indexes.size() <= node.index.index) indexes.resize(node.index.index + 1);
  auto& index = indexes[node.index.index];
  if (!index) index = std::make_unique<FailCountIndex>(node);
  return *index;
}

}  // namespace

void forget_fail_counts(Context& context, const Node& node) {
  auto& indexes = cache_of(context).fail_counts;
  if (node.index.index < indexes.size()) indexes[node.index.index].reset();
}

namespace {

FailCount plain_fail_count(Context& context, const Resource& resource, const Node& node) {
  FailCount result;
  const FailCountIndex& index = fail_counts_of(context, node);
  if (index.empty()) return result;
  std::string_view name = resource.history_id.empty() ? resource.id : resource.history_id;
  if (!resource.unique) name = model::base_name(name);
  for (const FailCountIndex::Record* record : index.find(name, resource.unique)) {
    if (record->is_count) {
      if (const auto score = context.snapshot.parse_score(record->value)) {
        result.count = add_scores(result.count, *score);
        continue;
      }
      context.snapshot.report(MessageClass::kWarning,
                              concat({"Ignoring ", record->attribute, " because '", record->value,
                                      "' is not a score"}));
    } else {
      result.last_failure = std::max(result.last_failure, to_integer(record->value).value_or(0));
    }
  }
  return result;
}

/// An operation whose failure blocks the resource, as far as this test looks (§15.2).
struct BlockingOperation {
  std::string_view task;
  std::int64_t interval_ms = 0;
};

bool fits(const HistoryEntry& entry, std::string_view base, const BlockingOperation& operation) {
  if (entry.interval_ms != operation.interval_ms || !iequals(entry.task, operation.task)) {
    return false;
  }
  if (iequals(entry.id, concat({base, "_last_failure_0"}))) return true;
  return iequals(entry.id,
                 concat({base, "_", operation.task, "_", std::to_string(operation.interval_ms)})) &&
         entry.code != entry.expected;
}

bool any_recorded_fits(Context& context, const Node& node, std::string_view base,
                       const BlockingOperation& operation) {
  const auto& histories =
      cache_of(context).histories.find(context.snapshot.sections.status, node.name, base);
  for (xml::Element history : histories) {
    for (xml::Element element : xml::children(history, "lrm_rsc_op")) {
      if (fits(parse_entry(element), base, operation)) return true;
    }
  }
  return false;
}

bool failure_blocks(Context& context, const Resource& resource, const Node& node,
                    xml::Element entry) {
  const std::string_view base = model::base_name(resource.id);
  bool blocks = false;
  xml::for_each_descendant(resource.xml, [&](xml::Element element) {
    if (blocks || element.name() != "op" || element.get_or("on-fail", {}) != "block") return;
    const BlockingOperation operation{element.get_or("name", {}),
                                      interval_of(context, element.get("interval"))};
    blocks = entry ? fits(parse_entry(entry), base, operation)
                   : any_recorded_fits(context, node, base, operation);
  });
  return blocks;
}

}  // namespace

FailCount fail_count(Context& context, Resource& resource, const Node& node,
                     const FailCountQuery& query) {
  FailCount result = plain_fail_count(context, resource, node);
  if (result.count > 0 && resource.failure_timeout_ms > 0 &&
      failure_blocks(context, resource, node, query.entry)) {
    context.snapshot.report(
        MessageClass::kConfigWarning,
        concat({"Ignoring failure timeout (", format_duration_ms(resource.failure_timeout_ms),
                ") for ", resource.id, " because it conflicts with on-fail=block"}));
    resource.failure_timeout_ms = 0;
  }
  if (query.effective && result.count > 0 && result.last_failure > 0 &&
      resource.failure_timeout_ms > 0 &&
      context.snapshot.now_seconds >
          result.last_failure + ms_to_seconds(resource.failure_timeout_ms)) {
    result.count = 0;
  }
  if (query.with_launched && !resource.launched.empty() && bundle_of(resource) == nullptr) {
    for (Resource* launched : resource.launched) {
      const FailCount more = fail_count(context, *launched, node, {query.effective, false, {}});
      result.count += more.count;
      result.last_failure = std::max(result.last_failure, more.last_failure);
    }
  }
  if (result.count <= 0) result.last_failure = 0;
  return result;
}

bool threshold_reached(Context& context, Resource& resource, const Node& node, int* failures_left) {
  if (resource.migration_threshold == 0 || resource.failure_ignored) return false;
  const FailCount failures = fail_count(context, resource, node, {true, true, {}});
  if (failures.count <= 0) return false;
  const int left = resource.migration_threshold - failures.count;
  if (failures_left != nullptr) *failures_left = std::max(left, 0);
  return left <= 0;
}

}  // namespace quorate::scheduler
