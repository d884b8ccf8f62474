// Parameters, meta-attributes, utilization and XML attributes of resources (spec/14 §6.6-6.9).

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/exit_code.h"
#include "common/xml_id.h"
#include "crm_resource/attribute_search.h"
#include "scheduler/state/state.h"
#include "xml/xpath.h"

namespace quorate::crm_resource {

namespace exit_code = cli::exit_code;

namespace {

/// One change that was made, as XML output lists it.
struct Change {
  std::string element;
  std::string resource;
  std::string set_element;
  std::string set_id;
  std::string pair_id;
  std::string name;
  std::string value;
};

int report(Session& session, const Error& error) {
  session.output.error(error.message);
  return cli::exit_code_of(error.kind);
}

void list_value(Session& session, std::string_view name, std::string_view value) {
  session.output.text().line(value);
  xml::Writer& xml = session.output.xml();
  xml.open("list");
  xml.attribute("name", "attributes");
  xml.attribute("count", 1);
  xml.open("item");
  xml.attribute("name", name);
  xml.close_with_text(value);
  xml.close();
}

std::optional<std::string_view> instance_attribute(Session& session, std::string_view name) {
  model::Resource& resource = *session.resource;
  const model::Node* node = nullptr;
  if (resource.active.size() > 1) {
    session.output.bare_error(
        fmt::format("{} is active on more than one node, returning the default value for {}",
                    resource.id, name));
  } else if (!resource.active.empty()) {
    node = resource.active.front();
  }
  scheduler::Context context{session.snapshot(), *session.picture->schedule.actions};
  return scheduler::parameters_of(context, resource, node).get(name);
}

/// One run of --set-parameter or --delete-parameter.
class Editor {
 public:
  Editor(Session& session, bool deletes)
      : session_(session),
        settings_(session.settings),
        deletes_(deletes),
        set_element_(set_element(settings_.kind)) {}

  int run() {
    if (!settings_.pair_id && !settings_.force) {
      // Only for the list it prints if there are several.
      static_cast<void>(search_pairs(session_, model::outermost_of(*session_.resource).id, {},
                                     settings_.attribute));
    }
    if (!deletes_ && settings_.kind == AttributeKind::kInstance && !settings_.force) {
      if (const int code = refuse_hidden_meta(); code != exit_code::kOk) return code;
    }
    auto targets = find_targets();
    if (!targets) return report(session_, targets.error());
    int code = exit_code::kOk;
    for (model::Resource* target : *targets) {
      code = change_with_dependents(*target);
      if (!deletes_ && code != exit_code::kOk) break;
    }
    if (!deletes_) write_changes();
    return code;
  }

 private:
  bool has_attribute(const model::Resource& resource, Error& error) {
    auto found = search_pairs(session_, resource.id, set_element_, settings_.attribute);
    if (!found) {
      error = found.error();
      return false;
    }
    return found->pairs.size() == 1;
  }

  /// An instance attribute with the name of a meta-attribute is most often a slip.
  int refuse_hidden_meta() {
    const model::Resource& top = model::outermost_of(*session_.resource);
    const auto found =
        search_pairs(session_, top.id, set_element(AttributeKind::kMeta), settings_.attribute);
    if (!found) return report(session_, found.error());
    if (found->pairs.empty()) return exit_code::kOk;
    const std::string_view id = found->pairs.front().id();
    if (!settings_.quiet) {
      session_.output.bare_error(
          fmt::format("WARNING: There is already a meta attribute for '{}' called '{}' (id={})",
                      top.id, settings_.attribute, id));
      session_.output.bare_error(
          fmt::format("         Delete '{}' first or use the force option to override", id));
    }
    return exit_code::kMultiple;
  }

  void add_members(model::Resource& resource, std::vector<model::Resource*>& list, Error& error) {
    const std::size_t count = resource.is_clone() ? 1 : resource.children.size();
    for (std::size_t i = 0; i < std::min(count, resource.children.size()); ++i) {
      add_members(*resource.children[i], list, error);
    }
    if (&resource != session_.resource && has_attribute(resource, error)) list.push_back(&resource);
  }

  /// Which resources the attribute is set on or deleted from (spec/14 §6.8 step 3).
  Result<std::vector<model::Resource*>> find_targets() {
    model::Resource& given = *session_.resource;
    const bool collective = settings_.kind == AttributeKind::kMeta ||
                            (!deletes_ && settings_.kind == AttributeKind::kUtilization);
    if (!collective || settings_.force) return std::vector{&given};
    const std::string_view verb = deletes_ ? "delete" : "update";
    Error error;
    std::vector<model::Resource*> list;
    if (given.parent != nullptr && given.parent->is_clone()) {
      model::Resource* target = has_attribute(given, error) ? &given : given.parent;
      if (target != &given) {
        session_.output.info(fmt::format("Performing {} of '{}' on '{}', the parent of '{}'", verb,
                                         settings_.attribute, target->id, session_.requested()));
      }
      list.push_back(target);
    } else if (given.is_clone() && given.parent == nullptr && !given.children.empty() &&
               given.children.front()->is_primitive() &&
               has_attribute(*given.children.front(), error)) {
      model::Resource* child = given.children.front();
      session_.output.info(fmt::format(
          "A value for '{}' already exists in child '{}', performing {} on that "
          "instead of '{}'",
          settings_.attribute, model::base_name(child->id), verb, session_.requested()));
      list.push_back(child);
    } else {
      add_members(given, list, error);
      list.push_back(&given);
    }
    if (!error.message.empty()) return tl::unexpected(error);
    if ((settings_.set_id || settings_.pair_id) && list.size() > 1) {
      list.erase(list.begin(), list.end() - 1);
    }
    return list;
  }

  /// The change itself, and with --recursive the same for what is colocated with the resource.
  int change_with_dependents(model::Resource& resource) {
    if (!done_.insert(&resource).second) return exit_code::kOk;
    const int code = deletes_ ? remove_from(resource) : set_on(resource);
    if (code != exit_code::kOk || !settings_.recursive || settings_.kind != AttributeKind::kMeta) {
      return code;
    }
    for (const model::Colocation* colocation : resource.with_this) {
      if (!colocation->is_explicit || colocation->score <= 0) continue;
      const int further = change_with_dependents(*colocation->dependent);
      if (further != exit_code::kOk) return further;
    }
    return code;
  }

  int set_on(const model::Resource& resource) {
    auto found = search_pairs(session_, resource.id, set_element_, settings_.attribute);
    if (!found) return report(session_, found.error());
    if (found->pairs.size() > 1) return exit_code::kMultiple;
    Change change;
    change.element = std::string(resource.xml.name());
    change.resource = std::string(model::base_name(resource.id));
    change.set_element = std::string(set_element_);
    change.name = settings_.attribute;
    change.value = *settings_.value;
    std::string set_id;
    if (found->pairs.empty()) {
      set_id = settings_.set_id.value_or(fmt::format("{}-{}", change.resource, set_element_));
      change.set_id = set_id;
      change.pair_id = settings_.pair_id.value_or(fmt::format("{}-{}", set_id, change.name));
    } else {
      set_id = std::string(found->pairs.front().parent().id());
      change.set_id = settings_.set_id.value_or("");
      change.pair_id = std::string(found->pairs.front().id());
    }
    if (const int code = send(change, set_id); code != exit_code::kOk) return code;
    std::string line =
        fmt::format("Set '{}' option: id={}", change.resource, cli::as_xml_id(change.pair_id));
    if (!change.set_id.empty()) line += " set=" + change.set_id;
    if (!change.name.empty()) line += " name=" + change.name;
    session_.output.info(line + " value=" + change.value);
    changes_.push_back(std::move(change));
    return exit_code::kOk;
  }

  int send(const Change& change, const std::string& set_id) {
    xml::Document data = xml::Document::with_root(change.element);
    data.root().set("id", change.resource);
    xml::Element set = data.root().add(change.set_element);
    set.set("id", cli::as_xml_id(set_id));
    xml::Element pair = set.add("nvpair");
    pair.set("id", cli::as_xml_id(change.pair_id));
    pair.set("name", change.name);
    pair.set("value", change.value);
    cib::Request request;
    request.operation = cib::Operation::kModify;
    request.section = "resources";
    request.options.may_create = true;
    request.data = data.root().to_string();
    return change_cib(session_, request);
  }

  int remove_from(const model::Resource& resource) {
    auto found = search_pairs(session_, resource.id, set_element_, settings_.attribute);
    if (!found) return report(session_, found.error());
    if (found->pairs.empty()) return exit_code::kNoSuch;
    if (found->pairs.size() > 1) return exit_code::kMultiple;
    const std::string id(found->pairs.front().id());
    xml::Document data = xml::Document::with_root("nvpair");
    data.root().set("id", id);
    cib::Request request;
    request.operation = cib::Operation::kDelete;
    request.section = "resources";
    request.data = data.root().to_string();
    if (const int code = change_cib(session_, request); code != exit_code::kOk) return code;
    std::string line = fmt::format("Deleted '{}' option: id={}", model::base_name(resource.id), id);
    if (settings_.set_id) line += " set=" + *settings_.set_id;
    if (!settings_.attribute.empty()) line += " name=" + settings_.attribute;
    session_.output.info(line);
    return exit_code::kOk;
  }

  void write_changes() {
    xml::Writer& xml = session_.output.xml();
    xml.open("resource-settings");
    for (const Change& change : changes_) {
      xml.open(change.element);
      xml.attribute("id", change.resource);
      xml.open(change.set_element);
      if (!change.set_id.empty()) xml.attribute("id", change.set_id);
      xml.open("nvpair");
      xml.attribute("id", change.pair_id);
      xml.attribute("value", change.value);
      xml.attribute("name", change.name);
      xml.close();
      xml.close();
      xml.close();
    }
    xml.close();
  }

  Session& session_;
  const Settings& settings_;
  bool deletes_;
  std::string_view set_element_;
  std::set<const model::Resource*> done_;
  std::vector<Change> changes_;
};

/// Sets or removes an XML attribute of the resource's own element.
int edit_element(Session& session, bool deletes) {
  auto document = session.cib.document();
  if (!document) return report(session, document.error());
  const auto found = xml::find_all(
      document->root(), fmt::format("/cib/configuration/resources//*[@id={}]",
                                    xml::xpath_literal(model::base_name(session.resource->id))));
  if (!found || found->empty()) return exit_code::kNoSuch;
  xml::Element element = found->front();
  const std::string& name = session.settings.attribute;
  if (deletes) {
    element.remove_attribute(name);
  } else {
    element.set(name, *session.settings.value);
  }
  cib::Request request;
  request.operation = cib::Operation::kReplace;
  request.section = "resources";
  request.data = element.to_string();
  if (const int code = change_cib(session, request); code != exit_code::kOk) return code;
  session.output.info(
      deletes ? "Deleted attribute: " + name
              : fmt::format("Set attribute: name={} value={}", name, *session.settings.value));
  return exit_code::kOk;
}

}  // namespace

int get_parameter(Session& session) {
  const model::Resource& resource = *session.resource;
  const std::string& name = session.settings.attribute;
  std::optional<std::string_view> value;
  switch (session.settings.kind) {
    case AttributeKind::kInstance:
      value = instance_attribute(session, name);
      break;
    case AttributeKind::kMeta:
      value = resource.meta.get(name);
      break;
    case AttributeKind::kUtilization:
      value = resource.utilization.get(name);
      break;
    case AttributeKind::kElement:
      value = resource.xml.get(name);
      break;
  }
  if (value) {
    list_value(session, name, *value);
  } else {
    session.output.bare_error(fmt::format("Attribute '{}' not found for '{}'", name, resource.id));
  }
  return exit_code::kOk;
}

int set_parameter(Session& session) {
  if (session.settings.kind == AttributeKind::kElement) return edit_element(session, false);
  return Editor(session, false).run();
}

int delete_parameter(Session& session) {
  if (session.settings.kind == AttributeKind::kElement) return edit_element(session, true);
  return Editor(session, true).run();
}

}  // namespace quorate::crm_resource
