#include <algorithm>

#include "base/planted.h"
#include "base/text.h"
#include "controller/controller.h"
#include "controller/timers.h"

/// What only the DC does: integrating members, node states, quorum, planning.
namespace quorate {

using namespace controller;

namespace {

bool is_safe_client(std::string_view client) {
  constexpr std::string_view kTools[] = {"attrd_updater", "crm_attribute", "crm_node",
                                         "crm_resource", "crm_ticket"};
  return client.starts_with("quorate-") || client.starts_with("pacemaker-") ||
         std::find(std::begin(kTools), std::end(kTools), client) != std::end(kTools);
}

void add_option(xml::Element set, std::string_view name, std::string_view value) {
  xml::Element pair = set.add("nvpair");
  pair.set("id", "cib-bootstrap-options-" + std::string(name));
  pair.set("name", name);
  pair.set("value", to_xml_safe(value));
}

}  // namespace

// ---- Taking over --------------------------------------------------------------------------------

void Controller::take_over() {
  ++term_;
  reports_.clear();
  integrated_once_ = false;
  integration_late_ = false;
  known_failures_.clear();
  foreign_running_.clear();
  await_returning_ = false;
  ports_.cancel_timer(kDcSilentTimer);
  ports_.set_timer(kIntegrationTimer, options_.join_integration_timeout_ms);
  ports_.broadcast(DcAlive{membership_.view()});
  ports_.set_timer(kAliveTimer, kAliveMs);
  tell_cib_facts();
  // A member whose controller alone is gone, perhaps the former DC's, may be back in a moment.
  for (const auto& [number, node] : nodes_.all()) {
    if (!node.in_layer || node.in_group || !node.layer_left_by_controller) continue;
    may_return_.insert(number);
    ports_.set_timer(kProcessLostTimers + number, kProcessLostMs);
  }
  expect_silent_members();
  for (const auto& [target, incarnation] : std::exchange(fenced_without_dc_, {})) {
    ports_.log(LogLevel::kInfo,
               "Marking " + target + ", target of a previous fencing action, as clean");
    mark_fenced(target, incarnation, [](bool) {});
  }
  write_dc_properties();
  ports_.query_cib(
      "/cib/status/node_state",
      [this](const CibOutcome& outcome) {
        if (outcome.ok && membership_.is_dc()) lost_nodes_in_cib(outcome.content);
      },
      true);
}

void Controller::give_up() {
  transitions_.stop();
  for (const TimerId timer :
       {kAliveTimer, kIntegrationTimer, kQuorumGainTimer, kForeignTimer, kReturnTimer}) {
    ports_.cancel_timer(timer);
  }
  reports_.clear();
  may_return_.clear();
  integrated_once_ = false;
  integrating_ = 0;
  states_disputed_ = false;
  fencings_.clear();
  accounts_missing_.clear();
  foreign_running_.clear();
}

void Controller::write_dc_properties() {
  xml::Document options = xml::Document::with_root("crm_config");
  xml::Element set = options.root().add("cluster_property_set");
  set.set("id", "cib-bootstrap-options");
  add_option(set, "dc-version", config_.version);
  add_option(set, "cluster-infrastructure", config_.infrastructure);
  add_option(set, "have-watchdog", config_.watchdog ? "true" : "false");
  if (!options_.cluster_name_set && !config_.cluster_name.empty()) {
    add_option(set, "cluster-name", config_.cluster_name);
  }
  xml::Document root = xml::Document::with_root("cib");
  root.root().set("crm_feature_set", kFeatureSet);
  ports_.write_cib({CibStep::merge({}, root.root().to_string()),
                    CibStep::merge("crm_config", options.root().to_string())});
}

/// Entries of nodes that aren't members are set right: their departure may have gone unnoticed.
void Controller::lost_nodes_in_cib(const std::string& node_states) {
  const Result<xml::Document> document = xml::Document::parse(node_states, "node states");
  if (!document) return;
  xml::Document status = xml::Document::with_root("status");
  const auto look_at = [&](xml::Element state) {
    known_in_cib_.insert(std::string(state.id()));
    if (state.get_or("remote_node", {}) == "true") return;
    const auto number = static_cast<NodeNumber>(to_integer(state.id()).value_or(0));
    KnownClusterNode& node = nodes_.get(number, state.get_or("uname", {}));
    const std::string_view expected = state.get_or("expected", {});
    if (node.expected == Expected::kUnset && expected == "member")
      node.expected = Expected::kMember;
    if (node.expected == Expected::kUnset && expected == "down") node.expected = Expected::kDown;
    if (node.in_group) return;
    node.seen = true;
    add_node_state(status.root(), node, {true, false, true});
  };
  if (document->root().name() == "node_state") look_at(document->root());
  for (const xml::Element state : xml::children(document->root(), "node_state")) look_at(state);
  if (status.root().first_child()) {
    ports_.write_cib({CibStep::merge("status", status.root().to_string())});
  }
}

// ---- Integrating members ------------------------------------------------------------------------

void Controller::integrate_if_complete() {
  if (!membership_.is_dc() || integrating_ > 0 || !membership_.settled()) return;
  std::vector<NodeNumber> ready;
  bool missing = false;
  for (const auto& [number, peer] : membership_.peers()) {
    if (peer.left_out) continue;
    const KnownClusterNode* node = nodes_.find(number);
    if (reports_.contains(number)) {
      // A node whose fencing is under way joins when that has ended.
      if (!is_being_fenced(peer.name)) ready.push_back(number);
    } else if (node == nullptr || !node->joined || !integrated_once_) {
      missing = true;
    }
  }
  if (ready.empty()) return;
  if (!integrated_once_ && missing && !integration_late_) return;
  integrate(ready);
}

void Controller::integrate(const std::vector<NodeNumber>& nodes) {
  ++integrating_;
  std::vector<CibStep> steps;
  xml::Document entries = xml::Document::with_root("nodes");
  xml::Document status = xml::Document::with_root("status");
  JoinConfirm confirm{membership_.view(), nodes, {}};
  for (const NodeNumber number : nodes) {
    const JoinReport report = std::move(reports_.at(number));
    reports_.erase(number);
    KnownClusterNode& known = nodes_.get(number, membership_.name_of(number));
    // At once: what else is written of the nodes before this is answered mustn't say otherwise.
    known.expected = known.down_ordered || known.shutting_down || report.shutting_down
                         ? Expected::kDown
                         : Expected::kMember;
    KnownClusterNode node = known;
    const bool again = known.joined && known_failures_.knows_all_of(std::to_string(number));
    node.joined = true;
    const std::string state = "/cib/status/node_state[@id='" + std::to_string(number) + "']";
    if (options_.shutdown_lock) {
      steps.push_back(CibStep::remove(state + "/lrm//lrm_rsc_op"));
      steps.push_back(CibStep::remove(state + "/lrm//lrm_resource[not(@shutdown-lock)]"));
    } else {
      steps.push_back(CibStep::remove(state + "/lrm"));
    }
    add_node_entry(entries.root(), node);
    add_node_state(status.root(), node, {true, true, true});
    known_in_cib_.insert(std::to_string(number));
    const Result<xml::Document> lrm = xml::Document::parse(report.lrm, "history report");
    if (lrm && lrm->root().name() == "lrm") {
      status.root().last_child().add_copy(lrm->root());
      know_failures(std::to_string(number), lrm->root(), again);
    }
    confirm.reports.push_back(report.number);
    note_running(number, report.running);
    if (report.shutting_down && !node.down_ordered) set_shutdown_attribute(node.name);
  }
  steps.push_back(CibStep::merge("nodes", entries.root().to_string()));
  steps.push_back(CibStep::merge("status", status.root().to_string()));
  ports_.write_cib(steps, [this, confirm, term = term_](const CibOutcome& outcome) {
    if (!membership_.is_dc() || term_ != term) return;
    --integrating_;
    if (!outcome.ok) {
      return ports_.exit(1, "the history of joining nodes could not be written");
    }
    integrated(confirm);
  });
}

/// What a node reports when it joins has been counted by who was DC then. If it reports `again`,
/// there is nobody else to count what wasn't seen meanwhile.
void Controller::know_failures(const std::string& node_id, xml::Element lrm, bool again) {
  xml::for_each_descendant(lrm, [&](xml::Element element) {
    if (element.name() != "lrm_rsc_op") return;
    RecordedResult result = read_result(element);
    result.node_id = node_id;
    const bool missed = known_failures_.note(result);
    const auto key = parse_key(result.transition_key);
    if (again && missed && key) transitions_.missed_failure(result, *key);
  });
  known_failures_.note_all_of(node_id);
}

void Controller::integrated(const JoinConfirm& confirm) {
  ports_.broadcast(confirm);
  for (const NodeNumber number : confirm.nodes) {
    KnownClusterNode* node = nodes_.find(number);
    if (node == nullptr || !node->in_group) continue;
    node->joined = true;
    node->expected =
        node->down_ordered || node->shutting_down ? Expected::kDown : Expected::kMember;
  }
  const bool first = !integrated_once_;
  integrated_once_ = true;
  ports_.cancel_timer(kIntegrationTimer);
  if (first) {
    write_quorum();
    write_node_states({true, true, true}, true);
  }
  correct_states();
  begin_planning();
  if (!first) transitions_.abort_all("Node join");
  for (const NodeNumber number : confirm.nodes) account_came(number);
  integrate_if_complete();
}

// ---- Actions in flight that aren't of this DC's graph -------------------------------------------

namespace {
constexpr std::int64_t kForeignMs = 30'000;
constexpr const char* kAnything = "?";  // no transition key
}  // namespace

/// What the node says is in flight takes the place of what it said before. Results are recorded
/// after the node's integration, so that none is missed between the two.
void Controller::note_running(NodeNumber number, const std::vector<RunningAction>& running) {
  foreign_running_.erase(number);
  for (const RunningAction& action : running) {
    const auto key = parse_key(action.transition_key);
    if (key && transitions_.in_flight(*key)) continue;
    if (planted("forget-former-dc") && key && key->uuid != config_.uuid) continue;
    foreign_running_[number].insert(action.transition_key);
  }
  if (!foreign_running_.empty()) ports_.set_timer(kForeignTimer, kForeignMs);
}

void Controller::foreign_ended(const std::string& transition_key) {
  bool ended = false;
  for (auto& [node, keys] : foreign_running_) ended = keys.erase(transition_key) > 0 || ended;
  if (!ended) return;
  std::erase_if(foreign_running_, [](const auto& entry) { return entry.second.empty(); });
  go_on_planning();
}

/// A member that says nothing may have anything in flight, what it had itself started as DC, too.
/// Its launcher kills a controller that hangs; then it reports, or is lost.
void Controller::expect_silent_members() {
  for (const auto& [number, peer] : membership_.peers()) {
    const KnownClusterNode* node = nodes_.find(number);
    if (!peer.left_out || node == nullptr || !node->in_group) continue;
    foreign_running_[number].insert(kAnything);
    ports_.set_timer(kForeignTimer, kForeignMs);
    ports_.log(LogLevel::kWarning, "Nothing but fencing is planned until the controller of " +
                                       peer.name + " says what it has in flight, or for " +
                                       std::to_string(kForeignMs / 1000) + " s: then " + peer.name +
                                       " counts as lost");
  }
}

/// Those that still say nothing are as good as lost: nobody can tell what runs there.
void Controller::give_up_silent_members() {
  std::vector<NodeNumber> silent;
  for (const auto& [number, keys] : foreign_running_) {
    if (keys.contains(kAnything) && !membership_.is_member(number)) silent.push_back(number);
  }
  for (const NodeNumber number : silent) {
    ports_.log(LogLevel::kError, "Controller of " + membership_.name_of(number) +
                                     " still says nothing: the node counts as lost");
    nodes_.controller_left(number);
    node_lost(number);
  }
}

/// Nothing was heard of an end for long: the nodes are asked what is still in flight.
void Controller::foreign_overdue() {
  if (!membership_.is_dc() || foreign_running_.empty()) return;
  give_up_silent_members();
  if (foreign_running_.empty()) return;
  ports_.broadcast(JoinCall{membership_.view()});
  ports_.set_timer(kForeignTimer, kForeignMs);
}

/// Of a graph given up: it ends as what another DC has ordered does.
void Controller::left_in_flight(std::string_view name, std::string key) {
  const NodeNumber node = name.empty() ? config_.node : membership_.find(name);
  if (node == 0) return;
  foreign_running_[node].insert(std::move(key));
  ports_.set_timer(kForeignTimer, kForeignMs);
}

bool Controller::all_is_known() const { return history_is_known() && foreign_running_.empty(); }

/// How much of a plan is right whatever the actions in flight come to.
PlanScope Controller::plan_scope() const {
  if (!history_is_known()) return PlanScope::kNothing;
  if (foreign_running_.empty()) return PlanScope::kAll;
  const auto& known = nodes_.all();
  const bool lost = std::any_of(known.begin(), known.end(), [](const auto& entry) {
    const KnownClusterNode& node = entry.second;
    return node.seen && !node.in_group && node.expected != Expected::kDown;
  });
  return lost ? PlanScope::kFencing : PlanScope::kNothing;
}

/// Whether all members' history is in the CIB and what they have in flight is known. One that comes
/// back without having been restarted may have started something for another DC, or for this one
/// before it was lost.
bool Controller::history_is_known() const {
  if (!accounts_missing_.empty()) return false;
  if (!await_returning_) return true;
  return std::none_of(membership_.peers().begin(), membership_.peers().end(),
                      [&](const auto& entry) {
                        const auto& [number, peer] = entry;
                        const KnownClusterNode* node = nodes_.find(number);
                        if (node == nullptr || node->joined || is_being_fenced(peer.name))
                          return false;
                        return !peer.said_hello || peer.entered_view < node->entered_view;
                      });
}

/// The CIB is another copy now: what its status says of the members of this side is what another
/// partition knew of them, or nothing.
void Controller::copy_was_replaced() {
  if (!membership_.is_dc() || (!integrated_once_ && integrating_ == 0)) return;
  ports_.log(LogLevel::kNotice,
             "The CIB was replaced by another copy: asking all members for their history");
  write_quorum();
  write_node_states({true, true, true}, true);
  ask_for_accounts();
}

/// Members' history in the CIB may not be what is so.
void Controller::ask_for_accounts() {
  for (const auto& [number, peer] : membership_.peers()) {
    const KnownClusterNode* node = nodes_.find(number);
    if (peer.left_out || node == nullptr || !node->in_group || node->down_ordered) continue;
    accounts_missing_.insert(number);
  }
  ports_.broadcast(JoinCall{membership_.view()});
}

/// Or it won't come any more.
void Controller::account_came(NodeNumber node) {
  if (accounts_missing_.erase(node) > 0) go_on_planning();
}

void Controller::go_on_planning() {
  if (!membership_.is_dc()) return;
  begin_planning();
  if (!all_is_known()) return transitions_.write_answered();
  ports_.cancel_timer(kForeignTimer);
  transitions_.all_is_known();
}

/// Whether the first plan of a starting cluster may be made (architecture, "Start-up and fencing").
bool Controller::may_plan_first() const {
  if (ever_joined_ && membership_.dc_since() != membership_.entered_view()) return true;
  if (nodes_.all_configured_present()) return true;
  return decided_ || (quorate_ && stable_);
}

void Controller::begin_planning() {
  if (!membership_.is_dc() || !integrated_once_) return;
  if (plan_scope() == PlanScope::kNothing) return;
  if (transitions_.phase() != Transitions::Phase::kOff || stage_ == Stage::kStopping) return;
  if (!quorum_is_known() || !may_return_.empty()) return;
  if (!may_plan_first()) {
    if (!decided_ && !had_quorum_) ports_.set_timer(kDecideTimer, options_.dc_deadtime_ms);
    return;
  }
  transitions_.start("all members have joined");
  // What was recorded while there was no DC is judged now, and counted.
  std::vector<Finding> missed = std::exchange(results_without_dc_, {});
  std::erase_if(missed, [](const Finding& finding) { return finding.result.refreshed; });
  if (!missed.empty()) transitions_.cib_changed(0, missed);
}

// ---- Node states --------------------------------------------------------------------------------

void Controller::write_node_states(const NodeStateFields& fields, bool entries) {
  xml::Document nodes = xml::Document::with_root("nodes");
  xml::Document status = xml::Document::with_root("status");
  for (const auto& [number, node] : nodes_.all()) {
    if (entries) add_node_entry(nodes.root(), node);
    NodeStateFields shown = fields;
    // What a lost node's join says stays: only fencing and planned departure change it.
    if (!node.in_group && !node.down_ordered) shown.join = false;
    add_node_state(status.root(), node, shown);
  }
  std::vector<CibStep> steps;
  if (nodes.root().first_child())
    steps.push_back(CibStep::merge("nodes", nodes.root().to_string()));
  if (status.root().first_child()) {
    steps.push_back(CibStep::merge("status", status.root().to_string()));
  }
  ports_.write_cib(steps);
}

void Controller::write_node_state(NodeNumber number, const NodeStateFields& fields) {
  const KnownClusterNode* node = nodes_.find(number);
  if (node == nullptr) return;
  xml::Document status = xml::Document::with_root("status");
  add_node_state(status.root(), *node, fields);
  if (!status.root().first_child()) return;
  ports_.write_cib({CibStep::merge("status", status.root().to_string())});
}

/// A node or its controller is gone, and that is to be acted on.
void Controller::node_lost(NodeNumber number) {
  KnownClusterNode* node = nodes_.find(number);
  if (node == nullptr || node->in_group) return;
  const std::string id = std::to_string(number);
  const bool ordered = node->down_ordered || planted("lost-is-down");
  if (ordered) {
    ports_.log(LogLevel::kNotice, "do_shutdown of peer " + node->name +
                                      (node->in_layer ? " is in progress" : " is complete"));
    node->expected = Expected::kDown;
  }
  write_node_state(number, {true, ordered, true});
  // The history alone would have it fenced: what is active there can't be stopped.
  if (planted("lost-is-down")) {
    ports_.write_cib({CibStep::remove("/cib/status/node_state[@id='" + id + "']/lrm")});
  }
  const bool expected = ordered || transitions_.expects_down(id);
  if (!expected) {
    ports_.log(LogLevel::kWarning, "Fencing/shutdown of node " + node->name + " was not expected");
  }
  if (!ordered) transitions_.node_left(node->name, id);
  // What it had in flight is settled by its fencing or, if it comes back, by its next report.
  if (foreign_running_.erase(number) > 0) go_on_planning();
}

// ---- Quorum -------------------------------------------------------------------------------------

void Controller::write_quorum() {
  ports_.write_cib(
      {CibStep::merge({}, "<cib have-quorum=\"" + std::string(quorate_ ? "1" : "0") +
                              "\" dc-uuid=\"" + std::to_string(config_.node) + "\"/>")});
}

void Controller::quorum_changed(bool before) {
  write_quorum();
  if (before) {
    ports_.cancel_timer(kQuorumGainTimer);
    transitions_.abort_all("Quorum lost");
  } else {
    ports_.set_timer(kQuorumGainTimer, kQuorumGainMs);
  }
}

// ---- What transitions need ----------------------------------------------------------------------

/// A former DC's last words about the membership may be ordered behind this one's. They are set
/// right, and no plan made from them is carried out: its members look lost there, or fenced, with
/// nothing running on them.
bool Controller::is_former_dc_heard(const CibChange& change, xml::Element diff) {
  if (!integrated_once_ || change.client != daemon_name(Daemon::kController) ||
      iequals(change.node, config_.name)) {
    return false;
  }
  const std::vector<std::string> removed = histories_removed(diff);
  const bool history = std::any_of(removed.begin(), removed.end(), [&](const std::string& id) {
    return !iequals(node_name(id), change.node);  // whoever forgets its own does so on purpose
  });
  if (!history && !touches_membership(diff)) return false;
  states_disputed_ = true;
  correct_states();
  if (history) ask_for_accounts();
  transitions_.abort_all("Node states of a former DC");
  return true;
}

void Controller::unsafe_change(const CibChange& change, xml::Element diff) {
  const bool touches = change.sections.empty() ? touches_nodes_or_status(diff)
                                               : names_one_of(change.sections, {"nodes"});
  if (is_safe_client(change.client) || !touches) return;
  ports_.log(LogLevel::kNotice, "Populating nodes and asking all for their history after " +
                                    change.operation + " event triggered by " + change.client);
  write_node_states({true, true, true}, true);
  ports_.broadcast(JoinCall{membership_.view()});
}

/// Not while nodes are being integrated: what is being written of them isn't in the table yet.
void Controller::correct_states() {
  if (!states_disputed_ || integrating_ > 0) return;
  states_disputed_ = false;
  write_quorum();
  write_node_states({true, true, true}, false);
}

TransitionHooks Controller::hooks() {
  TransitionHooks hooks;
  hooks.send = [this](const ActionOrder& order, std::string_view node) {
    return send_order(order, node);
  };
  hooks.fence = [this](const transition::Action& action, std::int64_t timeout_s,
                       std::int64_t delay_s) { fence(action, timeout_s, delay_s); };
  hooks.may_fence = [this](std::string_view node) { return may_fence(node); };
  hooks.is_self = [this](std::string_view node) { return iequals(node, config_.name); };
  hooks.down_ordered = [this](std::string_view name) {
    if (KnownClusterNode* node = nodes_.find(name)) node->expected = Expected::kDown;
  };
  hooks.guest_fenced = [this](std::string_view guest, std::string_view) {
    mark_fenced(std::string(guest), 0, [](bool) {});
  };
  hooks.job_limit = [this](std::string_view node) { return job_limit(node); };
  hooks.node_name = [this](std::string_view id) { return node_name(id); };
  hooks.quorum_is_known = [this] { return quorum_is_known(); };
  hooks.plan_scope = [this] { return plan_scope(); };
  hooks.left_in_flight = [this](std::string_view node, std::string key) {
    left_in_flight(node, std::move(key));
  };
  hooks.is_lost = [this](std::string_view name) {
    const KnownClusterNode* node = nodes_.find(name);
    return node != nullptr && !node->in_group;
  };
  hooks.fill_request = [this](ScheduleRequest& request) {
    request.dc_id = std::to_string(config_.node);
    request.quorate = quorate_;
    request.had_quorum = had_quorum_;
    request.watchdog = config_.watchdog;
  };
  hooks.shut_down = [this] {
    if (!shutting_down_) {
      return ports_.exit(1, "We didn't ask to be shut down, yet the scheduler is telling us to");
    }
    KnownClusterNode& self = nodes_.get(config_.node, config_.name);
    self.expected = Expected::kDown;
    self.joined = false;
    write_node_state(config_.node, {false, true, true});
    ActionOrder order;
    order.to = config_.node;
    order.kind = "crm_event";
    order.task = "do_shutdown";
    order.operation_key = "do_shutdown-" + config_.name;
    order.on_node = config_.name;
    order.no_wait = true;
    ports_.broadcast(order);
  };
  hooks.state_changed = [this] {
    ports_.log(LogLevel::kInfo, "State is now " + std::string(state()));
    answer_idle_waiters();
  };
  return hooks;
}

bool Controller::send_order(const ActionOrder& order, std::string_view node) {
  ActionOrder sent = order;
  sent.to = node.empty() ? config_.node : membership_.find(node);
  if (sent.to == 0 && order.task == "clear_failcount") sent.to = config_.node;
  if (sent.to == 0) return false;
  if (order.task == "do_shutdown") {
    if (KnownClusterNode* target = nodes_.find(node)) target->down_ordered = true;
  }
  ports_.broadcast(sent);
  return true;
}

int Controller::job_limit(std::string_view name) const {
  const auto found = job_limits_.find(membership_.find(name));
  if (found == job_limits_.end()) {
    const int own =
        config_.node_action_limit > 0 ? config_.node_action_limit : 2 * std::max(1, config_.cores);
    return std::max(1, own / 2);
  }
  const int max = std::max(1, found->second.max_jobs);
  switch (found->second.level) {
    case 0:
      return max;
    case 1:
      return std::max(1, max / 2);
    case 2:
      return std::max(1, max / 4);
    default:
      return 1;
  }
}

std::string Controller::node_name(std::string_view node_id) const {
  const auto number = to_integer(node_id);
  if (number && std::to_string(*number) == node_id) {
    const KnownClusterNode* node = nodes_.find(static_cast<NodeNumber>(*number));
    if (node != nullptr && !node->name.empty()) return node->name;
  }
  return std::string(node_id);
}

}  // namespace quorate
