#include "explain/configuration.h"

#include "base/text.h"
#include "explain/causes.h"
#include "explain/text.h"
#include "xml/xpath.h"

namespace quorate::explain {

using model::Node;
using model::Resource;

namespace {

/// An ID for a new element: what XML allows, unused in the document.
std::string new_id(const Run& run, std::string_view wish) {
  std::string id;
  for (const char c : wish) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    id += allowed ? c : '-';
  }
  while (find_by_id(run.document.root(), id)) id += "-";
  return id;
}

std::string nvpair(std::string_view id, std::string_view name, std::string_view value) {
  return say({"<nvpair id=\"", xml::escape(id), "\" name=\"", xml::escape(name), "\" value=\"",
              xml::escape(value), "\"/>"});
}

std::vector<Edit> new_pair(const Run& run, xml::Element owner, const std::string& owner_path,
                           std::string_view set_name, std::string_view name,
                           std::string_view value) {
  Edit edit;
  edit.operation = Edit::Operation::kCreate;
  const std::string_view id = owner.id().empty() ? "cluster" : owner.id();
  const std::string pair = nvpair(new_id(run, say({"explain-", id, "-", name})), name, value);
  const xml::Element set = owner.first_child(set_name);
  if (set && !set.id().empty()) {
    edit.xpath = path_to(set_name, "id", set.id());
    edit.xml = pair;
  } else {
    edit.xpath = owner_path;
    edit.xml = say({"<", set_name, " id=\"", new_id(run, say({"explain-", id, "-", set_name})),
                    "\">", pair, "</", set_name, ">"});
  }
  return {edit};
}

}  // namespace

Edit deletion(std::string xpath) {
  Edit edit;
  edit.xpath = std::move(xpath);
  return edit;
}

Edit modification(std::string xpath, std::string_view attribute, std::string_view value) {
  Edit edit;
  edit.operation = Edit::Operation::kModify;
  edit.xpath = std::move(xpath);
  edit.attributes.emplace_back(attribute, std::string(value));
  return edit;
}

std::string path_to(std::string_view element, std::string_view attribute, std::string_view value) {
  return say({"//", element, "[@", attribute, "=", xml::xpath_literal(value), "]"});
}

Change set_option(const Run& run, std::string_view name, std::string_view value,
                  std::string_view legacy) {
  Change change;
  change.text = say({"set the cluster option ", name, " to ", value});
  change.command =
      say({"crm_attribute --name ", shell_word(name), " --update ", shell_word(value)});
  const xml::Element section =
      run.document.root().first_child("configuration").first_child("crm_config");
  for (xml::Element set : xml::children(section)) {
    for (xml::Element pair : xml::children(set, "nvpair")) {
      const std::string_view own = pair.get_or("name", {});
      if (own != name && (legacy.empty() || own != legacy)) continue;
      change.edits.push_back(modification(path_to("nvpair", "id", pair.id()), "value", value));
    }
  }
  if (change.edits.empty()) {
    change.edits = new_pair(run, section, "//crm_config", "cluster_property_set", name, value);
  }
  return change;
}

Change set_meta(const Run& run, const Resource& resource, std::string_view name,
                std::string_view value) {
  Change change;
  const Resource* named = &resource;
  for (const Resource* at = &resource; at != nullptr; at = at->parent) {
    const xml::Element element = find_by_id(run.document.root(), at->xml_id);
    for (xml::Element set : xml::children(element, "meta_attributes")) {
      for (xml::Element pair : xml::children(set, "nvpair")) {
        if (pair.get_or("name", {}) != name || pair.id().empty()) continue;
        change.edits.push_back(modification(path_to("nvpair", "id", pair.id()), "value", value));
        named = at;
      }
    }
  }
  if (change.edits.empty()) {
    if (const xml::Element element = find_by_id(run.document.root(), resource.xml_id)) {
      change.edits = new_pair(run, element, path_to(element.name(), "id", element.id()),
                              "meta_attributes", name, value);
    }
  }
  change.text = say({"set the meta-attribute ", name, " of ", named->xml_id, " to ", value});
  change.command =
      say({"crm_resource --resource ", shell_word(named->xml_id), " --meta --set-parameter ", name,
           " --parameter-value ", shell_word(value)});
  return change;
}

Change remove_node_attribute(const Node& node, std::string_view name) {
  Change change;
  change.text = say({"remove the attribute ", name, " of ", node.name});
  change.command = say(
      {"crm_attribute --node ", shell_word(node.name), " --name ", shell_word(name), " --delete"});
  for (const std::string_view element : {"node", "node_state"}) {
    change.edits.push_back(
        deletion(say({path_to(element, "uname", node.name), path_to("nvpair", "name", name)})));
  }
  return change;
}

Change clean_up(const Run& run, const Resource& resource, const Node& node) {
  Change change;
  const std::string_view id = resource.history_id.empty() ? resource.id : resource.history_id;
  const std::string_view base = model::base_name(id);
  change.text = say({"clean up the failures of ", base, " on ", node.name});
  change.command = say(
      {"crm_resource --cleanup --resource ", shell_word(base), " --node ", shell_word(node.name)});
  const std::string state = path_to("node_state", "uname", node.name);
  for (const auto& [name, value] : node.attributes) {
    for (const std::string_view prefix : {"fail-count-", "last-failure-"}) {
      if (!name.starts_with(prefix)) continue;
      const std::string_view rest = name.substr(prefix.size());
      const std::string_view owner = rest.substr(0, rest.find('#'));
      if (owner != id && model::base_name(owner) != base) continue;
      change.edits.push_back(deletion(say({state, path_to("nvpair", "name", name)})));
    }
  }
  const auto histories =
      xml::find_all(run.document.root(), say({state, "/lrm/lrm_resources/lrm_resource"}));
  if (!histories) return change;
  for (const xml::Element history : *histories) {
    if (history.id() != id && model::base_name(history.id()) != base) continue;
    change.edits.push_back(deletion(say(
        {state, "/lrm/lrm_resources/lrm_resource[@id=", xml::xpath_literal(history.id()), "]"})));
  }
  return change;
}

Change bring_online(const Run& run, const Node& node) {
  Change change;
  change.text = say({"bring ", node.name, " online"});
  const auto states = xml::find_all(run.document.root(), path_to("node_state", "uname", node.name));
  Edit edit;
  if (states && !states->empty()) {
    edit.operation = Edit::Operation::kModify;
    edit.xpath = path_to("node_state", "uname", node.name);
    edit.attributes = {
        {"in_ccm", "true"}, {"crmd", "online"}, {"join", "member"}, {"expected", "member"}};
  } else {
    edit.operation = Edit::Operation::kCreate;
    edit.xpath = "//status";
    edit.xml =
        say({"<node_state id=\"", xml::escape(node.id), "\" uname=\"", xml::escape(node.name),
             "\" in_ccm=\"true\" crmd=\"online\" join=\"member\" expected=\"member\"/>"});
  }
  change.edits.push_back(std::move(edit));
  return change;
}

}  // namespace quorate::explain
