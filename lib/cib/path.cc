#include "cib/path.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace quorate::cib {
namespace {

struct Component {
  std::string_view name;
  std::optional<std::string_view> id;
};

constexpr std::string_view kIdBegin = "[@id='";
constexpr std::string_view kIdEnd = "']";

/// Takes the first component off the path; nullopt if it is malformed.
std::optional<Component> take_component(std::string_view& path) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  path.remove_prefix(1);
  Component component;
  const std::size_t name_end = std::min(path.find_first_of("/["), path.size());
  component.name = path.substr(0, name_end);
  if (component.name.empty()) return std::nullopt;
  path.remove_prefix(name_end);
  if (path.substr(0, kIdBegin.size()) != kIdBegin) {
    return path.empty() || path[0] == '/' ? std::optional(component) : std::nullopt;
  }
  path.remove_prefix(kIdBegin.size());
  for (std::size_t end = path.find(kIdEnd); end != std::string_view::npos;
       end = path.find(kIdEnd, end + 1)) {
    const std::size_t after = end + kIdEnd.size();
    if (after == path.size() || path[after] == '/') {
      component.id = path.substr(0, end);
      path.remove_prefix(after);
      return component;
    }
  }
  return std::nullopt;
}

bool fits(xml::Element element, const Component& component) {
  return element.name() == component.name && (!component.id || element.get("id") == component.id);
}

}  // namespace

std::string path_of(xml::Node node) {
  // From the end: every part goes in front of what is there, so it is written reversed.
  std::string path;
  const auto prepend = [&](std::string_view part) { path.append(part.rbegin(), part.rend()); };
  if (node.is_comment()) prepend("/comment");
  for (xml::Element at = node.is_comment() ? node.parent() : node.element(); at; at = at.parent()) {
    if (const auto id = at.get("id")) {
      prepend(kIdEnd);
      prepend(*id);
      prepend(kIdBegin);
    }
    prepend(at.name());
    prepend("/");
  }
  std::reverse(path.begin(), path.end());
  return path;
}

void append_component(std::string& path, xml::Node node) {
  path += '/';
  if (node.is_comment()) {
    path += "comment";
    return;
  }
  path += node.element().name();
  if (const auto id = node.element().get("id")) {
    path += kIdBegin;
    path += *id;
    path += kIdEnd;
  }
}

xml::Node resolve_path(const Cib& cib, std::string_view path,
                       std::optional<std::size_t> comment_position) {
  auto component = take_component(path);
  xml::Element at = cib.root();
  if (!component || !fits(at, *component)) return {};
  while (!path.empty()) {
    component = take_component(path);
    if (!component) return {};
    if (path.empty() && comment_position && component->name == "comment" && !component->id) {
      const xml::Node comment = xml::child_at(at, *comment_position);
      return comment.is_comment() ? comment : xml::Node();
    }
    const xml::Element child = component->id ? cib.child(at, component->name, *component->id)
                                             : at.first_child(component->name);
    if (!child) return {};
    at = child;
  }
  return at;
}

}  // namespace quorate::cib
