// Commands that only look: list, locate, query (spec/14 §6.3, §6.5, §6.10).

#include <fmt/format.h>

#include "common/exit_code.h"
#include "common/files.h"
#include "crm_resource/session.h"
#include "status/resource_lists.h"
#include "xml/xpath.h"

namespace quorate::crm_resource {

namespace exit_code = cli::exit_code;

int list(Session& session) {
  status::Show show;
  show.resource_only = true;
  if (session.snapshot().resources.empty()) {
    session.output.text().line("Full List of Resources:");
    session.output.text().line("  * No resources");
    return exit_code::kNoSuch;
  }
  status::write_resources(session.output.text(), session.snapshot(), show);
  status::write_resources(session.output.xml(), session.snapshot(), show);
  return exit_code::kOk;
}

namespace {
void collect_leaves(const std::vector<model::Resource*>& resources,
                    std::vector<std::string>& names) {
  for (const model::Resource* resource : resources) {
    if (resource->children.empty()) {
      names.emplace_back(resource->id);
    } else {
      collect_leaves(resource->children, names);
    }
  }
}
}  // namespace

int list_raw(Session& session) {
  std::vector<std::string> names;
  collect_leaves(session.snapshot().resources, names);
  if (names.empty()) {
    session.output.bare_error("NO resources configured\n");
    return exit_code::kNoSuch;
  }
  xml::Writer& xml = session.output.xml();
  xml.open("list");
  xml.attribute("name", "resource names");
  xml.attribute("count", static_cast<std::int64_t>(names.size()));
  for (const std::string& name : names) {
    session.output.text().line(name);
    xml.open("item");
    xml.attribute("name", "resource");
    xml.close_with_text(name);
  }
  xml.close();
  return exit_code::kOk;
}

int query_xml(Session& session, bool raw) {
  status::Show show;
  session.output.text().set_fancy(false);
  status::write_resource(session.output.text(), session.snapshot(), *session.resource, show);
  xml::Element shown = session.resource->xml;
  if (raw) {
    const auto original = xml::find_all(session.picture->document.root(),
                                        fmt::format("/cib/configuration/resources//*[@id={}]",
                                                    xml::xpath_literal(session.resource->xml_id)));
    if (original && !original->empty()) shown = original->front();
  }
  xml::Document copy = xml::Document::copy_of(shown);
  if (!raw && session.resource->instance_number >= 0 && !session.resource->unique) {
    copy.root().set("clone", std::to_string(session.resource->instance_number));
  }
  std::string text = cli::file_text(copy.root());
  session.output.xml().open("resource_config");
  status::write_resource(session.output.xml(), session.snapshot(), *session.resource, show);
  session.output.xml().cdata_element("xml", text);
  session.output.xml().close();
  session.output.text().line("Resource XML:");
  if (text.ends_with('\n')) text.pop_back();
  session.output.text().line(text);
  return exit_code::kOk;
}

namespace {

struct Place {
  std::string node;
  bool promoted = false;
};

void add_places(const model::Resource& resource, std::vector<Place>& places) {
  const bool promoted =
      model::top_of(resource).promotable && model::role_of(resource) == model::Role::kPromoted;
  for (auto node = resource.active.rbegin(); node != resource.active.rend(); ++node) {
    places.push_back({std::string((*node)->name), promoted});
  }
}

}  // namespace

int locate(Session& session) {
  const model::Resource& resource = *session.resource;
  const bool instance_of_anonymous = resource.parent != nullptr && resource.parent->is_clone() &&
                                     !resource.unique &&
                                     model::base_name(resource.id) == session.requested();
  std::vector<Place> places;
  if (resource.is_clone() || instance_of_anonymous) {
    const model::Resource& clone = resource.is_clone() ? resource : *resource.parent;
    for (const model::Resource* instance : clone.children) add_places(*instance, places);
  } else {
    add_places(resource, places);
  }
  xml::Writer& xml = session.output.xml();
  xml.open("nodes");
  xml.attribute("resource", session.requested());
  for (const Place& place : places) {
    if (session.settings.quiet) {
      session.output.text().line(place.node);
    } else {
      session.output.text().line(fmt::format("resource {} is running on: {}{}", session.requested(),
                                             place.node, place.promoted ? " Promoted" : ""));
    }
    xml.open("node");
    if (place.promoted) xml.attribute("state", "promoted");
    xml.close_with_text(place.node);
  }
  xml.close();
  if (places.empty() && !session.settings.quiet) {
    session.output.bare_error(fmt::format("resource {} is NOT running", session.requested()));
  }
  return exit_code::kOk;
}

}  // namespace quorate::crm_resource
