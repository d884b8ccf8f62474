#include "status/resource_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "status/instances.h"
#include "status/primitive.h"

namespace quorate::status {
namespace {

using model::Node;
using model::Resource;

std::string in_parentheses(const std::vector<std::string>& words) {
  return words.empty() ? std::string() : fmt::format(" ({})", fmt::join(words, ", "));
}

void add_management_words(const Resource& resource, std::vector<std::string>& words) {
  if (resource.maintenance) {
    words.emplace_back("maintenance");
  } else if (!resource.managed) {
    words.emplace_back("unmanaged");
  }
}

std::string description_text(const Resource& resource, const Show& show) {
  if (!show.descriptions && !show.detail && !show.resource_only) return {};
  const auto text = resource.xml.get("description");
  return text ? fmt::format(" ({})", *text) : std::string();
}

/// A list whose heading appears with its first entry.
class LazyList {
 public:
  LazyList(ListWriter& out, std::string title) : out_(out), title_(std::move(title)) {}
  LazyList(const LazyList&) = delete;
  LazyList& operator=(const LazyList&) = delete;
  ~LazyList() {
    if (open_) out_.end_list();
  }
  ListWriter& begin() {
    if (!open_) out_.begin_list(title_);
    open_ = true;
    return out_;
  }
  bool open() const { return open_; }

 private:
  ListWriter& out_;
  std::string title_;
  bool open_ = false;
};

std::string group_title(const Resource& group, const Show& show) {
  std::vector<std::string> words;
  if (!show.inactive) {
    const auto inactive =
        std::count_if(group.children.begin(), group.children.end(),
                      [](const Resource* member) { return !model::is_active(*member, true); });
    const auto all = static_cast<std::ptrdiff_t>(group.children.size());
    if (inactive > 0 && inactive < all) {
      words.push_back(fmt::format("{} member{} inactive", inactive, inactive == 1 ? "" : "s"));
    }
  }
  if (is_disabled(group)) words.emplace_back("disabled");
  add_management_words(group, words);
  return fmt::format("Resource Group: {}{}{}", group.id, in_parentheses(words),
                     description_text(group, show));
}

bool write_group(ListWriter& out, const model::Snapshot& snapshot, const Resource& group,
                 const Show& show) {
  const bool whole = !show.resources || show.names(group) || show.names(model::outermost_of(group));
  LazyList list(out, group_title(group, show));
  std::vector<Resource*> members;
  for (Resource* member : group.children) {
    if (!whole && !passes(show, *member, false)) continue;
    const bool named = show.resources && show.names(*member) && !whole;
    if (!named && !show.inactive && !model::is_active(*member, false)) continue;
    members.push_back(member);
  }
  if (show.brief) {
    Show totals = show;
    totals.inactive = true;
    for (const std::string& line : brief_lines(members, totals)) list.begin().item(line);
    return list.open();
  }
  for (const Resource* member : members) write_resource(list.begin(), snapshot, *member, show);
  return list.open();
}

std::string clone_title(const Resource& clone, const Show& show) {
  std::vector<std::string> words;
  if (clone.promotable) words.emplace_back("promotable");
  if (clone.unique) words.emplace_back("unique");
  if (is_disabled(clone)) words.emplace_back("disabled");
  add_management_words(clone, words);
  return fmt::format("Clone Set: {} [{}]{}{}", clone.id, clone.clone->child_xml.id(),
                     in_parentheses(words), description_text(clone, show));
}

std::vector<std::string_view> names_of(const std::vector<const Node*>& nodes) {
  std::vector<std::string_view> names;
  for (const Node* node : nodes) names.push_back(node->name);
  return names;
}

std::string_view started_title(const Resource& clone) {
  if (!clone.promotable) return "Started";
  return configured_role(clone) == model::Role::kUnpromoted ? "Unpromoted (target-role)"
                                                            : "Unpromoted";
}

bool write_clone(ListWriter& out, const model::Snapshot& snapshot, const Resource& clone,
                 const Show& show) {
  const bool whole = !show.resources || show.names(clone) ||
                     std::find(show.resources->begin(), show.resources->end(),
                               clone.clone->child_xml.id()) != show.resources->end();
  Show inner = show;
  if (whole) inner.resources.reset();
  Show member_show = inner;
  member_show.inactive = true;
  const InstanceGroups groups = group_instances(snapshot, clone, show);
  LazyList list(out, clone_title(clone, show));
  for (const Resource* instance : groups.individual) {
    if (!whole && !passes(show, *instance, false)) continue;
    write_resource(list.begin(), snapshot, *instance, member_show);
  }
  if (!groups.promoted.empty()) {
    list.begin().item(bracketed("Promoted", names_of(groups.promoted)));
  }
  if (!groups.started.empty()) {
    list.begin().item(bracketed(started_title(clone), names_of(groups.started)));
  }
  for (const auto& [text, names] : groups.stopped) list.begin().item(bracketed(text, names));
  if (!list.open() && show.inactive && !show.detail) list.begin();
  return list.open();
}

std::string bundle_title(const Resource& bundle, const Show& show) {
  const model::BundleSettings& settings = *bundle.bundle;
  std::string title = fmt::format("Container bundle{}: {} [{}]",
                                  settings.replicas > 1 ? " set" : "", bundle.id, settings.image);
  if (bundle.unique) title += " (unique)";
  title += description_text(bundle, show);
  std::vector<std::string> words;
  add_management_words(bundle, words);
  return title + in_parentheses(words);
}

void write_replica_line(ListWriter& out, const model::Snapshot& snapshot,
                        const model::BundleReplica& replica, const Show& show) {
  const Resource& named = replica.connection != nullptr ? *replica.connection : *replica.container;
  const Resource& shown = replica.child != nullptr ? *replica.child : *replica.container;
  std::string name(named.printable_id());
  if (!replica.address.empty()) name += fmt::format(" ({})", replica.address);
  const Node* node =
      replica.container->active.empty() ? nullptr : replica.container->active.front();
  out.item(primitive_line(snapshot, shown, show, name, node), primitive_style(shown));
}

void write_replica_parts(ListWriter& out, const model::Snapshot& snapshot, const Resource& bundle,
                         const model::BundleReplica& replica, const Show& show, bool whole) {
  const std::string title = bundle.bundle->replica_list.size() > 1
                                ? fmt::format("Replica[{}]", replica.offset)
                                : std::string();
  if (!out.is_page() && !title.empty()) out.item(title);
  out.begin_list(out.is_page() ? title : std::string());
  for (const Resource* part : {replica.ip, replica.child, replica.container, replica.connection}) {
    if (part == nullptr || (!whole && !passes(show, *part, false))) continue;
    out.item(primitive_line(snapshot, *part, show), primitive_style(*part));
  }
  out.end_list();
}

bool write_bundle(ListWriter& out, const model::Snapshot& snapshot, const Resource& bundle,
                  const Show& show) {
  const bool whole = !show.resources || show.names(bundle);
  LazyList list(out, bundle_title(bundle, show));
  for (const model::BundleReplica& replica : bundle.bundle->replica_list) {
    if (!on_wanted_node(show, *replica.container)) continue;
    if (show.detail || !whole) {
      write_replica_parts(list.begin(), snapshot, bundle, replica, show, whole);
    } else {
      write_replica_line(list.begin(), snapshot, replica, show);
    }
  }
  if (!list.open()) list.begin();
  return true;
}

/// Whether a top-level resource is left out of the section (spec/13 §10.5 step 4).
bool left_out(const Resource& resource, const Show& show) {
  const bool whole = model::is_active(resource, true);
  const bool part = model::is_active(resource, false);
  if (resource.removed && !whole) return true;
  if (show.group_by_node) {
    if (whole) return true;
  } else if (show.brief && resource.is_primitive()) {
    return true;
  }
  if (!show.inactive && !part) return true;
  return part && !on_wanted_node(show, resource);
}

std::string_view section_title(const Show& show) {
  if (show.group_by_node) return "Inactive Resources";
  return show.inactive ? "Full List of Resources" : "Active Resources";
}

std::string_view nothing_text(const Show& show) {
  if (show.group_by_node) return "No inactive resources";
  return show.inactive ? "No resources" : "No active resources";
}

bool is_active_there(const Resource& resource, const Node& node) {
  return node.online || node.unclean || !resource.managed;
}

}  // namespace

std::vector<std::string> brief_lines(const std::vector<Resource*>& resources, const Show& show) {
  struct ByName {
    bool operator()(std::string_view a, std::string_view b) const {
      return compare_names_numerically(a, b) < 0;
    }
  };
  struct Counts {
    int total = 0;
    int active = 0;
    std::map<std::string_view, int, ByName> per_node;
  };
  std::map<std::string, Counts> agents;
  for (const Resource* resource : resources) {
    if (!resource->is_primitive() || !passes(show, *resource, true)) continue;
    Counts& counts = agents[agent_text(*resource)];
    ++counts.total;
    for (const Node* node : resource->active) {
      if (!show.wants_node(node->name) || !is_active_there(*resource, *node)) continue;
      ++counts.per_node[node->name];
      ++counts.active;
    }
  }
  std::vector<std::string> lines;
  for (const auto& [agent, counts] : agents) {
    for (const auto& [node, count] : counts.per_node) {
      const std::string total = show.inactive ? fmt::format("/{}", counts.total) : std::string();
      lines.push_back(fmt::format("{}{}\t({}):\tActive {}", count, total, agent,
                                  show.resource_only ? std::string_view{} : node));
    }
    if (show.inactive && counts.active == 0) {
      lines.push_back(fmt::format("0/{}\t({}):\tActive", counts.total, agent));
    }
  }
  return lines;
}

bool write_resource(ListWriter& out, const model::Snapshot& snapshot, const Resource& resource,
                    const Show& show) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      if (is_implicit(resource) && !show.detail) return false;
      out.item(primitive_line(snapshot, resource, show), primitive_style(resource));
      return true;
    case model::Variant::kGroup:
      return write_group(out, snapshot, resource, show);
    case model::Variant::kClone:
      return write_clone(out, snapshot, resource, show);
    case model::Variant::kBundle:
      return write_bundle(out, snapshot, resource, show);
  }
  return false;
}

bool write_resources(ListWriter& out, const model::Snapshot& snapshot, const Show& show) {
  if (show.group_by_node && !show.inactive) return false;
  out.begin_list(section_title(show));
  bool any = false;
  if (show.brief && !show.group_by_node) {
    for (const std::string& line : brief_lines(snapshot.resources, show)) {
      out.item(line);
      any = true;
    }
  }
  for (const Resource* resource : snapshot.resources) {
    if (left_out(*resource, show) || !passes(show, *resource, false)) continue;
    any = write_resource(out, snapshot, *resource, show) || any;
  }
  if (!any) out.item(nothing_text(show));
  out.end_list();
  return true;
}

}  // namespace quorate::status
