#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/score.h"
#include "model/name_values.h"
#include "model/node.h"
#include "model/resource.h"
#include "model/role.h"

namespace quorate::graph {

/// Tags of ordering relations and edges, a bit set (spec/05 §14). Zero disables an edge.
using Tags = std::uint32_t;
namespace tag {
inline constexpr Tags kSeq = 1u << 0;
inline constexpr Tags kPullThen = 1u << 1;
inline constexpr Tags kPullThenNode = 1u << 2;
inline constexpr Tags kPullFirst = 1u << 3;
inline constexpr Tags kPullFirstPromoted = 1u << 4;
inline constexpr Tags kBlockThen = 1u << 5;
inline constexpr Tags kGuardFirst = 1u << 6;
inline constexpr Tags kRealThen = 1u << 7;
inline constexpr Tags kStopChain = 1u << 8;
inline constexpr Tags kOneWay = 1u << 9;
inline constexpr Tags kMinCount = 1u << 10;
inline constexpr Tags kNestedProbe = 1u << 11;
inline constexpr Tags kSerial = 1u << 12;
inline constexpr Tags kShowFirst = 1u << 13;
inline constexpr Tags kShowThen = 1u << 14;
inline constexpr Tags kSameNode = 1u << 15;
inline constexpr Tags kLoad = 1u << 16;
inline constexpr Tags kAnti = 1u << 17;
inline constexpr Tags kUnlessMigrating = 1u << 18;
inline constexpr Tags kGuestOk = 1u << 19;
inline constexpr Tags kCancelFirst = 1u << 20;
}  // namespace tag

/// Flags of an action, a bit set (spec/05 §2.3).
using ActionFlags = std::uint16_t;
namespace flag {
inline constexpr ActionFlags kPseudo = 1u << 0;
inline constexpr ActionFlags kRunnable = 1u << 1;
inline constexpr ActionFlags kOptional = 1u << 2;
inline constexpr ActionFlags kShown = 1u << 3;
inline constexpr ActionFlags kMigratable = 1u << 4;
inline constexpr ActionFlags kMigrationAbort = 1u << 5;
inline constexpr ActionFlags kReschedule = 1u << 6;
inline constexpr ActionFlags kOnDc = 1u << 7;
inline constexpr ActionFlags kGraphed = 1u << 8;
inline constexpr ActionFlags kInputsMerged = 1u << 9;
inline constexpr ActionFlags kLoopMark = 1u << 10;
inline constexpr ActionFlags kVisitMark = 1u << 11;
}  // namespace flag

enum class Needs : std::uint8_t { kNothing, kQuorum, kFencing };

struct Action;

/// What the configuration says about one operation of a resource: shared by its actions on all
/// nodes. `config` and `meta` are evaluated when first asked for, through
/// lib/scheduler/actions/operation.h.
struct OperationSettings {
  std::string_view key;       ///< rsc_task_interval, interned
  std::string_view key_task;  ///< the task the key names
  std::string_view task;      ///< the task of the actions; differs for notifications
  std::int64_t interval_ms = 0;
  xml::Element config;     ///< the <op> in force, may be null
  model::NameValues meta;  ///< meta table of the configuration (spec/05 §3.2)
  bool config_known = false;
  bool meta_known = false;
  bool created = false;      ///< an action with this key was created on behalf of the resource
  bool other_tasks = false;  ///< some action with this key has another task
  Action* newest = nullptr;  ///< the actions created with this key
  OperationSettings* next = nullptr;  ///< the resource's next older one
};

/// One edge as one side sees it: `other` is the first in a before list, the then in an after list.
/// Each side has its own copy of the tags (spec/05 §18.3).
struct Edge {
  Action* other = nullptr;
  Tags tags = 0;
  Tags created_tags = 0;  ///< the tags it was created with
  bool is_input = false;  ///< written to the graph as an input
  Edge* next = nullptr;   ///< newest first
};

/// One action of the plan (spec/05 §2.1). Addresses are stable; created only through
/// lib/scheduler/actions/create.h.
struct Action {
  int number = 0;        ///< 1, 2, … in order of creation (spec/05 §1.3)
  std::string_view key;  ///< rsc_task_interval, interned
  std::string_view task;
  std::int64_t interval_ms = 0;
  model::Resource* resource = nullptr;
  model::Node* node = nullptr;
  Needs needs = Needs::kNothing;
  model::OnFail on_fail = model::OnFail::kIgnore;
  model::Role fail_role = model::Role::kStarted;
  ActionFlags flags = flag::kRunnable;
  bool has_interval_meta = false;
  bool parameters_evaluated = false;
  int priority = 0;
  int minimum = 0;  ///< "enough instances": required runnable firsts (spec/05 §19.4)
  int seen = 0;
  std::string_view reason;
  std::string_view cancelled_task;
  OperationSettings* settings = nullptr;  ///< resource actions only
  model::NameValues meta;        ///< becomes CRM_meta_*; wins over the meta table of `settings`
  model::NameValues parameters;  ///< action-specific instance attributes
  /// What followed from the actions of the resource's parts (spec/05 §19.5) when these had changed
  /// that often; 0 if never asked.
  ActionFlags flags_of_parts = 0;
  std::uint32_t flags_as_of = 0;
  Edge* before = nullptr;  ///< newest first
  Edge* after = nullptr;
  std::uint32_t before_count = 0;  ///< edges ever added on that side
  std::uint32_t after_count = 0;
  Action* next_of_resource = nullptr;  ///< the resource's next older action
  Action* next_of_key = nullptr;       ///< the resource's next older one with the same key
  Action* next = nullptr;              ///< the next older action of the run

  bool has(ActionFlags f) const { return (flags & f) == f; }
  bool required() const { return (flags & flag::kOptional) == 0; }
  bool runnable() const { return has(flag::kRunnable); }
  bool pseudo() const { return has(flag::kPseudo); }
};

/// An ordering relation as constraints and rules state it (spec/05 §14): each side an action, or a
/// resource and a key (empty action).
struct Relation {
  Action* first_action = nullptr;
  model::Resource* first_resource = nullptr;
  std::string_view first_key;
  Action* then_action = nullptr;
  model::Resource* then_resource = nullptr;
  std::string_view then_key;
  Tags tags = 0;
  std::string_view constraint_id;  ///< for explain and cycle reports; empty if implicit
};

/// The four pseudo-actions around one operation of a clone that notifies (spec/05 §12.1).
struct Notification {
  Action* before = nullptr;
  Action* before_done = nullptr;
  Action* after = nullptr;
  Action* after_done = nullptr;
};
/// Those of one clone, by operation.
struct Notifications {
  Notification start, stop, promote, demote;
};

/// Stores actions, edges and relations of one run. Edges come from a pool and are never freed
/// singly. Iteration "newest first" follows the intrusive lists.
class ActionGraph {
 public:
  ActionGraph() = default;
  ActionGraph(const ActionGraph&) = delete;
  ActionGraph& operator=(const ActionGraph&) = delete;

  std::deque<Action> actions;      ///< by number - 1, oldest first
  Action* newest = nullptr;        ///< all actions, newest first
  std::deque<Relation> relations;  ///< oldest first
  std::unordered_map<const model::Resource*, Notifications> notifications;
  /// Calls of lib/scheduler/actions/propagate.cc within each other, and the actions it looks at
  /// again when they have returned.
  int refresh_depth = 0;
  /// Orderings are being applied: flags of parts change only where
  /// Resource::action_changes is counted.
  bool applying_orderings = false;
  std::deque<Action*> refresh_later;

  /// Appends an action with the next number and links it into the lists; one of a resource has the
  /// key of its settings.
  Action& add_action(model::Resource* resource, OperationSettings* settings = nullptr);
  /// Gives a resource's action a task that isn't its key's.
  static void set_task(Action& action, std::string_view task);
  /// The edge first -> then with these tags unless the tag set is empty or an entry for `then` in
  /// first's after list shares any tag with it; true if added (spec/05 §18.3).
  /// Cost: the shorter of the two lists.
  bool add_edge(Action& first, Action& then, Tags tags);
  /// Makes an action without resource known by its key, exactly as written.
  void index_free_action(Action& action) { free_actions_.emplace(action.key, &action); }
  /// The oldest action without resource with that key; null if none.
  Action* find_free_action(std::string_view key) const {
    const auto found = free_actions_.find(key);
    return found == free_actions_.end() ? nullptr : found->second;
  }
  /// New settings of a resource's operation, in front of its others.
  OperationSettings& add_settings(model::Resource& resource);
  /// Appends a relation.
  Relation& add_relation(const Relation& relation) { return relations.emplace_back(relation); }

 private:
  std::deque<Edge> edges_;
  std::deque<OperationSettings> settings_;
  std::unordered_map<std::string_view, Action*> free_actions_;
};

}  // namespace quorate::graph
