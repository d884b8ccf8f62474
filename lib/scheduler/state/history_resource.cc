#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/state/history.h"

/// Which resource a history belongs to (spec/03 §10.2, §10.3).
namespace quorate::scheduler {

using model::Node;
using model::Resource;

namespace {

/// The member of an instance that a base name means.
Resource* member_of(Resource& instance, std::string_view base) {
  if (instance.is_primitive()) {
    return instance.xml_id == base || instance.id == base ? &instance : nullptr;
  }
  for (Resource* child : instance.children) {
    if (Resource* found = member_of(*child, base)) return found;
  }
  return nullptr;
}

const Node* first_active_node(const Resource& resource) {
  if (!resource.active.empty()) return resource.active.front();
  for (const Resource* child : resource.children) {
    if (const Node* node = first_active_node(*child)) return node;
  }
  return nullptr;
}

const Node* first_pending_node(const Resource& resource) {
  if (resource.pending.node != nullptr) return resource.pending.node;
  for (const Resource* child : resource.children) {
    if (const Node* node = first_pending_node(*child)) return node;
  }
  return nullptr;
}

/// Where an instance has its place, null if nowhere yet.
const Node* first_place(const Resource& instance) {
  const Node* active = first_active_node(instance);
  return active != nullptr ? active : first_pending_node(instance);
}

struct InstanceSearch {
  Resource* answer = nullptr;
  Resource* slot = nullptr;
  bool surplus = false;
};

/// False once the answer is known.
bool consider_instance(Context& context, InstanceSearch& search, Resource& instance,
                       const Node& node, std::string_view base) {
  const Node* place = first_place(instance);
  if (place == nullptr) {
    if (search.surplus || search.slot != nullptr || instance.blocked) return true;
    search.slot = member_of(instance, base);
    if (search.slot != nullptr && search.slot->pending.node != nullptr &&
        search.slot->pending.node != &node) {
      search.slot = nullptr;
    }
    return true;
  }
  if (place != &node) return true;
  Resource* member = member_of(instance, base);
  if (member == nullptr) return true;
  if (member->active.empty()) {
    search.answer = member;
    return false;
  }
  context.snapshot.report(model::MessageClass::kNotice,
                          concat({"Active (now-)removed clone instance: ", base,
                                  " has more than one history on ", node.name}));
  search.surplus = true;
  return true;
}

Resource* anonymous_instance(Context& context, const Node& node, Resource& clone,
                             std::string_view base) {
  InstanceSearch search;
  for (Resource* instance : clone.children) {
    if (!consider_instance(context, search, *instance, node, base)) break;
  }
  Resource* answer = search.answer;
  if (answer == nullptr && !search.surplus) answer = search.slot;
  if (answer != nullptr && !answer->needs_fencing() && (!node.online || node.unclean) &&
      !node.is_guest_or_bundle() &&
      clone.clone->clone_max != static_cast<int>(context.snapshot.nodes.size())) {
    answer = nullptr;
  }
  if (answer != nullptr) return answer;
  Resource* created = create_instance(context, clone);
  return created == nullptr ? nullptr : member_of(*created, base);
}

Resource* bundled_child(const Resource& bundle, const Node& node) {
  for (const model::BundleReplica& replica : bundle.bundle->replica_list) {
    if (replica.node == &node) return replica.child;
  }
  return nullptr;
}

Resource* find_resource(Context& context, const Node& node, std::string_view id) {
  model::Snapshot& snapshot = context.snapshot;
  Resource* match = snapshot.find_resource(id);
  if (match == nullptr) {
    match = snapshot.find_resource(concat({model::base_name(id), ":0"}));
    if (match == nullptr || match->unique) return nullptr;
  }
  if (!match->is_primitive()) return nullptr;
  Resource& top = top_of(*match);
  if (!top.is_anonymous_clone()) return match;
  if (top.parent != nullptr && top.parent->is_bundle()) return bundled_child(*top.parent, node);
  return anonymous_instance(context, node, top, model::base_name(id));
}

void connect_removed(Context& context, Resource& resource) {
  model::Snapshot& snapshot = context.snapshot;
  Node* node = snapshot.find_node_by_name(resource.id);
  if (node == nullptr) {
    node = &snapshot.add_node(resource.id, resource.id, model::NodeKind::kRemote, 0);
    node->attributes.set("#kind", "remote");
    snapshot.has_remote_nodes = true;
  }
  link_connection(context, resource);
  node->shutdown = true;
}

/// A resource that exists in the history only.
Resource* create_removed(Context& context, xml::Element lrm_resource) {
  model::Snapshot& snapshot = context.snapshot;
  xml::Document document = xml::Document::with_root("primitive");
  xml::Element primitive = document.root();
  lrm_resource.for_each_attribute([&primitive](const xml::Attribute& attribute) {
    primitive.set(attribute.name, attribute.value);
  });
  Resource* resource = read_resource(context, snapshot.keep(std::move(document)), nullptr);
  if (resource == nullptr) return nullptr;
  if (resource->is_connection()) connect_removed(context, *resource);
  resource->removed_launched = lrm_resource.has("container");
  resource->removed = true;
  snapshot.list_resource(*resource);
  if (snapshot.options.stop_removed_resources) {
    adjust_on_all_nodes(context, *resource, -kInfinity, "__removed_do_not_run__");
  } else {
    resource->managed = false;
  }
  return resource;
}

}  // namespace

Resource* resource_of_history(Context& context, Node& node, xml::Element lrm_resource,
                              bool has_entries) {
  const std::string_view id = lrm_resource.id();
  Resource* resource = find_resource(context, node, id);
  if (resource == nullptr) return has_entries ? create_removed(context, lrm_resource) : nullptr;
  if (id != resource->id && id != resource->history_id) {
    context.snapshot.set_history_id(*resource, id);
  }
  return resource;
}

}  // namespace quorate::scheduler
