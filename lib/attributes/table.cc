#include "attributes/table.h"

#include <regex.h>

#include "attributes/increments.h"
#include "base/duration.h"
#include "base/text.h"

namespace quorate::attributes {
namespace {

std::string shown(const std::optional<std::string>& value) { return value ? *value : "(unset)"; }

}  // namespace

bool Table::set_value(const std::string& name, Attribute& attribute, NodeValue& entry,
                      const std::optional<std::string>& value, std::string_view from,
                      std::vector<LogRecord>& log) {
  std::optional<std::string> wanted = value;
  if (wanted) wanted = resolve_increment(*wanted, entry.value);
  const bool same = wanted ? entry.value && iequals(*entry.value, *wanted) : !entry.value;
  if (same) return false;
  const std::string delay = attribute.traits.dampening_ms > 0
                                ? format_duration_ms(attribute.traits.dampening_ms)
                                : std::string("no");
  log.push_back({LogLevel::kNotice,
                 "Setting " + name + "[" + entry.node + "] in " + attribute.traits.set_type + ": " +
                     shown(entry.value) + " -> " + shown(wanted) + " | from " + std::string(from) +
                     " with " + delay + " write delay and " +
                     (entry.id.empty() ? "no node XML ID" : "node XML ID " + entry.id)});
  entry.value = std::move(wanted);
  return true;
}

Touched Table::apply_part(const AttributeChange& change, const AttributeChange::Part& part,
                          std::string_view from, std::vector<LogRecord>& log) {
  Touched touched;
  touched.name = part.name;
  auto found = attributes_.find(part.name);
  if (found == attributes_.end()) {
    if (!part.creates) return touched;
    found = attributes_.emplace(part.name, Attribute{part.traits, {}}).first;
    touched.created = true;
  } else if (part.sets_dampening && found->second.traits.dampening_ms != part.traits.dampening_ms) {
    found->second.traits.dampening_ms = part.traits.dampening_ms;
    touched.dampening_changed = true;
  }
  Attribute& attribute = found->second;
  if (!part.sets_value && !touched.created) return touched;
  if (change.node.empty()) {
    for (auto& [key, entry] : attribute.values) {
      touched.value_changed |= set_value(part.name, attribute, entry, part.value, from, log);
    }
    return touched;
  }
  const std::string key = to_lower(change.node);
  auto entry = attribute.values.find(key);
  if (entry == attribute.values.end()) {
    entry = attribute.values.emplace(key, NodeValue{change.node, {}, false, {}}).first;
  }
  if (change.node_is_remote) entry->second.remote = true;
  if (entry->second.remote)
    entry->second.id = entry->second.node;
  else if (!change.node_id.empty())
    entry->second.id = change.node_id;
  if (part.sets_value) {
    touched.value_changed = set_value(part.name, attribute, entry->second, part.value, from, log);
  }
  return touched;
}

std::vector<Touched> Table::apply(const AttributeChange& change, std::string_view from,
                                  std::vector<LogRecord>& log) {
  std::vector<Touched> result;
  result.reserve(change.parts.size());
  for (const AttributeChange::Part& part : change.parts) {
    result.push_back(apply_part(change, part, from, log));
  }
  return result;
}

std::vector<std::string> Table::purge(std::string_view node) {
  std::vector<std::string> names;
  const std::string key = to_lower(node);
  for (auto& [name, attribute] : attributes_) {
    if (attribute.values.erase(key) > 0) names.push_back(name);
  }
  return names;
}

void Table::merge(const AttributeSync& sync) {
  for (const auto& [name, traits] : sync.attributes) {
    attributes_.emplace(name, Attribute{traits, {}});
  }
  for (const AttributeSync::Value& value : sync.values) {
    const auto found = attributes_.find(value.name);
    if (found == attributes_.end()) continue;
    found->second.values.emplace(
        to_lower(value.node),
        NodeValue{value.node, value.node_id, value.node_is_remote, value.value});
  }
}

std::vector<std::string> Table::learn_id(std::string_view node, std::string_view id) {
  std::vector<std::string> names;
  const std::string key = to_lower(node);
  for (auto& [name, attribute] : attributes_) {
    const auto entry = attribute.values.find(key);
    if (entry == attribute.values.end() || !entry->second.id.empty()) continue;
    entry->second.id = id;
    names.push_back(name);
  }
  return names;
}

const Attribute* Table::find(std::string_view name) const {
  const auto found = attributes_.find(name);
  return found == attributes_.end() ? nullptr : &found->second;
}

Result<std::vector<std::string>> Table::matching(const std::string& pattern) const {
  constexpr std::size_t kMaxPattern = 4096;
  regex_t compiled;
  if (pattern.size() > kMaxPattern ||
      regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return fail(ErrorKind::kInvalid,
                "'" + pattern.substr(0, 200) + "' is not a valid regular expression");
  }
  std::vector<std::string> names;
  for (const auto& [name, attribute] : attributes_) {
    if (regexec(&compiled, name.c_str(), 0, nullptr, 0) == 0) names.push_back(name);
  }
  regfree(&compiled);
  return names;
}

bool Table::has_public_values(std::string_view node) const {
  const std::string key = to_lower(node);
  for (const auto& [name, attribute] : attributes_) {
    if (attribute.traits.is_private) continue;
    const auto entry = attribute.values.find(key);
    if (entry != attribute.values.end() && entry->second.value) return true;
  }
  return false;
}

}  // namespace quorate::attributes
