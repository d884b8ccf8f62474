#include "explain/subject.h"

#include <algorithm>

#include "explain/text.h"
#include "graph/action.h"

namespace quorate::explain {

using model::Node;
using model::Resource;

namespace {

/// The primitive an instance's node is decided by: the first member of a group.
Resource* leaf_of(Resource& resource) {
  Resource* at = &resource;
  while (at->is_group() && !at->children.empty()) at = at->children.front();
  return at->is_primitive() ? at : nullptr;
}

void add_leaf(Subject& subject, Resource* resource) {
  Resource* leaf = resource != nullptr ? leaf_of(*resource) : nullptr;
  if (leaf != nullptr) subject.leaves.push_back(leaf);
}

void add_leaves(Subject& subject, Resource& resource) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
    case model::Variant::kGroup:
      return add_leaf(subject, &resource);
    case model::Variant::kClone:
      for (Resource* instance : resource.children) add_leaf(subject, instance);
      return;
    case model::Variant::kBundle:
      for (const model::BundleReplica& replica : resource.bundle->replica_list) {
        add_leaf(subject, replica.container);
      }
      return;
  }
}

std::vector<std::string> known_resources(const model::Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const Resource& resource : snapshot.all_resources) {
    for (const std::string_view id : {resource.id, resource.xml_id}) {
      if (std::find(names.begin(), names.end(), id) == names.end()) names.emplace_back(id);
    }
  }
  return names;
}

std::vector<std::string> known_nodes(const model::Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const Node* node : snapshot.nodes_by_name) names.emplace_back(node->name);
  return names;
}

Error not_found(std::string_view what, std::string_view name,
                const std::vector<std::string>& known) {
  std::string text = say({what, " '", name, "' doesn't exist"});
  const std::string closest = closest_name(name, known);
  if (!closest.empty()) text += say({"; did you mean '", closest, "'?"});
  if (known.empty()) {
    text += say({"; there is no ", what});
  } else {
    text += say({closest.empty() ? "; there are: " : " There are: ", listing(known)});
  }
  return {ErrorKind::kNotFound, std::move(text)};
}

}  // namespace

tl::unexpected<Error> unknown_resource(const Run& run, std::string_view name) {
  return tl::unexpected<Error>(not_found("resource", name, known_resources(run.snapshot())));
}

tl::unexpected<Error> unknown_node(const Run& run, std::string_view name) {
  return tl::unexpected<Error>(not_found("node", name, known_nodes(run.snapshot())));
}

std::vector<Resource*> leaves_of(Resource& resource) {
  Subject subject;
  add_leaves(subject, resource);
  return subject.leaves;
}

std::unique_ptr<Run> run_with(const Question& question, const std::vector<Edit>& edits,
                              bool want_reasons) {
  auto run = std::make_unique<Run>();
  run->document = xml::Document::copy_of(question.cib);
  if (!edits.empty() && !apply_edits(run->document.root(), edits)) return nullptr;
  scheduler::Input input = question.input;
  input.cib = run->document.root();
  input.want_graph = true;  // what is held up by a cycle shows in the graph only
  input.want_reasons = want_reasons;
  auto schedule = scheduler::schedule(input);
  if (!schedule) return nullptr;
  run->schedule = std::move(*schedule);
  return run;
}

Subject find_subject(model::Snapshot& snapshot, std::string_view id) {
  Subject subject;
  const auto matches = [&](auto&& text_of) {
    for (Resource& resource : snapshot.all_resources) {
      if (text_of(resource) != id) continue;
      if (subject.whole == nullptr) subject.whole = &resource;
      add_leaves(subject, resource);
    }
  };
  matches([](const Resource& resource) { return resource.id; });
  if (subject.whole == nullptr) {
    matches([](const Resource& resource) { return resource.xml_id; });
  }
  // Instances beyond clone-max matter only while they run.
  const auto gone = [](const Resource* leaf) { return leaf->removed && leaf->active.empty(); };
  if (!std::all_of(subject.leaves.begin(), subject.leaves.end(), gone)) {
    std::erase_if(subject.leaves, gone);
  }
  return subject;
}

const graph::Action* required_action(const Resource& leaf, std::string_view task,
                                     const Node& node) {
  for (const graph::Action* at = leaf.newest_action; at != nullptr; at = at->next_of_resource) {
    if (at->task == task && at->node == &node && at->required()) return at;
  }
  return nullptr;
}

bool will_run(const Resource& leaf, const Node& node) {
  if (!leaf.assigned || leaf.assigned->node != &node) return false;
  const bool active = std::find(leaf.active.begin(), leaf.active.end(), &node) != leaf.active.end();
  if (leaf.next_role <= model::Role::kStopped) return false;
  const auto goes_ahead = [&](std::string_view task) {
    const graph::Action* action = required_action(leaf, task, node);
    return action != nullptr && action->runnable() && action->has(graph::flag::kGraphed);
  };
  const graph::Action* start = required_action(leaf, "start", node);
  const bool starts = goes_ahead("start") && !start->pseudo();
  if (starts || goes_ahead("migrate_from")) return true;
  return active && !goes_ahead("stop");
}

bool will_run(const Subject& subject, const Node& node) {
  return std::any_of(subject.leaves.begin(), subject.leaves.end(),
                     [&](const Resource* leaf) { return will_run(*leaf, node); });
}

}  // namespace quorate::explain
