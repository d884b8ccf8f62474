#include "attributes/cib_form.h"

#include <cctype>

#include "base/text.h"
#include "xml/xpath.h"

namespace quorate::attributes {
namespace {

using xml::Element;

bool starts_id(unsigned char c) { return std::isalpha(c) != 0 || c == '_' || c >= 0x80; }
bool continues_id(unsigned char c) {
  return starts_id(c) || std::isdigit(c) != 0 || c == '-' || c == '.';
}

std::string set_id_of(const Attribute& attribute, std::string_view node_id) {
  return xml_id(attribute.traits.set_id.empty() ? "status-" + std::string(node_id)
                                                : attribute.traits.set_id);
}

std::string deletion(std::string_view node_id, const Attribute& attribute, std::string_view set_id,
                     std::string_view pair_id, std::string_view name) {
  return transient_attributes_xpath(node_id) + "/" + attribute.traits.set_type +
         "[@id=" + xml::xpath_literal(set_id) + "]/nvpair[@id=" + xml::xpath_literal(pair_id) +
         " and @name=" + xml::xpath_literal(name) + "]";
}

void add_value(Element status, std::string_view name, const Attribute& attribute,
               const NodeValue& entry, std::string_view set_id, std::string_view pair_id) {
  Element state = status.add("node_state");
  state.set("id", to_xml_safe(entry.id));
  if (entry.remote) {
    state.set("uname", to_xml_safe(entry.node));
    state.set("remote_node", "true");
  }
  Element transient = state.add("transient_attributes");
  transient.set("id", to_xml_safe(entry.id));
  Element set = transient.add(attribute.traits.set_type);
  set.set("id", set_id);
  Element pair = set.add("nvpair");
  pair.set("id", pair_id);
  pair.set("name", to_xml_safe(name));
  pair.set("value", to_xml_safe(*entry.value));
}

}  // namespace

std::string xml_id(std::string_view text) {
  std::string id = to_xml_safe(text);
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto c = static_cast<unsigned char>(id[i]);
    if (i == 0 && !starts_id(c))
      id[i] = '_';
    else if (!continues_id(c))
      id[i] = '.';
  }
  return id;
}

std::string transient_attributes_xpath(std::string_view node_id) {
  const std::string id = xml::xpath_literal(node_id);
  return "/cib/status/node_state[@id=" + id + "]/transient_attributes[@id=" + id + "]";
}

CibForm cib_form(std::string_view name, const Attribute& attribute) {
  CibForm form;
  xml::Document document = xml::Document::with_root("status");
  for (const auto& [key, entry] : attribute.values) {
    if (entry.id.empty()) {
      if (entry.value) form.unknown_ids.push_back(entry.node);
      continue;
    }
    const std::string set_id = set_id_of(attribute, entry.id);
    const std::string pair_id = xml_id(set_id + "-" + std::string(name));
    if (entry.value) {
      add_value(document.root(), name, attribute, entry, set_id, pair_id);
    } else {
      form.deletions.push_back(deletion(entry.id, attribute, set_id, pair_id, name));
    }
  }
  if (document.root().first_child()) form.status = document.root().to_string();
  return form;
}

}  // namespace quorate::attributes
