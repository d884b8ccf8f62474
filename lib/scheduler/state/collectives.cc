#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/reading.h"

/// What primitives, groups and clones read beyond the common part (spec/03 §5.10).
namespace quorate::scheduler {

using model::CloneSettings;
using model::MessageClass;
using model::Resource;

namespace {

void make_anonymous(Resource& resource) {
  resource.unique = false;
  resource.meta.set("globally-unique", "false");
  for (Resource* child : resource.children) make_anonymous(*child);
}

/// A standard that can't be cloned uniquely makes the whole clone anonymous.
void force_anonymous(Context& context, Resource& resource, Resource& clone) {
  context.snapshot.report(
      MessageClass::kConfigWarning,
      concat({"Ignoring globally-unique for ", clone.id, " because ", resource.standard,
              " resources such as ", resource.id, " can be used only as anonymous clones"}));
  clone.clone->clone_node_max = 1;
  clone.clone->clone_max =
      std::min(clone.clone->clone_max, static_cast<int>(context.snapshot.nodes.size()));
  make_anonymous(clone);
  // Earlier members of the instance being read aren't part of the clone yet and stay unique.
  make_anonymous(resource);
}

}  // namespace

bool read_primitive(Context& context, Resource& resource) {
  Resource& top = top_of(resource);
  if (!allows_unique_clones(resource.standard) && resource.unique && top.is_clone()) {
    force_anonymous(context, resource, top);
  }
  if (!is_promotable_standard(resource.standard) && top.promotable) {
    context.snapshot.report(
        MessageClass::kConfigError,
        concat({"Resource ", resource.id, " is of type ", resource.standard,
                " and therefore cannot be used as a promotable clone resource"}));
    return false;
  }
  return true;
}

namespace {
/// True unless a valid false boolean.
bool group_flag(Context& context, const Resource& group, std::string_view name) {
  const auto text = group.meta.get(name);
  if (!text || parse_boolean(*text).value_or(true)) return true;
  context.snapshot.report_once(MessageClass::kConfigWarning,
                               concat({"Support for the '", name,
                                       "' group meta-attribute is deprecated and will be removed "
                                       "in a future release (use a resource set instead)"}));
  return false;
}
}  // namespace

bool read_group(Context& context, Resource& resource) {
  resource.group.ordered = group_flag(context, resource, "ordered");
  resource.group.collocated = group_flag(context, resource, "collocated");
  for (xml::Element member : xml::children(resource.xml, "primitive")) {
    Resource* child = read_resource(context, member, &resource, resource.instance_number);
    if (child != nullptr) context.snapshot.add_child(resource, *child);
  }
  if (!resource.children.empty()) return true;
  context.snapshot.report(MessageClass::kConfigError,
                          concat({"Group ", resource.id, " has no members"}));
  return false;
}

int count_setting(Context& context, std::optional<std::string_view> text, int fallback,
                  int minimum) {
  if (!text) return fallback;
  const auto number = to_integer(*text);
  if (!number) return minimum;
  if (*number < minimum) {
    context.snapshot.report(
        MessageClass::kWarning,
        concat({"Clipped '", *text, "' to minimum acceptable value ", std::to_string(minimum)}));
    return minimum;
  }
  return static_cast<int>(std::min<std::int64_t>(*number, 2'147'483'647));
}

int affordable_instances(Context& context, const Resource& collective, std::string_view setting,
                         int wanted, std::int64_t resources_each) {
  // Far more than any cluster can run, and little enough to be planned with.
  constexpr std::int64_t kMaxResources = 20'000;
  std::int64_t& used = cache_of(context).instance_resources;
  const std::int64_t affordable =
      std::max<std::int64_t>(1, (kMaxResources - used) / resources_each);
  const int granted = static_cast<int>(std::min<std::int64_t>(wanted, affordable));
  used += granted * resources_each;
  if (granted < wanted) {
    context.snapshot.report(
        MessageClass::kConfigError,
        concat({"Using ", std::to_string(granted), " for ", setting, " of ", collective.id,
                " instead of ", std::to_string(wanted), " because all clones and bundles together ",
                "can have at most ", std::to_string(kMaxResources), " resources"}));
  }
  return granted;
}

namespace {

/// An instance of a group is the group and its members.
std::int64_t resources_of_instance(xml::Element child) {
  std::int64_t count = 1;
  for ([[maybe_unused]] xml::Element member : xml::children(child, "primitive")) ++count;
  return count;
}

/// Those of a bundle's replicas are counted there.
void bound_instances(Context& context, Resource& clone) {
  if (clone.parent != nullptr) return;
  CloneSettings& settings = *clone.clone;
  settings.clone_max = affordable_instances(context, clone, "clone-max", settings.clone_max,
                                            resources_of_instance(settings.child_xml));
}

int promoted_setting(Context& context, const Resource& clone, std::string_view name,
                     std::string_view legacy) {
  auto text = clone.meta.get(name);
  if (!text) {
    text = clone.meta.get(legacy);
    if (text) {
      context.snapshot.report_once(
          MessageClass::kConfigWarning,
          concat({"Support for the ", legacy, " meta-attribute (such as in ", clone.id,
                  ") is deprecated and will be removed in a future release. Use the ", name,
                  " meta-attribute instead."}));
    }
  }
  return count_setting(context, text, 1);
}

void read_clone_settings(Context& context, Resource& clone) {
  model::Snapshot& snapshot = context.snapshot;
  CloneSettings& settings = *clone.clone;
  if (clone.promotable) {
    settings.promoted_max = promoted_setting(context, clone, "promoted-max", "master-max");
    settings.promoted_node_max =
        promoted_setting(context, clone, "promoted-node-max", "master-node-max");
  }
  settings.clone_node_max = count_setting(context, clone.meta.get("clone-node-max"), 1);
  const int nodes = static_cast<int>(snapshot.nodes.size());
  settings.clone_max = count_setting(context, clone.meta.get("clone-max"), std::max(1, nodes));
  settings.ordered = is_true(clone.meta.get("ordered"));
  settings.interleave = is_true(clone.meta.get("interleave"));
  if (!clone.unique && settings.clone_node_max > 1) {
    snapshot.report(
        MessageClass::kConfigError,
        concat({"Ignoring clone-node-max of ", std::to_string(settings.clone_node_max), " for ",
                clone.id, " because anonymous clones support only one instance per node"}));
    settings.clone_node_max = 1;
  }
}

void mark_removed(Resource& resource) {
  resource.removed = true;
  for (Resource* child : resource.children) mark_removed(*child);
}

}  // namespace

Resource* create_instance(Context& context, Resource& clone) {
  CloneSettings& settings = *clone.clone;
  const int number = settings.instances_created;
  Resource* instance = read_resource(context, settings.child_xml, &clone, number);
  if (instance == nullptr) return nullptr;
  ++settings.instances_created;
  if (number >= settings.clone_max) mark_removed(*instance);
  context.snapshot.add_child(clone, *instance);
  clone.meta.set("clone-max", context.snapshot.intern(std::to_string(settings.clone_max)));
  return instance;
}

bool read_clone(Context& context, Resource& resource) {
  resource.clone = std::make_unique<CloneSettings>();
  CloneSettings& settings = *resource.clone;
  read_clone_settings(context, resource);
  for (xml::Element child : xml::children(resource.xml)) {
    if (child.name() == "primitive" || child.name() == "group") {
      settings.child_xml = child;
      break;
    }
  }
  if (!settings.child_xml) {
    context.snapshot.report(MessageClass::kConfigError,
                            concat({resource.id, " has nothing to clone"}));
    return false;
  }
  bound_instances(context, resource);
  resource.meta.add("resource-stickiness", "1");
  resource.meta.set("globally-unique", resource.unique ? "true" : "false");
  int created = 0;
  do {
    if (create_instance(context, resource) == nullptr) return false;
    ++created;
  } while (created < settings.clone_max);
  return true;
}

}  // namespace quorate::scheduler
