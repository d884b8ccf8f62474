#include "life.h"

#include <fmt/format.h>

#include <array>

#include "aftermath.h"
#include "cib/schema_validator.h"
#include "exceptions.h"
#include "placement_check.h"
#include "scheduler/schedule.h"
#include "simulate/execution.h"
#include "transition/walker.h"

namespace quorate::properties {
namespace {

constexpr std::int64_t kNow = 1'767'225'600;  // as in the CIB's execution-date
constexpr int kRoundsToSettle = 8;

scheduler::Input input_for(xml::Element cib) {
  scheduler::Input input;
  input.cib = cib;
  input.now_seconds = kNow;
  return input;
}

/// Carries a plan out on paper, everything succeeding. False if some action never gets its turn:
/// the plan has a cycle or waits for what isn't in it.
bool can_be_carried_out(const std::string& text) {
  transition::Walker walker(std::move(*transition::parse_graph(text)));
  while (const auto start = walker.next()) walker.complete(start->action->id, false);
  return walker.state() == transition::WalkState::kComplete;
}

/// Resource and fencing actions of a plan, except what is repeated for good reasons.
std::string what_it_does(const transition::Graph& graph, const scheduler::Schedule& plan,
                         xml::Element status) {
  std::string text;
  for (const transition::Action& action : graph.actions) {
    if (action.kind == transition::ActionKind::kPseudo) continue;
    if (is_repeated(action, plan, status)) continue;
    text +=
        fmt::format(" {}{}@{}", action.task == "cancel" ? "cancel:" : "", action.key, action.node);
  }
  return text;
}

/// The document as something events can be written into. Cluster nodes are named node1, node2 …
/// and have their numbers as ids; others have their names.
cli::simulate::Cluster cluster_of(xml::Document& cib) {
  cli::simulate::Cluster cluster(cib, kNow);
  cluster.set_id_lookup([](std::string_view name) {
    return std::string(name.starts_with("node") ? name.substr(4) : name);
  });
  return cluster;
}

const cib::SchemaValidator& validator() {
  thread_local const cib::SchemaValidator instance;
  return instance;
}

xml::Element by_id(xml::Element start, std::string_view id) {
  xml::Element found;
  xml::for_each_descendant(start, [&](xml::Element element) {
    if (!found && element.id() == id) found = element;
  });
  return found;
}

}  // namespace

Life::Life(const Shape& shape, bool must_settle) : shape_(shape), must_settle_(must_settle) {
  ConfigurationWriter writer(shape);
  cib_ = writer.write();
  names_ = writer.names();
  cli::CommonOptions options;
  options.output_as = "none";
  auto output = cli::Output::create("properties", options, {}, {cli::Format::kNone});
  output_ = std::move(*output);
  output_->set_quiet(true);
}

std::string Life::live() {
  const std::vector<std::string> complaints = validator().complaints(cib_.root());
  if (!complaints.empty()) return "the generator made an invalid CIB: " + complaints.front();
  Dice beginning(shape_.seed, "beginning");
  cli::simulate::Cluster cluster = cluster_of(cib_);
  for (const std::string& node : names_.nodes) {
    if (!beginning.chance(8) && !cluster.bring_up(node)) return "a node can't be brought up";
  }
  for (int event = 0; event < shape_.events; ++event) {
    Dice dice(shape_.seed, "event", static_cast<std::uint64_t>(event));
    std::vector<std::string> failures;
    if (dice.chance(40)) {
      const auto plan = scheduler::schedule(input_for(cib_.root()));
      if (plan) failures = some_failures(plan->graph_xml, dice);
    }
    if (std::string wrong = round(failures); !wrong.empty()) return wrong;
    if (dice.chance(60)) {
      if (std::string wrong = round({}); !wrong.empty()) return wrong;
    }
    happen(dice);
  }
  return come_to_rest();
}

std::string Life::come_to_rest() {
  xml::Document last;
  for (int left = kRoundsToSettle; left > 0; --left) {
    if (left == 1 && must_settle_) last = cib_.copy();
    asks_why_ = must_settle_ && left <= 2;
    if (std::string wrong = round({}); !wrong.empty()) return wrong;
    if (last_round_.did.empty()) return {};
    // Either nothing changes any more, or what does goes round in circles, of two plans at least.
    if (asks_why_ && exception_.empty()) exception_ = last_round_.reason_to_go_on;
  }
  if (!must_settle_ || !exception_.empty()) return {};
  cib_ = std::move(last);
  return "planning again isn't empty:" + last_round_.did;
}

std::string Life::round(const std::vector<std::string>& failures) {
  ++plans_;
  const std::string input = cib_.root().to_string();
  const auto plan = scheduler::schedule(input_for(cib_.root()));
  if (!plan) return "it can't be scheduled: " + plan.error().message;
  if (cib_.root().to_string() != input) return "planning changes its input";
  if (std::string wrong = check_pure(plan->graph_xml); !wrong.empty()) return wrong;
  auto graph = transition::parse_graph(plan->graph_xml);
  if (!graph) return "the plan isn't a graph: " + graph.error().message;
  if (std::string wrong = misplaced(*graph, *plan->snapshot, cib_.root()); !wrong.empty())
    return wrong;
  model::Snapshot& snapshot = *plan->snapshot;
  Round now{.did = what_it_does(*graph, *plan, cib_.root().first_child("status")),
            .whereabouts = whereabouts(snapshot),
            .reason_to_go_on = {}};
  const bool differs = now.did != last_round_.did || now.whereabouts != last_round_.whereabouts;
  if (asks_why_) now.reason_to_go_on = reason_to_go_on(*plan, cib_.root(), differs);
  last_round_ = std::move(now);
  if (!can_be_carried_out(plan->graph_xml)) return "the plan can't be carried out";
  cli::simulate::Cluster cluster = cluster_of(cib_);
  cli::simulate::Execution execution(*output_, cluster, cli::simulate::known_names(*plan->snapshot),
                                     failures);
  execution.set_observer([&](const transition::Action& action, bool failed) {
    leave_aftermath(action, failed, cib_.root().first_child("status"), kNow);
  });
  const auto completed = execution.run(plan->graph_xml);
  if (!completed) return "carrying out the plan failed: " + completed.error().message;
  if (!*completed && failures.empty()) return "the plan wasn't completed";
  return {};
}

std::string Life::check_pure(const std::string& graph) const {
  const xml::Document copy = cib_.copy();
  const auto again = scheduler::schedule(input_for(copy.root()));
  if (!again || again->graph_xml != graph) return "the same input gives another plan";
  return {};
}

std::vector<std::string> Life::some_failures(const std::string& text, Dice& dice) const {
  const auto graph = transition::parse_graph(text);
  std::vector<std::string> failures;
  if (!graph) return failures;
  for (const transition::Action& action : graph->actions) {
    if (action.kind != transition::ActionKind::kResource || !dice.chance(12)) continue;
    // A cluster doesn't record how these end.
    if (action.task == "cancel" || action.task == "delete" || action.task == "notify") continue;
    static constexpr std::array kCodes = {1, 1, 5, 7, 9, 189};
    failures.push_back(fmt::format("{}_{}_{}@{}={}", action.resource.id(), action.task,
                                   action.interval_ms, action.node, dice.pick(kCodes)));
  }
  return failures;
}

// ---- What happens -------------------------------------------------------------------------------

void Life::happen(Dice& dice) {
  switch (dice.below(3)) {
    case 0:
      return change_node(dice);
    case 1:
      return change_configuration(dice);
    default:
      return change_operation(dice);
  }
}

void Life::change_node(Dice& dice) {
  cli::simulate::Cluster cluster = cluster_of(cib_);
  const std::string& node = names_.nodes[dice.below(names_.nodes.size())];
  switch (dice.below(5)) {
    case 0:
    case 1:
      (void)cluster.fail_node(node);
      return;
    case 2:
      (void)cluster.take_down(node, "properties");
      return;
    case 3:
      (void)cluster.bring_up(node);
      return;
    default:
      cluster.set_quorum(dice.chance(70) ? "1" : "0");
  }
}

void Life::change_configuration(Dice& dice) {
  xml::Element configuration = cib_.root().first_child("configuration");
  xml::Element resources = configuration.first_child("resources");
  const auto set_meta = [&](std::string_view name, std::string_view value) {
    if (names_.leaves.empty()) return;
    xml::Element resource = by_id(resources, names_.leaves[dice.below(names_.leaves.size())]);
    if (!resource) return;
    const std::string id = fmt::format("{}-changed-{}", resource.id(), name);
    if (xml::Element known = by_id(resource, id)) return (void)known.set("value", value);
    xml::Element meta = resource.first_child("meta_attributes");
    if (!meta) {
      // The schema wants meta_attributes before operations.
      xml::Element before = resource.first_child("operations");
      if (!before) before = resource.first_child("utilization");
      meta = resource.add("meta_attributes");
      meta.set("id", fmt::format("{}-changed", resource.id()));
      if (before) meta.move_before(before);
    }
    xml::Element pair = meta.add("nvpair");
    pair.set("id", id);
    pair.set("name", name);
    pair.set("value", value);
  };
  switch (dice.below(6)) {
    case 0:
      return set_meta("target-role", dice.chance(60) ? "Stopped" : "Started");
    case 1:
      return set_meta("is-managed", "false");
    case 2: {  // a parameter changes
      xml::Element parameters;
      if (!names_.leaves.empty()) {
        parameters =
            by_id(resources, names_.leaves[dice.below(names_.leaves.size())] + "-parameters-state");
      }
      if (parameters) parameters.set("value", "/run/changed");
      return;
    }
    case 3: {  // a node is to be left
      xml::Element node = by_id(configuration.first_child("nodes"),
                                std::to_string(1 + dice.below(names_.nodes.size())));
      if (!node) return;
      xml::Element attributes = node.first_child("instance_attributes");
      const std::string id = attributes.id().data() + std::string("-standby");
      if (xml::Element known = by_id(attributes, id)) return known.remove();
      return add_pair(attributes, "standby", "on");
    }
    case 4: {  // a constraint goes
      xml::Element constraints = configuration.first_child("constraints");
      xml::Element constraint = constraints.first_child();
      for (auto skip = dice.below(4); skip > 0 && constraint; --skip)
        constraint = constraint.next();
      if (constraint) constraint.remove();
      return;
    }
    default: {  // a resource nothing refers to goes
      for (xml::Element resource : xml::children(resources, "primitive")) {
        if (resource.id() == "fencing" || !dice.chance(40)) continue;
        bool referred = false;
        xml::for_each_descendant(configuration.first_child("constraints"), [&](xml::Element e) {
          for (const char* name : {"rsc", "with-rsc", "first", "then", "id"}) {
            referred = referred || e.get(name) == resource.id();
          }
        });
        if (!referred) return resource.remove();
      }
    }
  }
}

/// Something that ran has failed, or a ticket comes or goes.
void Life::change_operation(Dice& dice) {
  cli::simulate::Cluster cluster = cluster_of(cib_);
  if (!names_.tickets.empty() && dice.chance(40)) {
    cluster.set_ticket(dice.pick(names_.tickets), "granted", dice.chance(60) ? "true" : "false");
    return;
  }
  std::vector<xml::Element> monitors;
  xml::for_each_descendant(cib_.root().first_child("status"), [&](xml::Element element) {
    if (element.name() == "lrm_rsc_op" && element.get("operation") == "monitor" &&
        element.get_or("interval", "0") != "0") {
      monitors.push_back(element);
    }
  });
  if (monitors.empty()) return;
  const xml::Element monitor = monitors[dice.below(monitors.size())];
  const xml::Element resource = monitor.parent();
  const xml::Element state = resource.parent().parent().parent();
  cli::simulate::ActionResult result;
  result.name = result.resource_id = resource.id();
  result.standard = resource.get_or("class", {});
  result.provider = resource.get_or("provider", {});
  result.type = resource.get_or("type", {});
  result.task = "monitor";
  result.interval_ms = std::stoll(std::string(monitor.get_or("interval", "0")));
  static constexpr std::array kCodes = {1, 7, 7, 8, 9};
  result.code = dice.pick(kCodes);
  if (const auto digest = monitor.get("op-digest")) result.digest = *digest;
  cluster.raise_fail_count(state, result.name, result.task, result.interval_ms, false,
                           [](std::string_view, std::string_view) {});
  (void)cluster.record(state, result);
}

}  // namespace quorate::properties
