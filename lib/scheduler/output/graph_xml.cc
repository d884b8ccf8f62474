#include "scheduler/output/graph_xml.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/steps.h"
#include "scheduler/output/action_element.h"
#include "scheduler/output/feasible.h"
#include "scheduler/output/writer.h"
#include "scheduler/state/state.h"

/// Chooses actions in the order of synapses and writes them (spec/06 §4, §5, §11, §12).
namespace quorate::scheduler {

using graph::Action;
using graph::Edge;
using model::BundleReplica;
using model::Node;
using model::Resource;
namespace flag = graph::flag;

namespace {

class GraphBuilder {
 public:
  GraphBuilder(Context& context, XmlWriter& writer)
      : context_(context), writer_(writer), elements_(context, writer) {}

  /// Writes what is in the graph. True if something had to be taken out of it.
  bool write() {
    choose_everything();
    const bool taken_out = keep_what_can_be_done(context_, chosen_);
    for (Action* action : chosen_) write_synapse(*action);
    return taken_out;
  }

 private:
  void choose_everything() {
    for (Resource* resource : context_.snapshot.resources) add_resource(*resource);
    add_maintenance_nodes();
    for (Action* action = context_.graph.newest; action != nullptr; action = action->next) {
      warn_about_blocked_shutdown(*action);
      add_action(*action);
    }
  }

  void add_own_actions(Resource& resource) {
    for (Action* action = resource.newest_action; action != nullptr;
         action = action->next_of_resource) {
      add_action(*action);
    }
  }

  void add_resource(Resource& resource) {
    if (resource.is_bundle()) return add_bundle(resource);
    if (resource.is_clone()) {
      refresh_own_flags(resource);
      create_notify_actions(context_, resource);
      for (Resource* child : resource.children) add_resource(*child);
      return add_own_actions(resource);
    }
    add_own_actions(resource);
    for (Resource* child : resource.children) add_resource(*child);
  }

  void refresh_own_flags(Resource& clone) {
    for (Action* action = clone.newest_action; action != nullptr;
         action = action->next_of_resource) {
      method_flags(context_, *action, nullptr);
    }
  }

  void add_bundle(Resource& bundle) {
    if (bundle.bundle->inner_clone != nullptr) add_resource(*bundle.bundle->inner_clone);
    for (BundleReplica& replica : bundle.bundle->replica_list) {
      substitute_address(replica);
      if (replica.ip != nullptr) add_resource(*replica.ip);
      add_resource(*replica.container);
      if (replica.connection != nullptr) add_resource(*replica.connection);
    }
  }

  /// A connection whose address is its host's gets the name of where its container will be.
  void substitute_address(BundleReplica& replica) {
    if (replica.connection == nullptr) return;
    const Resource& container = *replica.container;
    const Node* host = container.assigned ? container.assigned->node : current_node(container);
    if (host == nullptr) return;
    const model::NameValues& values = parameters_of(context_, *replica.connection, nullptr);
    if (!iequals(values.get_or("addr", {}), "#uname")) return;
    for (model::ParameterSet& set : replica.connection->parameter_cache) {
      if (set.node == nullptr) set.values->set("addr", host->name);
    }
  }

  void add_maintenance_nodes() {
    const auto& nodes = context_.snapshot.nodes_by_name;
    const bool any = std::any_of(nodes.begin(), nodes.end(), [](const Node* node) {
      return node->is_remote_kind() && node->maintenance != node->was_in_maintenance;
    });
    if (any) free_pseudo_action(context_, "maintenance_nodes").flags |= flag::kShown;
  }

  void warn_about_blocked_shutdown(const Action& action) {
    const model::Snapshot& snapshot = context_.snapshot;
    if (action.task != "stop" || action.resource == nullptr || action.node == nullptr ||
        !action.node->shutdown || action.resource->maintenance || !action.required() ||
        action.runnable()) {
      return;
    }
    if (!snapshot.quorate && snapshot.options.quorum_policy != model::QuorumPolicy::kIgnore) {
      return;
    }
    const Resource& resource = *action.resource;
    std::string text = "Cannot ";
    text.append(action.node->unclean ? "fence " : "shut down ").append(action.node->name);
    text.append(" because of ").append(resource.id).append(":");
    if (resource.blocked) text += " blocked";
    if (!resource.managed) text += " unmanaged";
    if (resource.failed) text += " failed";
    text.append(" (").append(action.key).append(")");
    context_.snapshot.report(model::MessageClass::kProcessingWarning, std::move(text));
  }

  void add_action(Action& action) {
    if (!action.has(flag::kInputsMerged)) merge_inputs(action);
    if (action.has(flag::kGraphed) || !is_includable(context_, action, true)) return;
    action.flags |= flag::kGraphed;
    for (Edge* edge = action.before; edge != nullptr; edge = edge->next) {
      edge->is_input = is_input(context_, action, *edge);
    }
    chosen_.push_back(&action);
  }

  /// Sorts the before entries by number and joins those for the same action (spec/06 §12.1).
  void merge_inputs(Action& action) {
    action.flags |= flag::kInputsMerged;
    if (action.before == nullptr || action.before->next == nullptr) return;
    inputs_.clear();
    for (Edge* edge = action.before; edge != nullptr; edge = edge->next) inputs_.push_back(edge);
    std::stable_sort(inputs_.begin(), inputs_.end(), [](const Edge* a, const Edge* b) {
      return a->other->number < b->other->number;
    });
    Edge** link = &action.before;
    Edge* last = nullptr;
    for (Edge* edge : inputs_) {
      if (last != nullptr && last->other == edge->other) {
        last->tags |= edge->tags;
        continue;
      }
      *link = edge;
      link = &edge->next;
      last = edge;
    }
    *link = nullptr;
  }

  void write_synapse(Action& action) {
    writer_.open("synapse");
    writer_.attribute("id", next_synapse_++);
    int priority = action.priority;
    if (action.resource != nullptr) priority = std::max(priority, action.resource->priority);
    if (priority > 0) writer_.attribute("priority", priority);
    writer_.children();
    writer_.open("action_set");
    writer_.children();
    elements_.write(action);
    writer_.close("action_set");
    write_inputs(action);
    writer_.close("synapse");
  }

  void write_inputs(Action& action) {
    bool any = false;
    for (Edge* edge = action.before; edge != nullptr; edge = edge->next) {
      if (!edge->is_input) continue;
      if (!any) {
        writer_.open("inputs");
        writer_.children();
        any = true;
      }
      writer_.open("trigger");
      writer_.children();
      elements_.write_trigger(*edge->other);
      writer_.close("trigger");
    }
    if (any) return writer_.close("inputs");
    writer_.open("inputs");
    writer_.end_empty();
  }

  Context& context_;
  XmlWriter& writer_;
  ActionElements elements_;
  std::vector<Edge*> inputs_;
  std::vector<Action*> chosen_;  ///< in the order of synapses
  std::int64_t next_synapse_ = 0;
};

void write_root_attributes(const model::Snapshot& snapshot, int transition_id, XmlWriter& writer) {
  const model::Options& options = snapshot.options;
  writer.attribute("cluster-delay", options.cluster_delay);
  writer.attribute("fencing-timeout", options.fencing_timeout_text);
  writer.attribute("failed-stop-offset", "INFINITY");
  writer.attribute("failed-start-offset", options.start_failure_is_fatal ? "INFINITY" : "1");
  writer.attribute("batch-limit", options.batch_limit);
  writer.attribute("transition_id", transition_id);
  if (to_integer(options.migration_limit).value_or(0) > 0) {
    writer.attribute("migration-limit", options.migration_limit);
  }
  if (snapshot.recheck_by) writer.attribute("recheck-by", *snapshot.recheck_by);
}

}  // namespace

GraphText write_graph_xml(Context& context, int transition_id) {
  // The body comes first: writing it can still find times at which to run again.
  std::string body;
  XmlWriter writer(body);
  std::string head;
  XmlWriter head_writer(head);
  head_writer.open("transition_graph");
  writer.indent();
  const bool taken_out = GraphBuilder(context, writer).write();
  write_root_attributes(context.snapshot, transition_id, head_writer);
  if (body.empty()) {
    head_writer.end_empty();
    return {std::move(head), taken_out};
  }
  head_writer.children();
  body.insert(0, head);
  body += "</transition_graph>\n";
  return {std::move(body), taken_out};
}

}  // namespace quorate::scheduler
