#include "replica/parts.h"

#include <string_view>
#include <unordered_set>

#include "base/text.h"
#include "xml/serialise.h"

namespace quorate::replica {
namespace {

using xml::Element;

void open(std::string& text, Element element) {
  text += '<';
  text += element.name();
  element.for_each_attribute(
      [&](const xml::Attribute& attribute) { xml::append_attribute(text, attribute); });
  text += '>';
}
void close(std::string& text, Element element) {
  text += "</";
  text += element.name();
  text += '>';
}
void append(std::string& text, Element element) {
  if (element) xml::append_text(text, element, xml::Layout::kDense);
}

/// Tells which resources have nothing to do with fencing.
class FencingFilter {
 public:
  explicit FencingFilter(Element configuration) {
    xml::for_each_descendant(configuration, [&](Element element) {
      if (const auto reference = element.get("id-ref")) referred_.insert(*reference);
      if (element.name() != "primitive") return;
      if (const auto used = element.get("template")) templates_.insert(*used);
    });
  }

  bool needs(Element resource) const {
    if (resource.name() == "template") {
      return templates_.contains(resource.id()) || holds_referred(resource);
    }
    if (resource.name() != "primitive") return true;
    const auto standard = resource.get("class");
    return !standard || iequals(*standard, "stonith") || holds_referred(resource);
  }

 private:
  /// Whether something else takes parameters or rules from it.
  bool holds_referred(Element resource) const {
    if (referred_.empty()) return false;
    bool found = false;
    xml::for_each_descendant(
        resource, [&](Element element) { found = found || referred_.contains(element.id()); });
    return found;
  }

  std::unordered_set<std::string_view> referred_;
  std::unordered_set<std::string_view> templates_;
};

}  // namespace

std::string history_part(const cib::Cib& cib) {
  std::string text;
  open(text, cib.root());
  text += "<configuration>";
  append(text, cib.configuration().first_child("crm_config"));
  text += "</configuration><status>";
  for (const Element state : xml::children(cib.status(), "node_state")) {
    open(text, state);
    for (const Element lrm : xml::children(state, "lrm")) append(text, lrm);
    close(text, state);
  }
  return text += "</status></cib>";
}

std::string fencing_part(const cib::Cib& cib) {
  std::string text;
  open(text, cib.root());
  text += "<configuration>";
  const FencingFilter filter(cib.configuration());
  for (const Element section : xml::children(cib.configuration())) {
    if (section.name() == "acls" || section.name() == "alerts") continue;
    if (section.name() != "resources") {
      append(text, section);
      continue;
    }
    open(text, section);
    for (const Element resource : xml::children(section)) {
      if (filter.needs(resource)) append(text, resource);
    }
    close(text, section);
  }
  return text += "</configuration></cib>";
}

}  // namespace quorate::replica
