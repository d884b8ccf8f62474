#include "agents/metadata.h"

#include <algorithm>

#include "base/text.h"
#include "xml/document.h"

namespace quorate::agents {
namespace {

constexpr std::size_t kMaxEntries = 10'000;
constexpr std::size_t kMaxName = 1'000;
constexpr xml::ParseLimits kLimits{std::size_t{1} << 20, 32};

bool is_true(xml::Element element, std::string_view attribute) {
  return parse_boolean(element.get_or(attribute, {})).value_or(false);
}

MetadataParameter read_parameter(xml::Element element) {
  MetadataParameter parameter;
  parameter.name = element.get_or("name", {});
  parameter.required = is_true(element, "required");
  parameter.unique = is_true(element, "unique");
  parameter.reloadable = is_true(element, "reloadable");
  parameter.is_private = is_true(element, "private");
  parameter.default_value = element.first_child("content").get_or("default", {});
  return parameter;
}

MetadataAction read_action(xml::Element element) {
  return {std::string(element.get_or("name", {})),
          is_true(element, "automatic") || is_true(element, "required"),
          is_true(element, "on_target")};
}

template <class Entry, class Read>
void read_entries(xml::Element list, std::string_view child, Read read,
                  std::vector<Entry>& entries) {
  for (xml::Element element : xml::children(list, child)) {
    if (entries.size() >= kMaxEntries) return;
    const std::string_view name = element.get_or("name", {});
    if (!name.empty() && name.size() <= kMaxName) entries.push_back(read(element));
  }
}

template <class Entries>
auto find_named(const Entries& entries, std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

const MetadataParameter* Metadata::parameter(std::string_view wanted) const {
  return find_named(parameters, wanted);
}

const MetadataAction* Metadata::action(std::string_view wanted) const {
  return find_named(actions, wanted);
}

std::string Metadata::reload_task() const {
  const bool is_1_1 = !ocf_version.empty() && compare_versions(ocf_version, "1.1") >= 0;
  const char* task = is_1_1 ? "reload-agent" : "reload";
  return action(task) != nullptr ? task : "";
}

std::vector<std::string> Metadata::restart_parameters() const {
  const bool by_reloadable = reload_task() == "reload-agent";
  std::vector<std::string> names;
  for (auto it = parameters.rbegin(); it != parameters.rend(); ++it) {
    if (by_reloadable ? !it->reloadable : it->unique) names.push_back(it->name);
  }
  return names;
}

std::vector<std::string> Metadata::private_parameters() const {
  std::vector<std::string> marked;
  std::vector<std::string> customary;
  for (auto it = parameters.rbegin(); it != parameters.rend(); ++it) {
    if (it->is_private) marked.push_back(it->name);
    if (it->name == "password" || it->name == "passwd" || it->name == "user") {
      customary.push_back(it->name);
    }
  }
  return marked.empty() ? customary : marked;
}

std::string_view without_declarations(std::string_view text) {
  for (const std::string_view opening : {"<?xml", "<!DOCTYPE"}) {
    text = trim(text);
    if (!text.starts_with(opening)) continue;
    const std::size_t end = text.find('>');
    if (end == std::string_view::npos || text.substr(0, end).find('[') != std::string_view::npos) {
      return text;
    }
    text.remove_prefix(end + 1);
  }
  return trim(text);
}

Result<Metadata> parse_metadata(std::string_view text, std::string_view agent) {
  const auto document = xml::Document::parse(without_declarations(text),
                                             "metadata of " + std::string(agent), kLimits);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  if (root.name() != "resource-agent") {
    return fail(ErrorKind::kInvalid, "metadata of " + std::string(agent) + " is a '" +
                                         std::string(root.name()).substr(0, kMaxName) +
                                         "' instead of a 'resource-agent' element");
  }
  Metadata metadata;
  metadata.name = root.get_or("name", {});
  if (xml::Element version = root.first_child("version")) {
    metadata.ocf_version = trim(version.text());
  }
  read_entries(root.first_child("parameters"), "parameter", read_parameter, metadata.parameters);
  read_entries(root.first_child("actions"), "action", read_action, metadata.actions);
  return metadata;
}

}  // namespace quorate::agents
