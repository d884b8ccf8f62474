#include "controller/controller.h"

#include <algorithm>

#include "base/planted.h"
#include "base/text.h"
#include "controller/timers.h"

namespace quorate {

using namespace controller;

Controller::Controller(ControllerConfig config)
    : config_(std::move(config)),
      ports_(config_.uuid),
      membership_(config_.node),
      local_(ports_, config_.node, config_.name),
      transitions_(ports_, config_.uuid, hooks()) {}

void Controller::handle(const Event& event, Now now, Effects& effects) {
  ports_.begin(effects, now);
  std::visit([this](const auto& e) { on(e); }, event);
  tell_scheduler();
  if (stage_ == Stage::kStopping) stop_if_done();
}

void Controller::tell_scheduler() {
  const bool ready = membership_.is_dc() || membership_.is_next_in_line();
  const bool change = ready != scheduler_ready_ && transitions_.is_scheduler_up();
  if (change && (membership_.is_dc() || standby_due_)) {
    scheduler_ready_ = ready;
    ports_.to_scheduler(ScheduleStandby{ready});
  }
  standby_due_ = false;
  const bool waits = ready != scheduler_ready_ && transitions_.is_scheduler_up();
  if (waits == standby_waits_) return;
  standby_waits_ = waits;
  if (waits) {
    ports_.set_timer(kStandbyTimer, kStandbyMs);
  } else {
    ports_.cancel_timer(kStandbyTimer);
  }
}

std::string_view Controller::state() const {
  if (stage_ == Stage::kStopping) return "S_STOPPING";
  if (stage_ == Stage::kStarting) return "S_STARTING";
  if (membership_.is_dc()) {
    if (!integrated_once_) return integrating_ > 0 ? "S_FINALIZE_JOIN" : "S_INTEGRATION";
    switch (transitions_.phase()) {
      case Transitions::Phase::kOff:
        return "S_FINALIZE_JOIN";
      case Transitions::Phase::kDelayed:
      case Transitions::Phase::kCalculating:
        return "S_POLICY_ENGINE";
      case Transitions::Phase::kRunning:
        return "S_TRANSITION_ENGINE";
      case Transitions::Phase::kIdle:
        return "S_IDLE";
    }
  }
  return stage_ == Stage::kMember && membership_.dc() != 0 ? "S_NOT_DC" : "S_PENDING";
}

// ---- Siblings -----------------------------------------------------------------------------------

void Controller::on(const SiblingUp& event) {
  switch (event.daemon) {
    case Daemon::kCib:
      ports_.cancel_timer(kCibGoneTimer);
      have_snapshot_ = false;
      ports_.subscribe_to_cib();
      ports_.cib_up();
      break;
    case Daemon::kExecutor:
      ports_.cancel_timer(kExecutorGoneTimer);
      local_.executor_up();
      if (!reported_) report_to_dc();
      break;
    case Daemon::kAttributes:
      ports_.attributes_up();
      break;
    case Daemon::kScheduler:
      scheduler_ready_ = false;
      transitions_.scheduler_up();
      break;
    case Daemon::kFencer:
      fencer_up_ = true;
      ports_.to_fencer(fencer::Subscribe{});
      for (auto& [request, fencing] : fencings_) {
        if (auto decoded = fencer::decode_request(fencing.request)) ports_.to_fencer(*decoded);
      }
      break;
    default:
      break;
  }
}

void Controller::on(const SiblingDown& event) {
  switch (event.daemon) {
    case Daemon::kCib:
      ports_.log(LogLevel::kError, "Lost connection to the CIB service, waiting 30 s for it");
      ports_.cib_down();
      in_sync_ = false;
      copy_replaced_ = true;
      ports_.set_timer(kCibGoneTimer, kSiblingGoneMs);
      break;
    case Daemon::kExecutor:
      ports_.log(LogLevel::kError, "Lost connection to local executor, waiting 30 s for it");
      local_.executor_down();
      ports_.set_timer(kExecutorGoneTimer, kSiblingGoneMs);
      break;
    case Daemon::kAttributes:
      ports_.attributes_down();
      break;
    case Daemon::kScheduler:
      transitions_.scheduler_down();
      break;
    case Daemon::kFencer:
      fencer_down();
      break;
    default:
      break;
  }
}

void Controller::on(const SiblingMessage& event) {
  const auto unreadable = [&](const Error& error) {
    ports_.log(LogLevel::kWarning, "Message of " + std::string(daemon_name(event.daemon)) +
                                       " ignored: " + error.message);
  };
  switch (event.daemon) {
    case Daemon::kCib: {
      const Result<CibServerMessage> message = decode_cib_server_message(event.payload);
      return message ? cib_says(*message) : unreadable(message.error());
    }
    case Daemon::kExecutor: {
      const Result<executor::Answer> answer = executor::decode_answer(event.payload);
      return answer ? local_.executor_says(*answer) : unreadable(answer.error());
    }
    case Daemon::kFencer: {
      const Result<fencer::Answer> answer = fencer::decode_answer(event.payload);
      return answer ? fencer_says(*answer) : unreadable(answer.error());
    }
    case Daemon::kAttributes: {
      const Result<AttributeReply> reply = decode_attribute_reply(event.payload);
      return reply ? ports_.attributes_answered(reply->id) : unreadable(reply.error());
    }
    case Daemon::kScheduler: {
      const Result<ScheduleReply> reply = decode_schedule_reply(event.payload);
      return reply ? transitions_.scheduler_says(*reply) : unreadable(reply.error());
    }
    default:
      return;
  }
}

// ---- The CIB ------------------------------------------------------------------------------------

void Controller::cib_says(const CibServerMessage& message) {
  if (const auto* reply = std::get_if<CibReply>(&message)) {
    ports_.cib_answered(*reply);
    transitions_.write_answered();
    if (ports_.open_writes() == 0) answer_idle_waiters();
  } else if (const auto* snapshot = std::get_if<CibSnapshot>(&message)) {
    cib_snapshot(*snapshot);
  } else if (const auto* change = std::get_if<CibChange>(&message)) {
    cib_change(*change);
  } else if (std::holds_alternative<CibResync>(message)) {
    ports_.subscribe_to_cib();
  } else if (const auto* view = std::get_if<CibView>(&message)) {
    cib_view_ = *view;
    const bool was = in_sync_;
    in_sync_ = view->in_sync;
    copy_replaced_ = copy_replaced_ || !in_sync_;
    if (was != in_sync_) say_hello();
    tell_cib_facts();
  }
}

void Controller::cib_snapshot(const CibSnapshot& snapshot) {
  const Result<xml::Document> document = xml::Document::parse(snapshot.document, "CIB");
  if (!document) {
    return ports_.log(LogLevel::kError,
                      "Snapshot of the CIB unreadable: " + document.error().message);
  }
  const bool again = have_snapshot_;
  have_snapshot_ = true;
  seen_position_ = snapshot.position;
  const xml::Element root = document->root();
  const xml::Element crm_config = root.first_child("configuration").first_child("crm_config");
  if (crm_config) apply_options(crm_config);
  known_in_cib_.clear();
  std::vector<Finding> findings;
  for (const xml::Element state : xml::children(root.first_child("status"), "node_state")) {
    known_in_cib_.insert(std::string(state.id()));
    xml::for_each_descendant(state, [&](xml::Element e) {
      if (e.name() != "lrm_rsc_op") return;
      Finding finding;
      finding.kind = Finding::Kind::kResult;
      finding.result = read_result(e);
      finding.node_id = finding.result.node_id = state.id();
      findings.push_back(std::move(finding));
    });
  }
  std::vector<std::string> ended;
  for (const Finding& finding : findings) {
    if (finding.result.status >= 0) ended.push_back(finding.result.transition_key);
  }
  // Changes may have been missed: results of the graph in progress are looked up, failures are
  // counted, anything else is left to a new plan.
  const int graph = transitions_.graph_number();
  const bool runs = transitions_.phase() == Transitions::Phase::kRunning;
  // What another copy tells is left to the reports that are asked for then.
  const bool counts = again && membership_.is_dc() && integrated_once_ && !copy_replaced_;
  std::erase_if(findings, [&](const Finding& finding) {
    const auto key = parse_key(finding.result.transition_key);
    const bool of_graph = key && key->uuid == config_.uuid && key->transition == graph;
    const bool missed = counts && known_failures_.knows_all_of(finding.node_id) &&
                        known_failures_.note(finding.result);
    if (key && missed && !(runs && of_graph)) {
      transitions_.missed_failure(finding.result, *key);
    }
    return !of_graph;
  });
  transitions_.cib_changed(snapshot.position, runs ? findings : std::vector<Finding>());
  if (again || transitions_.phase() == Transitions::Phase::kRunning) {
    transitions_.abort_all("Changes of the CIB were missed");
  }
  for (const std::string& key : ended) foreign_ended(key);
  if (std::exchange(copy_replaced_, false)) copy_was_replaced();
}

void Controller::cib_change(const CibChange& change) {
  // Of a long patch of the configuration there is the beginning and what sections it is about: what
  // matters about it is that there is such a change.
  constexpr std::uint64_t kTellEach = 50;
  if (change.configuration_changed || change.position >= seen_position_ + kTellEach ||
      is_long(change)) {
    seen_position_ = change.position;
    ports_.seen_cib(change.position);
  }
  // Somebody else's plan is somebody else's to watch.
  const bool watching = membership_.dc() == 0 || membership_.is_dc() || !foreign_running_.empty();
  if (!watching && !change.configuration_changed) {
    return transitions_.cib_position(change.position);
  }
  const Result<xml::Document> document = xml::Document::parse(change.patch, "patch");
  const xml::Element diff = document ? document->root() : xml::Element();
  if (diff.name() != "diff") {
    ports_.log(LogLevel::kError,
               "Change of the CIB unreadable: " +
                   (document ? "change notification without a patch" : document.error().message));
    transitions_.cib_position(change.position);
    if (watching) transitions_.abort_all("Unreadable change");
    return;
  }
  const bool options = change.sections.empty()
                           ? touches_options(diff)
                           : names_one_of(change.sections, {"crm_config", "alerts"});
  if (change.configuration_changed && options) read_options();
  if (!watching) return transitions_.cib_position(change.position);
  const std::vector<Finding> findings = read_patch(diff);
  for (const Finding& finding : findings) {
    if (finding.kind == Finding::Kind::kResult) known_failures_.note(finding.result);
  }
  if (transitions_.phase() == Transitions::Phase::kOff) {
    // Nobody judges results now: whoever is DC when planning begins has to.
    constexpr std::size_t kMaxKept = 10'000;
    for (const Finding& finding : findings) {
      if (finding.kind == Finding::Kind::kResult && results_without_dc_.size() < kMaxKept) {
        results_without_dc_.push_back(finding);
      }
    }
  }
  const bool former_dc = membership_.is_dc() && is_former_dc_heard(change, diff);
  transitions_.cib_changed(change.position, findings);
  for (const Finding& finding : findings) {
    if (finding.kind != Finding::Kind::kResult || finding.result.status < 0) continue;
    foreign_ended(finding.result.transition_key);
  }
  if (membership_.is_dc() && !former_dc) unsafe_change(change, diff);
}

void Controller::read_options() {
  ports_.query_cib("/cib/configuration/crm_config", [this](const CibOutcome& outcome) {
    if (outcome.ok) apply_options(outcome.content);
  });
}

void Controller::apply_options(const std::string& crm_config) {
  const Result<xml::Document> document = xml::Document::parse(crm_config, "options");
  if (document) apply_options(document->root());
}

void Controller::apply_options(xml::Element crm_config) {
  std::vector<LogRecord> records;
  options_ = controller::read_options(crm_config, records);
  for (LogRecord& record : records) ports_.log(record.level, std::move(record.text));
  transitions_.set_delay_ms(options_.transition_delay_ms);
  transitions_.set_recheck_ms(options_.recheck_interval_ms);
  // What the DC says of the cluster goes with a replaced configuration. (Writing it twice changes
  // nothing.)
  if (membership_.is_dc() && (options_.dc_version != config_.version ||
                              options_.infrastructure != config_.infrastructure)) {
    write_dc_properties();
  }
}

void Controller::tell_cib_facts() {
  if (!cib_view_ || !membership_.is_dc() || !ports_.is_cib_up()) return;
  if (layer_ring_ < cib_view_->ring) return;  // quorum of a view that is over
  for (const NodeNumber member : cib_view_->members) {
    const KnownClusterNode* node = nodes_.find(member);
    if (node == nullptr || !(node->in_layer || node->in_group)) return;  // not agreed yet
  }
  CibClusterFact fact;
  fact.view = cib_view_->view;
  // The ring's quorum isn't that of fewer replicas than make one while others are still to come:
  // they may know of more. Nobody waits for a node that left in order or was fenced, in the ring or
  // not.
  const auto& known = nodes_.all();
  const auto awaited =
      static_cast<std::size_t>(std::count_if(known.begin(), known.end(), [](const auto& entry) {
        const KnownClusterNode& node = entry.second;
        return node.in_layer && (node.in_group || node.expected != Expected::kDown);
      }));
  const std::size_t majority = configured_nodes_ / 2 + 1;
  fact.quorate = quorate_ && (cib_view_->members.size() >= majority || awaited < majority);
  fact.dc = config_.node;
  fact.configured_nodes = static_cast<std::uint32_t>(configured_nodes_);
  ports_.tell_cib(fact);
}

// ---- Nodes and quorum ---------------------------------------------------------------------------

void Controller::on(const NodeMembership& membership) {
  const bool before = quorate_;
  quorate_ = membership.quorate || (planted("quorum-of-former-ring") && quorate_);
  layer_ring_ = membership.ring;
  configured_nodes_ = membership.configured.size();
  std::size_t present = 0;
  for (const auto& [number, node] : nodes_.all()) present += node.in_layer;
  const std::vector<NodeNumber> left =
      nodes_.layer_changed(membership, ports_.now().wall_seconds());
  for (const NodeNumber node : left) {
    const KnownClusterNode* entry = nodes_.find(node);
    ports_.log(LogLevel::kNotice, "Cluster node " + entry->name + " is now lost (was member)");
    ports_.cancel_timer(kProcessLostTimers + node);
    may_return_.erase(node);
    foreign_running_.erase(node);
    if (!membership_.is_dc() || !integrated_once_) {
      nodes_.forget_sight(node);
    } else if (!entry->in_group) {
      node_lost(node);
    }
  }
  if (!left.empty() || present != membership.members.size()) {
    stable_ = false;
    ports_.set_timer(kStableTimer, 2 * config_.token_timeout_ms);
  }
  if (!quorate_) {
    quorum_regained_ = false;
    ports_.cancel_timer(kQuorumRegainedTimer);
  } else if (!before && had_quorum_) {
    quorum_regained_ = true;
    ports_.set_timer(kQuorumRegainedTimer, kQuorumGainMs);
  }
  if (quorate_ && !had_quorum_) {
    had_quorum_ = true;
    ports_.set_timer(kDecideTimer, options_.dc_deadtime_ms);
  }
  if (before && !quorate_ && options_.no_quorum_fences && config_.watchdog) {
    return ports_.panic("quorum lost and no-quorum-policy is fence");
  }
  tell_cib_facts();
  if (membership_.is_dc() && integrated_once_) {
    if (present != membership.members.size() || !left.empty()) {
      write_node_states({true, false, true}, false);
    }
    if (before != quorate_) quorum_changed(before);
  }
  begin_planning();
  if (membership_.is_dc() && quorum_is_known()) {
    transitions_.write_answered();
    transitions_.go_on();
  }
}

// ---- Timers -------------------------------------------------------------------------------------

void Controller::on(const TimerFired& event) {
  const TimerId timer = event.timer;
  if (timer >= kActionTimers) {
    return transitions_.action_timed_out(static_cast<int>(timer - kActionTimers));
  }
  if (timer >= kProcessLostTimers) {
    const auto number = static_cast<NodeNumber>(timer - kProcessLostTimers);
    const KnownClusterNode* node = nodes_.find(number);
    may_return_.erase(number);
    if (node != nullptr && !node->in_group && membership_.is_dc()) node_lost(number);
    begin_planning();
    return;
  }
  switch (timer) {
    case kHelloTimer: {
      const std::vector<NodeNumber> silent = membership_.silent();
      if (!silent.empty()) ports_.broadcast(LeaveOut{membership_.view(), silent});
      break;
    }
    case kAliveTimer:
      if (!membership_.is_dc()) break;
      ports_.broadcast(DcAlive{membership_.view()});
      ports_.set_timer(kAliveTimer, kAliveMs);
      break;
    case kDcSilentTimer:
      if (membership_.is_dc() || membership_.dc() == 0) break;
      ports_.log(LogLevel::kWarning, "Our DC node (" + membership_.name_of(membership_.dc()) +
                                         ") has shown no life for 10 s: deposing it");
      ports_.broadcast(Depose{membership_.view(), membership_.dc()});
      ports_.set_timer(kDcSilentTimer, kDcSilentMs);
      break;
    case kStableTimer:
      stable_ = true;
      begin_planning();
      break;
    case kDecideTimer:
      undecided_end();
      break;
    case kQuorumGainTimer:
      transitions_.abort_all("Quorum gained");
      break;
    case kQuorumRegainedTimer:
      quorum_regained_ = false;
      transitions_.abort_all("Quorum gained");
      break;
    case kIntegrationTimer:
      integration_late_ = true;
      integrate_if_complete();
      break;
    case kForeignTimer:
      foreign_overdue();
      break;
    case kReturnTimer:
      await_returning_ = false;
      go_on_planning();
      break;
    case kEscalationTimer:
      ports_.log(LogLevel::kError,
                 "Shutdown Escalation just popped in state " + std::string(state()) + "!");
      stop_now();
      break;
    case kCibGoneTimer:
      ports_.exit(1, "the CIB service has been gone for 30 s");
      break;
    case kExecutorGoneTimer:
      ports_.exit(1, "the executor has been gone for 30 s");
      break;
    case kStandbyTimer:
      standby_due_ = true;
      standby_waits_ = false;
      break;
    case kPendingTimer:
      local_.writer().timer_pending();
      break;
    case kWriteTimer:
      local_.writer().timer_write();
      transitions_.write_answered();
      break;
    case kDelayTimer:
      transitions_.timer_delay();
      break;
    case kRecheckTimer:
      transitions_.timer_recheck();
      break;
    case kAnswerTimer:
      transitions_.timer_no_answer();
      break;
    default:
      break;
  }
}

// ---- Leaving ------------------------------------------------------------------------------------

void Controller::on(const ShutdownRequested&) {
  if (shutting_down_) {
    return ports_.exit(1, "Escalating shutdown");
  }
  shutting_down_ = true;
  ports_.log(LogLevel::kNotice, "Initiating controller shutdown sequence");
  if (stage_ != Stage::kMember) return stop_now();
  ports_.set_timer(kEscalationTimer, options_.shutdown_escalation_ms);
  ports_.broadcast(ShutdownWish{config_.name});
}

void Controller::set_shutdown_attribute(const std::string& name) {
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.client = "quorate-controller";
  request.name = "shutdown";
  request.value = std::to_string(ports_.now().wall_seconds());
  request.node = name;
  ports_.to_attributes(std::move(request));
}

void Controller::stop_now() {
  if (stage_ == Stage::kStopping) return;
  transitions_.stop();
  stage_ = Stage::kStopping;
  local_.release_history();
  local_.stop_recurring();
}

void Controller::stop_if_done() {
  if (local_.running_one_shots() > 0 || (ports_.is_cib_up() && ports_.open_writes() > 0)) return;
  const std::size_t active = local_.history().active().size();
  if (active > 0) {
    ports_.log(LogLevel::kError, std::to_string(active) +
                                     (active == 1 ? " resource was" : " resources were") +
                                     " active at shutdown");
  }
  ports_.exit(0, "Shutdown complete");
}

}  // namespace quorate
