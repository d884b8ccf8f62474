#pragma once

#include "rules/rules.h"

/// The single conditions of a rule, each pass or not (spec/02 §4-6). For lib/rules itself.
namespace quorate::rules {

bool evaluate_attribute_expression(xml::Element expression, const RuleContext& context,
                                   const Observer& observer);
bool evaluate_resource_expression(xml::Element expression, const RuleContext& context,
                                  const Observer& observer);
bool evaluate_operation_expression(xml::Element expression, const RuleContext& context,
                                   const Observer& observer);

/// Text of a message from its parts.
template <class... Parts>
std::string join(const Parts&... parts) {
  std::string text;
  (text.append(parts), ...);
  return text;
}

inline void report(const Observer& observer, Severity severity, std::string text) {
  if (observer.message) observer.message(severity, std::move(text));
}

}  // namespace quorate::rules
