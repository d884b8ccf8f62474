#include "run.h"

#include <fmt/format.h>

#include <array>

#include "aims.h"
#include "cores.h"
#include "invariants.h"
#include "scheduler/schedule.h"
#include "transition/graph.h"
#include "workload.h"

namespace quorate::sim {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kFormWithin = 120 * kSecond;
constexpr std::int64_t kSufferFor = 580 * kSecond;
constexpr std::int64_t kAimsWithin = 70 * kSecond;
constexpr std::int64_t kSettleWithin = 900 * kSecond;
constexpr std::int64_t kQuietFor = 10 * kSecond;
constexpr std::int64_t kRecheckWithin = 61 * kSecond;  ///< cluster-recheck-interval is 60 s

class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        world_({options.seed, node_count(options), options.trace, options.trace_messages}),
        scenario_(make_scenario(world_.random, world_.configured())),
        clients_(world_),
        faults_(world_, clients_),
        aims_(world_, clients_, faults_),
        invariants_(world_, scenario_.singles, scenario_.promoted_once) {
    world_.observers = {&invariants_, &faults_, &aims_};
  }

  RunResult go() {
    invariants_.watch_agreement();
    for (const auto& machine : world_.machines) machine->boot();
    clients_.load(scenario_.configuration);
    if (!settles(kFormWithin)) {
      complain("the cluster didn't form and become idle within 120 s of its start");
      return result();
    }
    const std::int64_t start = world_.time.now_us();
    const int count =
        options_.faults > 0 ? options_.faults : static_cast<int>(world_.random.between(10, 12));
    clients_.keep_changing(start + kSufferFor);
    const int aimed = count / 2;
    faults_.plan(count - aimed, start + kSecond, start + kSufferFor);
    aims_.narrow(options_.fault, options_.phase);
    aims_.plan(options_.seed, aimed, start + kSecond, start + kSufferFor - kAimsWithin);
    world_.run_until(start + kSufferFor + 10 * kSecond);
    aims_.disarm();
    faults_.end_all();
    if (world_.violations().empty() && !settles(kSettleWithin)) {
      complain("the cluster didn't settle within 900 s after the last fault: " + unsettled_);
    }
    if (world_.violations().empty()) check_ending();
    return result();
  }

 private:
  static int node_count(const RunOptions& options) {
    // Small clusters more often: what goes wrong mostly goes wrong with three nodes.
    static constexpr std::array kNodes = {3, 4, 3, 5, 3, 4, 3, 6, 3, 5,
                                          3, 4, 3, 7, 3, 4, 3, 5, 3, 6};
    return options.nodes > 0 ? options.nodes : kNodes[options.seed % kNodes.size()];
  }

  void complain(std::string what) {
    if (world_.violations().empty()) world_.fail(std::move(what));
  }

  /// Everyone is up, in one ring, follows one idle DC and stays so for a while.
  bool settles(std::int64_t within_us) {
    const std::int64_t end = world_.time.now_us() + within_us;
    std::int64_t quiet_since = -1;
    while (world_.time.now_us() < end && world_.violations().empty()) {
      world_.time.after(500'000, [] {});
      world_.run_until(world_.time.now_us() + 500'000);
      if (!is_settled()) {
        quiet_since = -1;
        continue;
      }
      if (quiet_since < 0) quiet_since = world_.time.now_us();
      if (world_.time.now_us() - quiet_since >= kQuietFor) return true;
    }
    return false;
  }

  bool is_settled() {
    if (!clients_.loaded()) {
      unsettled_ = "the configuration isn't loaded";
      return false;
    }
    std::string dc;
    for (const auto& machine : world_.machines) {
      const Process* controller = machine->process(Daemon::kController);
      if (!machine->powered() || controller == nullptr || !controller->running()) {
        unsettled_ = machine->name() + " isn't up";
        return false;
      }
      const std::string own_dc = dc_of(controller->core());
      if (own_dc.empty() || (!dc.empty() && own_dc != dc)) {
        unsettled_ = fmt::format("{} follows DC '{}', others '{}'", machine->name(), own_dc, dc);
        return false;
      }
      dc = own_dc;
      if (!is_idle(controller->core())) {
        unsettled_ = machine->name() + "'s controller isn't idle";
        return false;
      }
    }
    return true;
  }

  void check_ending() {
    std::string document;
    for (const auto& machine : world_.machines) {
      const Process* replica = machine->process(Daemon::kCib);
      if (replica == nullptr || !replica->running()) {
        complain(machine->name() + " has no CIB service in the end");
        return;
      }
      const std::string own = document_of(replica->core());
      if (!document.empty() && own != document) {
        complain(fmt::format("the CIB of {} differs in the end", machine->name()));
        return;
      }
      document = own;
    }
    check_attributes();
    for (const std::string& loss : clients_.missing_from(document)) complain(loss);
    check_plan(document);
  }

  /// All attribute managers hold the same, and of every node what its own manager says.
  void check_attributes() {
    std::string attributes;
    for (const auto& machine : world_.machines) {
      const Process* manager = machine->process(Daemon::kAttributes);
      if (manager == nullptr || !manager->running()) {
        return complain(machine->name() + " has no attribute manager in the end");
      }
      const std::string own = attributes_of(manager->core());
      if (!attributes.empty() && own != attributes) {
        return complain(fmt::format("the attributes on {} differ in the end: {} instead of {}",
                                    machine->name(), own, attributes));
      }
      attributes = own;
    }
    for (const auto& machine : world_.machines) {
      if (attributes.find("#attrd-protocol of " + machine->name() + " is") == std::string::npos) {
        return complain("attributes of " + machine->name() + " are lost: " + attributes);
      }
    }
  }

  const Machine& dc() {
    const Process* any = world_.machines.front()->process(Daemon::kController);
    const Machine* dc = any == nullptr ? nullptr : world_.machine_named(dc_of(any->core()));
    return dc == nullptr ? *world_.machines.front() : *dc;
  }

  /// What a plan for this moment, by the DC's clock, would do; empty if nothing.
  std::string left_to_do(const std::string& text, std::int64_t now_seconds) {
    auto document = xml::Document::parse(text);
    if (!document) return "the CIB doesn't parse: " + document.error().message;
    scheduler::Input input;
    input.cib = document->root();
    input.now_seconds = now_seconds;
    const auto plan = scheduler::schedule(input);
    if (!plan) return "the CIB can't be scheduled: " + plan.error().message;
    const auto graph = transition::parse_graph(plan->graph_xml);
    if (!graph) return "the plan isn't a graph: " + graph.error().message;
    // Pseudo-actions alone change nothing: a group that can't start has them.
    for (const transition::Action& action : graph->actions) {
      if (action.kind == transition::ActionKind::kPseudo) continue;
      world_.trace("planned from " + text + "\n" + plan->graph_xml);
      return fmt::format("{} on {}", std::string(action.key), std::string(action.node));
    }
    return {};
  }

  /// Planning again as of the DC's last plan finds nothing to do: no change was missed. What only
  /// the passing of time changes (failures expire) is found by the DC's next recheck, and then
  /// planning again finds nothing to do either.
  void check_plan(const std::string& text) {
    const std::string missed = left_to_do(text, dc().planned_for_s);
    if (!missed.empty()) return complain("planning again isn't empty: " + missed);
    const std::string expired = left_to_do(text, dc().now().wall_seconds());
    if (expired.empty() || rechecks_++ > 0) {
      if (!expired.empty()) complain("planning again isn't empty after a recheck: " + expired);
      return;
    }
    world_.run_until(world_.time.now_us() + kRecheckWithin);
    if (!settles(kSettleWithin)) return complain("no rest after a recheck: " + unsettled_);
    check_ending();
  }

  RunResult result() const {
    RunResult result;
    result.ok = world_.violations().empty();
    if (!result.ok) {
      const Violation& first = world_.violations().front();
      result.what =
          fmt::format("at {:.3f} s: {}", static_cast<double>(first.time_us) / 1e6, first.what);
    }
    result.coverage = faults_.coverage();
    result.simulated_s = static_cast<double>(world_.time.now_us()) / 1e6;
    result.events = world_.time.steps();
    result.changes = clients_.asked();
    result.durable = clients_.durable();
    return result;
  }

  RunOptions options_;
  World world_;
  Scenario scenario_;
  Clients clients_;
  Faults faults_;
  Aims aims_;
  Invariants invariants_;
  std::string unsettled_;
  int rechecks_ = 0;
};

}  // namespace

RunResult run(const RunOptions& options) { return Run(options).go(); }

}  // namespace quorate::sim
