#include <algorithm>

#include "status/primitive.h"
#include "status/resource_lists.h"

namespace quorate::status {
namespace {

using model::Resource;

std::optional<std::string_view> description(const Resource& resource, const Show& show) {
  if (!show.descriptions && !show.detail && !show.resource_only) return std::nullopt;
  return resource.xml.get("description");
}

void write_primitive(xml::Writer& out, const Resource& resource, const Show& show) {
  const std::string_view pending = show.pending ? pending_text(resource) : std::string_view{};
  out.open("resource");
  out.attribute("id", resource.printable_id());
  out.attribute("resource_agent", agent_text(resource));
  out.attribute("role", pending.empty() ? model::role_name(display_role(resource)) : pending);
  out.attribute_if("target_role", resource.meta.get("target-role"));
  out.attribute("active", model::is_active(resource, true));
  out.attribute("orphaned", resource.removed);
  out.attribute("removed", resource.removed);
  out.attribute("blocked", resource.blocked);
  out.attribute("maintenance", resource.maintenance);
  out.attribute("managed", resource.managed);
  out.attribute("failed", resource.failed);
  out.attribute("failure_ignored", resource.failure_ignored);
  out.attribute("nodes_running_on", static_cast<std::int64_t>(resource.active.size()));
  if (show.pending && pending_monitor(resource)) out.attribute("pending", "Monitoring");
  if (resource.lock_node != nullptr) out.attribute("locked_to", resource.lock_node->name);
  out.attribute_if("description", description(resource, show));
  for (const model::Node* node : resource.active) {
    out.open("node");
    out.attribute("name", node->name);
    out.attribute("id", node->id);
    out.attribute("cached", node->online);
    out.close();
  }
  out.close();
}

void write_group(xml::Writer& out, const model::Snapshot& snapshot, const Resource& group,
                 const Show& show) {
  const bool whole = !show.resources || show.names(group) || show.names(model::outermost_of(group));
  const auto shown = [&](const Resource* member) { return whole || passes(show, *member, false); };
  const auto first = std::find_if(group.children.begin(), group.children.end(), shown);
  if (first == group.children.end()) return;
  out.open("group");
  out.attribute("id", group.id);
  out.attribute("number_resources", static_cast<std::int64_t>(group.children.end() - first));
  out.attribute("maintenance", group.maintenance);
  out.attribute("managed", group.managed);
  out.attribute("disabled", is_disabled(group));
  out.attribute_if("description", description(group, show));
  for (auto member = first; member != group.children.end(); ++member) {
    if (shown(*member)) write_resource(out, snapshot, **member, show);
  }
  out.close();
}

std::optional<std::string_view> clone_target_role(const Resource& clone) {
  if (const auto own = clone.meta.get("target-role")) return own;
  return clone.children.empty() ? std::nullopt : clone.children.front()->meta.get("target-role");
}

void write_clone(xml::Writer& out, const model::Snapshot& snapshot, const Resource& clone,
                 const Show& show) {
  Show inner = show;
  const bool whole = !show.resources || show.names(clone) ||
                     std::find(show.resources->begin(), show.resources->end(),
                               clone.clone->child_xml.id()) != show.resources->end();
  if (whole) inner.resources.reset();
  out.open("clone");
  out.attribute("id", clone.id);
  out.attribute("multi_state", clone.promotable);
  out.attribute("unique", clone.unique);
  out.attribute("maintenance", clone.maintenance);
  out.attribute("managed", clone.managed);
  out.attribute("disabled", is_disabled(clone));
  out.attribute("failed", clone.failed);
  out.attribute("failure_ignored", clone.failure_ignored);
  out.attribute_if("target_role", clone_target_role(clone));
  out.attribute_if("description", description(clone, show));
  for (const Resource* instance : clone.children) {
    if (!on_wanted_node(show, *instance)) continue;
    if (whole || passes(show, *instance, false)) write_resource(out, snapshot, *instance, inner);
  }
  out.close();
}

void write_bundle(xml::Writer& out, const Resource& bundle, const Show& show) {
  const bool whole = !show.resources || show.names(bundle);
  out.open("bundle");
  out.attribute("id", bundle.id);
  out.attribute("type", bundle.bundle->technology);
  out.attribute("image", bundle.bundle->image);
  out.attribute("unique", bundle.unique);
  out.attribute("maintenance", bundle.maintenance);
  out.attribute("managed", bundle.managed);
  out.attribute("failed", bundle.failed);
  out.attribute_if("description", description(bundle, show));
  for (const model::BundleReplica& replica : bundle.bundle->replica_list) {
    if (!on_wanted_node(show, *replica.container)) continue;
    out.open("replica");
    out.attribute("id", replica.offset);
    for (const Resource* part :
         {replica.ip, replica.child, replica.container, replica.connection}) {
      if (part != nullptr && (whole || passes(show, *part, false))) {
        write_primitive(out, *part, show);
      }
    }
    out.close();
  }
  out.close();
}

bool left_out(const Resource& resource, const Show& show) {
  const bool whole = model::is_active(resource, true);
  const bool part = model::is_active(resource, false);
  return (resource.removed && !whole) || (show.group_by_node && whole) ||
         (!show.inactive && !part) || (part && !on_wanted_node(show, resource));
}

}  // namespace

void write_resource(xml::Writer& out, const model::Snapshot& snapshot, const Resource& resource,
                    const Show& show) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      if (!is_implicit(resource) || show.detail) write_primitive(out, resource, show);
      break;
    case model::Variant::kGroup:
      write_group(out, snapshot, resource, show);
      break;
    case model::Variant::kClone:
      write_clone(out, snapshot, resource, show);
      break;
    case model::Variant::kBundle:
      write_bundle(out, resource, show);
      break;
  }
}

bool write_resources(xml::Writer& out, const model::Snapshot& snapshot, const Show& show) {
  bool open = false;
  for (const Resource* resource : snapshot.resources) {
    if (left_out(*resource, show)) continue;
    if (!open) out.open("resources");
    open = true;
    if (passes(show, *resource, false)) write_resource(out, snapshot, *resource, show);
  }
  if (open) out.close();
  return open;
}

}  // namespace quorate::status
