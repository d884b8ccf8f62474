#include "simulate/execution.h"

#include <fmt/format.h>

#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "simulate/injection.h"

namespace quorate::cli::simulate {
namespace {

using transition::Action;
using transition::ActionKind;
using transition::Walker;

std::string parameter_digest(const Action& action) {
  std::map<std::string, std::string> parameters;
  for (const xml::Attribute& attribute : action.attributes.attributes()) {
    parameters.emplace(attribute.name, attribute.value);
  }
  for (xml::Element param : xml::children(action.attributes, "param")) {
    parameters.emplace(param.get_or("name", {}), param.get_or("value", {}));
  }
  return parameters_digest(digest_parameters(parameters));
}

ActionResult expected_result(const Action& action, std::string name) {
  ActionResult result;
  result.name = std::move(name);
  result.resource_id = action.resource.id();
  result.standard = action.resource.get_or("class", {});
  result.provider = action.resource.get_or("provider", {});
  result.type = action.resource.get_or("type", {});
  result.task = action.task;
  result.interval_ms = action.interval_ms;
  result.code = action.target_rc;
  result.target_code = action.target_rc;
  result.exit_reason = "User-injected result";
  result.notify_type = action.meta("notify_type");
  result.notify_operation = action.meta("notify_operation");
  result.migrate_source = action.meta("migrate_source");
  result.migrate_target = action.meta("migrate_target");
  result.digest = parameter_digest(action);
  return result;
}

bool is_infinite(std::string_view offset) { return offset.empty() || offset == "INFINITY"; }

}  // namespace

std::unordered_set<std::string> known_names(const model::Snapshot& snapshot) {
  std::unordered_set<std::string> names;
  for (const model::Resource& resource : snapshot.all_resources) {
    names.emplace(resource.id);
    if (!resource.history_id.empty()) names.emplace(resource.history_id);
  }
  return names;
}

void Execution::show_item(const std::string& text) {
  if (!output_.quiet()) output_.text().item(text);
}

void Execution::observe(const Action& action, bool failed) {
  if (!observer_) return;
  observer_(action, failed);
  cluster_.forget_index();
}

std::string Execution::shown_name(const Action& action) const {
  const std::string id(action.resource.id());
  if (known_.contains(id)) return id;
  const std::string long_id(action.resource.get_or("long-id", {}));
  return known_.contains(long_id) ? long_id : id;
}

bool Execution::pretend_failure(Walker& walker, const Action& action, xml::Element node_state,
                                ActionResult& result) {
  const auto prefix = [&](std::string_view name) {
    return fmt::format("{}_{}_{}@{}=", name, action.task, action.interval_ms, action.node);
  };
  for (const std::string& spec : failures_) {
    if (!istarts_with(spec, prefix(result.name)) &&
        !istarts_with(spec, prefix(result.resource_id))) {
      continue;
    }
    const auto code = to_integer(std::string_view(spec).substr(spec.find('=') + 1));
    if (!code) {
      output_.notice(
          fmt::format("Invalid failed operation '{}' (result code must be integer)", spec));
      continue;
    }
    output_.info(fmt::format("Pretending action {} failed with rc={}", action.id, *code));
    result.code = static_cast<int>(*code);
    const transition::Graph& graph = walker.graph();
    const bool infinite = (action.task == "start" && is_infinite(graph.failed_start_offset)) ||
                          (action.task == "stop" && is_infinite(graph.failed_stop_offset));
    raise_fail_count(output_, cluster_, node_state, result.name, action.task, action.interval_ms,
                     infinite);
    return true;
  }
  return false;
}

Result<void> Execution::run_resource_action(Walker& walker, const Action& action) {
  const std::string name = shown_name(action);
  const bool plain =
      action.interval_ms == 0 || action.task == "delete" || action.task == "meta-data";
  show_item(plain ? fmt::format("Resource action: {:<15} {} on {}", name, action.task, action.node)
                  : fmt::format("Resource action: {:<15} {}={} on {}", name, action.task,
                                action.interval_ms, action.node));
  output_.xml().open("rsc_action");
  output_.xml().attribute("resource", name);
  output_.xml().attribute("op", action.task);
  output_.xml().attribute("node", action.node);
  if (!plain) output_.xml().attribute("interval", action.interval_ms);
  output_.xml().close();
  bool failed = false;
  if (action.task != "delete" && action.task != "meta-data") {
    const auto state =
        cluster_.node_state(action.node, action.router_node.empty() ? action.node_id : action.node);
    if (!state) return tl::unexpected<Error>(state.error());
    ActionResult result = expected_result(action, name);
    failed = pretend_failure(walker, action, *state, result);
    if (auto recorded = cluster_.record(*state, result); !recorded) {
      output_.notice(recorded.error().message);
      walker.failed_to_start(action.id);
      return {};
    }
  }
  if (failed) {
    walker.abort(transition::kAbortAll, transition::Completion::kDone, "simulated failure");
  }
  observe(action, failed);
  walker.complete(action.id, failed);
  return {};
}

Result<void> Execution::fence(const Action& action) {
  const std::string operation(action.meta("stonith_action"));
  show_item(fmt::format("Fencing {} ({})", action.node, operation));
  output_.xml().open("fencing_action");
  output_.xml().attribute("target", action.node);
  output_.xml().attribute("op", operation);
  output_.xml().close();
  if (iequals(operation, "on")) return {};
  return cluster_.take_down(action.node, "simulate_fencing_action", action.node_id);
}

Result<void> Execution::carry_out(Walker& walker, const Action& action) {
  if (action.kind == ActionKind::kResource) return run_resource_action(walker, action);
  Result<void> done;
  if (action.kind == ActionKind::kPseudo) {
    show_item(fmt::format("Pseudo action:   {}{}{}", action.key, action.node.empty() ? "" : " on ",
                          action.node));
    output_.xml().open("pseudo_action");
    output_.xml().attribute("task", action.key);
    if (!action.node.empty()) output_.xml().attribute("node", action.node);
    output_.xml().close();
  } else if (action.is_fencing()) {
    done = fence(action);
  } else {
    const std::string_view id = action.resource.id();
    show_item(fmt::format("Cluster action:  {}{}{} on {}", action.task, id.empty() ? "" : " for ",
                          id, action.node));
    output_.xml().open("cluster_action");
    output_.xml().attribute("task", action.task);
    output_.xml().attribute("node", action.node);
    if (!id.empty()) output_.xml().attribute("id", id);
    output_.xml().close();
  }
  observe(action, false);
  walker.complete(action.id, false);
  return done;
}

Result<bool> Execution::run(const std::string& graph_xml) {
  auto graph = transition::parse_graph(graph_xml);
  if (!graph) return tl::unexpected<Error>(graph.error());
  Walker walker(std::move(*graph));
  while (const auto start = walker.next()) {
    if (auto done = carry_out(walker, *start->action); !done) {
      return tl::unexpected<Error>(done.error());
    }
  }
  return walker.state() == transition::WalkState::kComplete;
}

}  // namespace quorate::cli::simulate
