#include <algorithm>
#include <utility>

#include "scheduler/placement/constraints.h"
#include "scheduler/placement/instances.h"

namespace quorate::scheduler {

using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;

namespace {

/// Tables of a resource and all beneath it, to be put back.
class SavedTables {
 public:
  explicit SavedTables(Resource& resource) { save(resource); }
  void restore() const {
    for (const auto& [resource, table] : tables_) resource->allowed = table;
  }

 private:
  void save(Resource& resource) {
    tables_.emplace_back(&resource, resource.allowed);
    for (Resource* child : resource.children) save(*child);
  }
  std::vector<std::pair<Resource*, NodeTable>> tables_;
};

/// One distribution over nodes.
class Distribution {
 public:
  Distribution(Placer& placer, Resource& collective, int total, int per_node)
      : placer_(placer), collective_(collective), total_(total), per_node_(per_node) {
    int available = 0;
    collective_.allowed.for_each([&](NodeEntry& entry) {
      entry.count = 0;
      if (entry.node->usable()) ++available;
    });
    if (available > 0) optimal_ = std::max(1, total / available);
  }

  void run(const std::vector<Resource*>& instances) {
    for (Resource* instance : instances) {
      if (assigned_ >= total_) break;
      if (keep_in_place(*instance)) ++assigned_;
    }
    for (Resource* instance : instances) {
      if (!instance->open) continue;
      if (assigned_ >= total_) {
        ban_everywhere(placer_.context, *instance);
        note(placer_.context, *instance, {Cause::kInstanceLimit, {}, nullptr});
      } else if (attempt(*instance, nullptr) != nullptr) {
        ++assigned_;
      }
    }
  }

 private:
  NodeEntry* of_collective(const Node& node) { return collective_.allowed.find(node); }

  bool may_take(const Resource& instance, const Node& node) {
    if (instance.removed || !node.usable()) return false;
    const NodeEntry* entry = of_collective(node);
    return entry != nullptr && entry->score >= 0 && entry->count < per_node_;
  }

  Node* attempt(Resource& instance, Node* hint) {
    if (instance.busy) return nullptr;
    instance.allowed.for_each([&](NodeEntry& entry) {
      if (may_take(instance, *entry.node)) return;
      entry.score = -kInfinity;
      for (Resource* child : instance.children) {
        if (NodeEntry* of_child = child->allowed.find(*entry.node)) of_child->score = -kInfinity;
      }
    });
    note(placer_.context, instance, {Cause::kInstanceLimit, {}, nullptr});
    Node* node = place(placer_, instance, hint, hint == nullptr);
    if (node != nullptr) {
      if (NodeEntry* entry = of_collective(*node)) ++entry->count;
    }
    return node;
  }

  /// First pass: an active instance keeps its node if that would be chosen anyway.
  bool keep_in_place(Resource& instance) {
    if (!instance.open || instance.active.empty() || instance.failed) return false;
    Node* node = model::current_node(instance);
    if (node == nullptr || !node->usable() || node->base_score < 0) return false;
    const NodeEntry* entry = of_collective(*node);
    if (entry != nullptr && entry->count >= optimal_) return false;
    return assign_early(instance, *node);
  }

  bool assign_early(Resource& instance, Node& node) {
    const NodeEntry* own = instance.allowed.find(node);
    if (own == nullptr || !is_available(*own)) return false;
    const SavedTables saved(instance);
    const NodeTable original = collective_.allowed;
    const bool success = try_until(instance, node, saved);
    collective_.allowed = original;
    if (success) {
      if (NodeEntry* entry = of_collective(node)) ++entry->count;
    }
    return success;
  }

  /// Each time another node is preferred, an instance is set aside for that one.
  bool try_until(Resource& instance, Node& node, const SavedTables& saved) {
    Recorder* recorder = placer_.context.recorder;
    const std::size_t mark = recorder != nullptr ? recorder->mark() : 0;
    const int available = total_ - assigned_;
    for (int reserved = 0; reserved < available; ++reserved) {
      const Node* chosen = attempt(instance, &node);
      if (chosen == &node) return true;
      saved.restore();
      if (recorder != nullptr) [[unlikely]]
        recorder->restored(instance, mark);
      if (chosen == nullptr) {
        instance.open = true;
        return false;
      }
      undo(placer_, instance);
    }
    return false;
  }

  Placer& placer_;
  Resource& collective_;
  int total_;
  int per_node_;
  int optimal_ = 1;
  int assigned_ = 0;
};

}  // namespace

void distribute(Placer& placer, Resource& collective, const std::vector<Resource*>& instances,
                int total, int per_node) {
  // Placing one instance may reorder the collective's children, so the list is a copy.
  const std::vector<Resource*> in_order = instances;
  Distribution(placer, collective, total, per_node).run(in_order);
}

}  // namespace quorate::scheduler
