#include "explain/edit.h"

#include "xml/xpath.h"

namespace quorate::explain {
namespace {

bool create_in(xml::Element parent, const std::string& text) {
  const auto element = xml::Document::parse(text, "edit");
  if (!element) return false;
  parent.add_copy(element->root());
  return true;
}

bool apply_to(xml::Element element, const Edit& edit) {
  switch (edit.operation) {
    case Edit::Operation::kDelete:
      element.remove();
      return true;
    case Edit::Operation::kCreate:
      return create_in(element, edit.xml);
    case Edit::Operation::kModify:
      for (const auto& [name, value] : edit.attributes) {
        if (value) {
          element.set(name, *value);
        } else {
          element.remove_attribute(name);
        }
      }
      return true;
  }
  return false;
}

}  // namespace

std::string_view operation_name(Edit::Operation operation) {
  switch (operation) {
    case Edit::Operation::kDelete:
      return "delete";
    case Edit::Operation::kModify:
      return "modify";
    case Edit::Operation::kCreate:
      return "create";
  }
  return {};
}

bool apply_edits(xml::Element root, const std::vector<Edit>& edits) {
  bool changed = false;
  for (const Edit& edit : edits) {
    const auto found = xml::find_all(root, edit.xpath);
    if (!found) return false;
    for (const xml::Element element : *found) {
      if (!apply_to(element, edit)) return false;
      changed = true;
    }
  }
  return changed;
}

}  // namespace quorate::explain
