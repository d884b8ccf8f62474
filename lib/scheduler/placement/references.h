#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/context.h"

/// What the texts of constraints refer to (spec/04 §4).
namespace quorate::scheduler {

/// A resource by ID or history ID; found by the latter, its top (spec/04 §4.2). Null if unknown.
model::Resource* find_constraint_resource(Context& context, std::string_view id);

/// One resource_set as a constraint uses it: as written, or made from a template or tag.
struct ResourceSet {
  std::string_view id;
  std::optional<std::string_view> score;
  std::optional<std::string_view> role;
  bool sequential = true;
  bool reversed = false;  ///< deprecated `ordering` other than `group`
  std::vector<std::string_view> members;
};

/// Which attribute of a simple constraint names resources, and which the role that moves with it.
struct Side {
  const char* resource_attribute;
  const char* role_attribute;
};

/// A constraint's sets, with templates and tags expanded (spec/04 §4.3, §4.4). Empty if it has none
/// and names plain resources only.
struct ExpandedSets {
  bool invalid = false;  ///< reported; the constraint is ignored
  std::vector<ResourceSet> sets;
};
ExpandedSets expand_sets(Context& context, xml::Element constraint, const std::vector<Side>& sides);

/// Roles of colocations and tickets: unset for an unknown word, kUnknown for any role
/// (spec/04 §4.5).
std::optional<model::Role> parse_any_role(std::optional<std::string_view> text);

/// Text of a message from its parts.
template <class... Parts>
std::string text_of(const Parts&... parts) {
  std::string text;
  (text.append(parts), ...);
  return text;
}

inline void report_error(Context& context, std::string text) {
  context.snapshot.report(model::MessageClass::kConfigError, std::move(text));
}
inline void report_warning(Context& context, std::string text) {
  context.snapshot.report(model::MessageClass::kConfigWarning, std::move(text));
}

}  // namespace quorate::scheduler
