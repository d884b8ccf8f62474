#include "status/transition_summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace quorate::status {
namespace {

using scheduler::ResourceChange;

std::string_view name_of(const model::Node* node) {
  return node != nullptr ? node->name : std::string_view{};
}

/// What stands between the parentheses (spec/07 §14.5).
std::string details(const ResourceChange& change) {
  const std::string_view from = name_of(change.origin);
  const std::string_view to = name_of(change.destination);
  const std::string_view role = model::role_name(change.role);
  const std::string_view next = model::role_name(change.next_role);
  if (change.origin == nullptr) {
    return change.roles_shown() ? fmt::format("{} -> {} {}", role, next, to) : std::string(to);
  }
  if (change.destination == nullptr || (change.same_role() && change.same_host())) {
    return change.roles_shown() ? fmt::format("{} {}", role, from) : std::string(from);
  }
  if (change.same_role()) {
    return change.roles_shown() ? fmt::format("{} -> {} {}", from, to, role)
                                : fmt::format("{} -> {}", from, to);
  }
  if (change.same_host()) return fmt::format("{} -> {} {}", role, next, from);
  return fmt::format("{} {} -> {} {}", role, from, next, to);
}

std::string suffix(const ResourceChange& change) {
  if (change.reason.empty()) return change.runnable ? "" : "  blocked";
  return fmt::format("  due to {}{}", change.reason, change.runnable ? "" : " (blocked)");
}

struct Attributes {
  xml::Writer& out;
  const ResourceChange& change;
  void role() const { out.attribute("role", model::role_name(change.role)); }
  void next_role() const { out.attribute("next-role", model::role_name(change.next_role)); }
  void source() const { out.attribute("source", name_of(change.origin)); }
  void destination() const { out.attribute("dest", name_of(change.destination)); }
  void node(const model::Node* node) const { out.attribute("node", name_of(node)); }
};

/// Attributes by case, in the order of spec/07 §20.4.
void write_details(xml::Writer& out, const ResourceChange& change) {
  const Attributes write{out, change};
  const bool roles = change.roles_shown();
  if (change.origin == nullptr) {
    if (!roles) return write.node(change.destination);
    write.role();
    write.next_role();
    write.destination();
  } else if (change.destination == nullptr) {
    if (roles) write.role();
    write.node(change.origin);
  } else if (change.same_role() && change.same_host()) {
    if (roles) write.role();
    write.source();
  } else if (change.same_role()) {
    write.source();
    write.destination();
    if (roles) write.role();
  } else if (change.same_host()) {
    write.role();
    write.next_role();
    write.source();
  } else {
    write.role();
    write.source();
    write.next_role();
    write.destination();
  }
}

}  // namespace

std::vector<std::string> transition_lines(const scheduler::Summary& summary) {
  std::vector<std::string> lines;
  for (const scheduler::NodeChange& change : summary.nodes) {
    if (change.reason.empty()) continue;
    lines.push_back(fmt::format("{} {} '{}'", change.task, change.node_text, change.reason));
  }
  std::size_t id_width = 5;
  std::size_t detail_width = 5;
  std::vector<std::string> texts;
  for (const ResourceChange& change : summary.resources) {
    const std::size_t id_length = change.resource->id.size();
    if (id_length > id_width) id_width = id_length + 2;
    texts.push_back(details(change));
    detail_width = std::max(detail_width, texts.back().size());
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const ResourceChange& change = summary.resources[i];
    lines.push_back(fmt::format("{:<8}   {:<{}}   ( {:>{}} ){}", change.word, change.resource->id,
                                id_width, texts[i], detail_width, suffix(change)));
  }
  return lines;
}

void write_transition_summary(ListWriter& out, const scheduler::Summary& summary) {
  out.begin_list("Transition Summary");
  for (const std::string& line : transition_lines(summary)) out.item(line);
  out.end_list();
}

void write_transition_summary(xml::Writer& out, const scheduler::Summary& summary) {
  out.open("actions");
  for (const scheduler::NodeChange& change : summary.nodes) {
    if (change.reason.empty()) continue;
    out.open("node_action");
    out.attribute("task", change.task);
    out.attribute("node", change.node_text);
    out.attribute("reason", change.reason);
    out.close();
  }
  for (const ResourceChange& change : summary.resources) {
    out.open("rsc_action");
    out.attribute("action", to_lower(change.word));
    out.attribute("resource", change.resource->id);
    write_details(out, change);
    if (!change.reason.empty()) out.attribute("reason", change.reason);
    if (!change.runnable) out.attribute("blocked", true);
    out.close();
  }
  out.close();
}

}  // namespace quorate::status
