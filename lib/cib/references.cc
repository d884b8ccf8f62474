#include "cib/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"

namespace quorate::cib {

namespace {

/// Elements whose `id` is plain text (spec/01 §3.1).
bool id_is_text(std::string_view element, bool obj_refs_are_text) {
  return element == "node" || element == "acl_target" || element == "acl_user" ||
         (element == "obj_ref" && obj_refs_are_text);
}

/// Elements whose `id` is itself a reference.
bool id_is_reference(std::string_view element) {
  return element == "resource_ref" || element == "role" || element == "role_ref" ||
         element == "obj_ref";
}

constexpr std::array<std::string_view, 8> kReferences = {
    "id-ref", "template", "rsc", "with-rsc", "first", "then", "reference", "ref"};

bool is_reference(std::string_view element, std::string_view attribute) {
  if (attribute == "id") return id_is_reference(element);
  if (attribute == "rsc" || attribute == "with-rsc") {
    return element.starts_with("rsc_");
  }
  if (attribute == "first" || attribute == "then") return element == "rsc_order";
  if (attribute == "template") return element == "primitive";
  if (attribute == "reference") return element == "acl_permission";
  if (attribute == "ref") return element == "read" || element == "write" || element == "deny";
  return attribute == "id-ref";
}

}  // namespace

std::vector<Violation> check_references(xml::Element cib, std::string_view name) {
  const bool obj_refs_are_text = schema_position(name) >= schema_position("pacemaker-3.3");
  std::unordered_map<std::string_view, xml::Element> ids;
  std::vector<std::pair<xml::Element, std::string_view>> references;
  std::vector<Violation> violations;
  xml::for_each_descendant(cib.first_child("configuration"), [&](xml::Element element) {
    const std::string_view kind = element.name();
    const auto id = element.get("id");
    if (id && !id_is_text(kind, obj_refs_are_text)) {
      if (id_is_reference(kind)) {
        references.emplace_back(element, "id");
      } else if (const auto [first, added] = ids.emplace(*id, element); !added) {
        violations.push_back(
            {element.path(), element.line(),
             fmt::format("id '{}' is used twice: already by {} (line {}); ids must be unique in "
                         "the whole configuration",
                         *id, first->second.path(), first->second.line())});
      }
    }
    for (const std::string_view attribute : kReferences) {
      if (is_reference(kind, attribute) && element.has(attribute)) {
        references.emplace_back(element, attribute);
      }
    }
  });
  for (const auto& [element, attribute] : references) {
    const std::string_view target = element.get_or(attribute, {});
    if (ids.contains(target)) continue;
    violations.push_back({element.path(), element.line(),
                          fmt::format("{}=\"{}\" refers to nothing: no element of the "
                                      "configuration has that id",
                                      attribute, target)});
  }
  return violations;
}

}  // namespace quorate::cib
