#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/reading.h"

/// Template expansion (spec/03 §5.3).
namespace quorate::scheduler {

using model::MessageClass;

namespace {

xml::Element find_template(Context& context, std::string_view id) {
  StateCache& cache = cache_of(context);
  if (!cache.templates_indexed) {
    cache.templates_indexed = true;
    for (xml::Element element : xml::children(context.snapshot.sections.resources, "template")) {
      cache.template_elements.emplace(element.id(), element);  // the first of an ID counts
    }
  }
  const auto found = cache.template_elements.find(id);
  return found == cache.template_elements.end() ? xml::Element() : found->second;
}

/// What makes an operation of a resource replace one of its template; the interval doesn't.
std::string operation_class(xml::Element operation) {
  const std::string_view role = operation.get_or("role", {});
  const bool plain = role.empty() || is_one_of(role, {"Started", "Unpromoted", "Slave"});
  return concat({operation.get_or("name", {}), "-", plain ? "Unknown" : role});
}

void merge_operations(xml::Element from_template, xml::Element own) {
  std::vector<std::string> replaced;
  for (xml::Element operation : xml::children(own, "op")) {
    replaced.push_back(operation_class(operation));
  }
  for (xml::Element operation : xml::children(from_template, "op")) {
    const std::string key = operation_class(operation);
    if (std::find(replaced.begin(), replaced.end(), key) == replaced.end()) {
      own.add_copy(operation);
    }
  }
  from_template.remove();
}

xml::Element expand(Context& context, xml::Element element, xml::Element base) {
  xml::Element expanded = context.snapshot.keep_copy(base);
  const xml::Element template_operations = expanded.first_child("operations");
  expanded.rename(element.name());
  expanded.set("id", element.id());
  xml::Element own_operations;
  for (xml::Element child : xml::children(element)) {
    const xml::Element copy = expanded.add_copy(child);
    if (!own_operations && child.name() == "operations") own_operations = copy;
  }
  if (template_operations && own_operations) {
    merge_operations(template_operations, own_operations);
  }
  return expanded;
}

}  // namespace

xml::Element expand_template(Context& context, xml::Element element) {
  const auto id = element.get("template");
  if (!id) return element;
  StateCache& cache = cache_of(context);
  if (const auto done = cache.expanded.find(element.raw()); done != cache.expanded.end()) {
    return done->second;
  }
  if (*id == element.id()) {
    context.snapshot.report(
        MessageClass::kConfigError,
        concat({"The resource object '", element.id(), "' should not reference itself"}));
    return {};
  }
  const xml::Element base = find_template(context, *id);
  if (!base) {
    context.snapshot.report(MessageClass::kConfigError, concat({"No template named '", *id, "'"}));
    return {};
  }
  const xml::Element expanded = expand(context, element, base);
  cache.expanded.emplace(element.raw(), expanded);
  return expanded;
}

}  // namespace quorate::scheduler
