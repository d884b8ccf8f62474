#include "scheduler/output/feasible.h"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace quorate::scheduler {

using graph::Action;
using graph::Edge;
using graph::Relation;
using graph::Tags;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

/// How firmly an input is wanted: the first ones are left out first.
enum class Hold { kPreference, kOptionalConstraint, kImplicit, kConstraint, kNature };

/// Tags that ask for an order and nothing else.
constexpr Tags kOrderOnly = tag::kSeq | tag::kSerial | tag::kLoad | tag::kShowFirst |
                            tag::kShowThen | tag::kSameNode | tag::kUnlessMigrating | tag::kGuestOk;

/// The resource itself or one it is part of.
bool is_part_of(const Resource* resource, const Resource* whole) {
  for (; resource != nullptr; resource = resource->parent) {
    if (resource == whole) return true;
  }
  return false;
}
bool is_related(const Resource* a, const Resource* b) {
  return is_part_of(a, b) || is_part_of(b, a);
}
bool are_members_of_one_group(const Resource* a, const Resource* b) {
  return a != nullptr && b != nullptr && a->parent != nullptr && a->parent == b->parent &&
         a->parent->is_group();
}

bool activates(const Action& action) {
  return action.interval_ms == 0 && (action.task == "start" || action.task == "promote" ||
                                     action.task == "migrate_to" || action.task == "migrate_from");
}

/// What takes activity away goes ahead whatever else can't be done.
bool goes_ahead(const Action& action) {
  static constexpr std::string_view kTasks[] = {"stop",    "stopped", "demote", "demoted",
                                                "stonith", "cancel",  "delete", "do_shutdown"};
  return std::find(std::begin(kTasks), std::end(kTasks), action.task) != std::end(kTasks);
}

/// An action of the connection through which a remote node is reached, or of the guest that is it.
bool carries(const Action& connection, const Action& action) {
  if (connection.resource == nullptr || action.node == nullptr) return false;
  const Resource* remote = action.node->connection;
  return remote != nullptr && (is_related(connection.resource, remote) ||
                               is_related(connection.resource, remote->launcher));
}

/// A container or guest, and the connection into it.
bool launches(const Action& container, const Action& connection) {
  const Resource* launcher =
      connection.resource != nullptr ? connection.resource->launcher : nullptr;
  return launcher != nullptr && container.resource == launcher;
}

bool belongs(const Resource* resource, std::string_view key, const Action* stated,
             const Action& action) {
  if (stated != nullptr) return stated == &action;
  if (!is_related(action.resource, resource)) return false;
  // Instances and pseudo-actions have other keys than what the constraint names: the task decides.
  static constexpr std::pair<std::string_view, std::string_view> kBeginAndEnd[] = {
      {"start", "running"}, {"stop", "stopped"}, {"promote", "promoted"}, {"demote", "demoted"}};
  const auto names = [&](std::string_view task) {
    return key.find(std::string("_").append(task).append("_")) != std::string_view::npos;
  };
  for (const auto& [begin, end] : kBeginAndEnd) {
    if (action.task == begin || action.task == end) return names(begin) || names(end);
  }
  return names(action.task);
}

/// What constraints ask for, found by the whole that the first resource is part of.
class Asked {
 public:
  explicit Asked(const Context& context) {
    for (const Relation& relation : context.graph.relations) {
      if (relation.constraint_id.empty()) continue;
      relations_[whole_of(relation.first_resource)].push_back(&relation);
    }
  }

  /// The constraint that asks for this edge; empty if none does.
  std::string_view constraint_of(const Action& first, const Action& then) const {
    const auto found = relations_.find(whole_of(first.resource));
    if (found == relations_.end()) return {};
    for (const Relation* relation : found->second) {
      if (belongs(relation->first_resource, relation->first_key, relation->first_action, first) &&
          belongs(relation->then_resource, relation->then_key, relation->then_action, then)) {
        return relation->constraint_id;
      }
    }
    return {};
  }

 private:
  static const Resource* whole_of(const Resource* resource) {
    while (resource != nullptr && resource->parent != nullptr) resource = resource->parent;
    return resource;
  }

  std::unordered_map<const Resource*, std::vector<const Relation*>> relations_;
};

/// Fencing first, always; only the order of several fencings is nobody's safety.
bool waits_for_fencing(const Action& first, const Action& then) {
  return first.task == "stonith" && then.task != "stonith";
}

Hold hold_of(const Asked& asked, const Action& then, const Edge& edge) {
  const Action& first = *edge.other;
  if (waits_for_fencing(first, then) || is_related(first.resource, then.resource) ||
      are_members_of_one_group(first.resource, then.resource) || carries(first, then) ||
      carries(then, first) || launches(first, then) || launches(then, first)) {
    return Hold::kNature;
  }
  const bool order_only = (edge.tags & ~kOrderOnly) == 0;
  if (asked.constraint_of(first, then).empty()) {
    return order_only ? Hold::kPreference : Hold::kImplicit;
  }
  return order_only ? Hold::kOptionalConstraint : Hold::kConstraint;
}

/// The chosen actions by position, and what leads from one to the other.
class Inputs {
 public:
  Inputs(const Context& context, const std::vector<Action*>& chosen)
      : chosen_(chosen), position_(context.graph.actions.size() + 1, kNone) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      position_[static_cast<std::size_t>(chosen[i]->number)] = i;
    }
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t position(const Action& action) const {
    return position_[static_cast<std::size_t>(action.number)];
  }
  /// Calls `visit(edge)` for every input that is another chosen action.
  template <class Visitor>
  void each(const Action& then, Visitor&& visit) const {
    for (Edge* edge = then.before; edge != nullptr; edge = edge->next) {
      if (edge->is_input && position(*edge->other) != kNone) visit(*edge);
    }
  }

  /// What can be carried out one after the other is; true if that is everything.
  bool all_can_be_carried_out() const {
    std::vector<std::uint32_t> awaited(chosen_.size(), 0);
    std::vector<std::uint32_t> begins(chosen_.size() + 1, 0);
    for (const Action* action : chosen_) {
      each(*action, [&](const Edge& edge) { ++begins[position(*edge.other) + 1]; });
    }
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    std::vector<std::uint32_t> followers(begins.back());
    std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      each(*chosen_[i], [&](const Edge& edge) {
        followers[next[position(*edge.other)]++] = static_cast<std::uint32_t>(i);
        ++awaited[i];
      });
    }
    std::vector<std::uint32_t> ready;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (awaited[i] == 0) ready.push_back(static_cast<std::uint32_t>(i));
    }
    for (std::size_t done = 0; done < ready.size(); ++done) {
      for (std::uint32_t at = begins[ready[done]]; at < begins[ready[done] + 1]; ++at) {
        if (--awaited[followers[at]] == 0) ready.push_back(followers[at]);
      }
    }
    return ready.size() == chosen_.size();
  }

  /// Sets of actions that all wait for each other, each in the order of the plan.
  std::vector<std::vector<Action*>> circles() const {
    using Graph = boost::compressed_sparse_row_graph<boost::directedS>;
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      each(*chosen_[i], [&](const Edge& edge) { edges.emplace_back(position(*edge.other), i); });
    }
    const Graph graph(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(),
                      chosen_.size());
    std::vector<std::size_t> component(chosen_.size());
    const std::size_t count = boost::strong_components(
        graph, boost::make_iterator_property_map(component.begin(),
                                                 boost::get(boost::vertex_index, graph)));
    std::vector<std::vector<Action*>> members(count);
    for (std::size_t i = 0; i < chosen_.size(); ++i) members[component[i]].push_back(chosen_[i]);
    std::erase_if(members, [&](const std::vector<Action*>& circle) {
      if (circle.size() > 1) return false;
      bool waits_for_itself = false;
      each(*circle.front(), [&](const Edge& edge) {
        waits_for_itself = waits_for_itself || edge.other == circle.front();
      });
      return !waits_for_itself;
    });
    return members;
  }

 private:
  const std::vector<Action*>& chosen_;
  std::vector<std::size_t> position_;
};

class CycleBreaker {
 public:
  CycleBreaker(Context& context, std::vector<Action*>& chosen)
      : context_(context), chosen_(chosen) {}

  bool run() {
    bool taken_out = take_out_waiting_for_nothing();
    if (Inputs(context_, chosen_).all_can_be_carried_out()) return taken_out;
    // Each turn leaves out an edge or an action, so there is an end.
    while (true) {
      const Inputs inputs(context_, chosen_);
      const auto circles = inputs.circles();
      if (circles.empty()) return taken_out;
      for (const std::vector<Action*>& circle : circles) {
        if (leave_out_edge(inputs, circle)) continue;
        report(inputs, circle);
        taken_out = take_out(circle) || taken_out;
      }
      forget_what_is_out();
    }
  }

 private:
  void forget_what_is_out() {
    std::erase_if(chosen_, [](const Action* action) { return !action->has(flag::kGraphed); });
  }

  /// Takes out what waits for something that isn't in the graph, like a stop that can't be done,
  /// and what waits for that in turn: nothing would ever begin them. True if there were any.
  bool take_out_waiting_for_nothing() {
    std::vector<Action*> out;
    for (Action* then : chosen_) {
      for (Edge* edge = then->before; edge != nullptr; edge = edge->next) {
        if (edge->is_input && !edge->other->has(flag::kGraphed)) drop(*then, out);
      }
    }
    for (std::size_t done = 0; done < out.size(); ++done) {
      for (Edge* edge = out[done]->after; edge != nullptr; edge = edge->next) {
        if (waits_for(*edge->other, *out[done])) drop(*edge->other, out);
      }
    }
    if (!out.empty()) forget_what_is_out();
    return !out.empty();
  }

  static void leave_out(Edge& edge) {
    edge.is_input = false;
    edge.tags = 0;
  }

  static bool waits_for(const Action& then, const Action& first) {
    for (const Edge* edge = then.before; edge != nullptr; edge = edge->next) {
      if (edge->is_input && edge->other == &first) return true;
    }
    return false;
  }

  /// Leaves out the edges within a circle that are least wanted; false if all are needed.
  bool leave_out_edge(const Inputs& inputs, const std::vector<Action*>& circle) {
    const std::set<const Action*> members(circle.begin(), circle.end());
    Hold least = Hold::kConstraint;
    Edge* chosen = nullptr;
    for (Action* then : circle) {
      inputs.each(*then, [&](Edge& edge) {
        if (!members.contains(edge.other)) return;
        const Hold hold = hold_of(asked(), *then, edge);
        if (hold >= least) return;
        least = hold;
        chosen = &edge;
      });
    }
    if (chosen == nullptr) return false;
    leave_out(*chosen);
    return true;
  }

  void report(const Inputs& inputs, const std::vector<Action*>& circle) {
    const std::set<const Action*> members(circle.begin(), circle.end());
    std::set<std::string_view> constraints;
    for (Action* then : circle) {
      inputs.each(*then, [&](Edge& edge) {
        if (!members.contains(edge.other)) return;
        const std::string_view id = asked().constraint_of(*edge.other, *then);
        if (!id.empty()) constraints.insert(id);
      });
    }
    std::set<std::string_view> resources;
    for (const Action* action : circle) {
      if (action->resource != nullptr && !action->pseudo()) resources.insert(action->resource->id);
    }
    const auto list = [](const std::set<std::string_view>& names) {
      std::string text;
      for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text.append("'").append(name).append("'");
      }
      return text;
    };
    context_.snapshot.report_once(
        model::MessageClass::kConfigError,
        std::string("Ordering ")
            .append(constraints.empty() ? "of resources" : "constraints ")
            .append(list(constraints))
            .append(" can't be met: ")
            .append(list(resources))
            .append(" wait for each other; none of them is started until the configuration is "
                    "changed"));
  }

  /// Takes out what would become active, and what needs it. Where nothing would, what is to be
  /// stopped doesn't wait. True if actions were taken out.
  bool take_out(const std::vector<Action*>& circle) {
    std::vector<Action*> out;
    for (Action* action : circle) {
      if (activates(*action)) drop(*action, out);
    }
    if (out.empty()) {
      for (Action* action : circle) {
        if (!goes_ahead(*action)) drop(*action, out);
      }
    }
    if (out.empty()) {
      const std::set<const Action*> members(circle.begin(), circle.end());
      for (Action* then : circle) cut(*then, [&](const Action& a) { return members.contains(&a); });
      return false;
    }
    for (std::size_t done = 0; done < out.size(); ++done) {
      for (Edge* edge = out[done]->after; edge != nullptr; edge = edge->next) {
        release(*edge->other, *out[done], out);
      }
    }
    return true;
  }

  void drop(Action& action, std::vector<Action*>& out) {
    if (!action.has(flag::kGraphed)) return;
    action.flags &= static_cast<graph::ActionFlags>(~(flag::kGraphed | flag::kRunnable));
    out.push_back(&action);
  }

  /// `then` had `gone` among its inputs: it goes ahead without or goes, too.
  void release(Action& then, const Action& gone, std::vector<Action*>& out) {
    if (!then.has(flag::kGraphed)) return;
    bool needs = false;
    for (Edge* edge = then.before; edge != nullptr; edge = edge->next) {
      if (edge->other != &gone || !edge->is_input) continue;
      needs = needs || hold_of(asked(), then, *edge) > Hold::kOptionalConstraint;
      leave_out(*edge);
    }
    if (needs && !goes_ahead(then)) drop(then, out);
  }

  template <class Condition>
  void cut(Action& then, Condition&& condition) {
    for (Edge* edge = then.before; edge != nullptr; edge = edge->next) {
      if (!edge->is_input || !condition(*edge->other)) continue;
      if (!waits_for_fencing(*edge->other, then)) leave_out(*edge);
    }
  }

  /// Only plans with a cycle pay for it.
  const Asked& asked() {
    if (!asked_) asked_.emplace(context_);
    return *asked_;
  }

  Context& context_;
  std::vector<Action*>& chosen_;
  std::optional<Asked> asked_;
};

}  // namespace

bool keep_what_can_be_done(Context& context, std::vector<Action*>& chosen) {
  return CycleBreaker(context, chosen).run();
}

}  // namespace quorate::scheduler
