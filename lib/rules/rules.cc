#include "rules/rules.h"

#include "base/text.h"
#include "rules/conditions.h"

namespace quorate::rules {

namespace {

bool evaluate_condition(xml::Element condition, std::string_view rule_id,
                        const RuleContext& context, const Observer& observer) {
  const std::string_view kind = condition.name();
  if (kind == "expression") return evaluate_attribute_expression(condition, context, observer);
  if (kind == "date_expression") {
    const DateOutcome outcome = evaluate_date_expression(condition, context, observer);
    return outcome == DateOutcome::kWithin || outcome == DateOutcome::kSatisfied;
  }
  if (kind == "rsc_expression") return evaluate_resource_expression(condition, context, observer);
  if (kind == "op_expression") return evaluate_operation_expression(condition, context, observer);
  if (kind == "rule") return evaluate(condition, context, observer);
  report(observer, Severity::kConfigError,
         join("Treating rule condition ", condition.get_or("id", rule_id),
              " as not passing because ", kind, " is not a valid condition type"));
  return false;
}

}  // namespace

bool evaluate(xml::Element rule, const RuleContext& context, const Observer& observer) {
  rule = resolve_reference(rule, observer);
  if (!rule) return false;
  const std::string_view id = rule.id();
  if (id.empty()) {
    report(observer, Severity::kConfigError, "Treating rule without id as not passing");
    return false;
  }
  const std::string_view combine = rule.get_or("boolean-op", "and");
  const bool is_or = iequals(combine, "or");
  if (!is_or && !iequals(combine, "and")) {
    report(observer, Severity::kConfigError,
           join("Treating rule ", id, " as not passing because '", combine,
                "' is not a valid boolean-op"));
    return false;
  }
  bool any = false;
  for (xml::Element condition : xml::children(rule)) {
    any = true;
    if (evaluate_condition(condition, id, context, observer) == is_or) return is_or;
  }
  if (!any) {
    report(observer, Severity::kConfigWarning,
           join("Ignoring rule ", id, " because it contains no conditions"));
    return true;
  }
  return !is_or;
}

std::string expand_submatches(std::string_view text,
                              const std::vector<std::string_view>& submatches) {
  if (submatches.empty()) return std::string(text);
  std::string expanded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_reference =
        text[i] == '%' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (!is_reference) {
      expanded += text[i];
      continue;
    }
    const auto group = static_cast<std::size_t>(text[++i] - '0');
    if (group < submatches.size()) expanded += submatches[group];
  }
  return expanded;
}

}  // namespace quorate::rules
