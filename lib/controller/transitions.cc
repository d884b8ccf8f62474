#include "controller/transitions.h"

#include <algorithm>

#include "base/agent_result.h"
#include "base/planted.h"
#include "base/text.h"
#include "controller/transition_key.h"

namespace quorate::controller {

using transition::Action;
using transition::ActionKind;
using transition::kAbortAll;

namespace {
constexpr std::int64_t kAnswerMs = 120'000;
constexpr int kMaxDeathsOnOneInput = 2;
}  // namespace

Transitions::Transitions(Ports& ports, std::string uuid, TransitionHooks hooks)
    : ports_(ports), uuid_(std::move(uuid)), hooks_(std::move(hooks)) {}

void Transitions::set_phase(Phase phase) {
  if (phase_ == phase) return;
  phase_ = phase;
  hooks_.state_changed();
}

int Transitions::graph_number() const { return walker_ ? walker_->graph().transition_id : 0; }

bool Transitions::in_flight(const TransitionKey& key) const {
  return running() && key.uuid == uuid_ && key.transition == graph_number() &&
         walker_->in_flight(static_cast<int>(key.action));
}

FailureOffsets Transitions::offsets() const {
  FailureOffsets offsets;
  if (!walker_) return offsets;
  if (!walker_->graph().failed_start_offset.empty()) {
    offsets.start = walker_->graph().failed_start_offset;
  }
  if (!walker_->graph().failed_stop_offset.empty()) {
    offsets.stop = walker_->graph().failed_stop_offset;
  }
  return offsets;
}

void Transitions::start(std::string_view reason) {
  walker_.reset();
  fencing_only_ = false;
  scheduler_deaths_ = 0;
  problem_.clear();
  ports_.log(LogLevel::kInfo, "Planning begins: " + std::string(reason));
  request_plan();
}

void Transitions::stop() {
  if (walker_) {
    for (const Action* action : walker_->in_flight()) {
      ports_.cancel_timer(kActionTimers + static_cast<TimerId>(action->id));
    }
  }
  for (const TimerId timer : {kDelayTimer, kRecheckTimer, kAnswerTimer}) ports_.cancel_timer(timer);
  walker_.reset();
  early_reply_.reset();
  request_id_ = 0;
  set_phase(Phase::kOff);
}

// ---- Asking for a plan --------------------------------------------------------------------------

void Transitions::abort(int priority, Completion completion, std::string_view text,
                        std::string_view cause) {
  if (phase_ == Phase::kOff) return;
  const std::string what =
      (cause.empty() ? std::string() : " by " + std::string(cause)) + ": " + std::string(text);
  if (running()) {
    const bool changes = priority > walker_->abort_priority() || completion > walker_->completion();
    ports_.log(changes ? LogLevel::kNotice : LogLevel::kInfo,
               "Transition " + std::to_string(graph_number()) + " aborted" + what);
    walker_->abort(priority, completion, text);
    if (!walking_) walk();
    return;
  }
  if (completion < Completion::kRestart) return;
  ports_.log(LogLevel::kInfo, "Recalculation called for" + what);
  if (phase_ == Phase::kCalculating) {
    // A plan from a copy that holds the change covers it; other reasons call for a new question.
    needed_position_ = std::max(needed_position_, change_position_);
    if (change_position_ == 0) plan_now();
    return;
  }
  request_plan();
}

void Transitions::request_plan() {
  ports_.cancel_timer(kRecheckTimer);
  set_phase(Phase::kDelayed);
  delay_runs_ = delay_ms_ > 0;
  if (delay_runs_) {
    ports_.set_timer(kDelayTimer, delay_ms_);
  } else {
    plan_now();
  }
}

void Transitions::timer_delay() {
  delay_runs_ = false;
  if (phase_ == Phase::kDelayed) plan_now();
}

void Transitions::plan_now() {
  // A plan is only worth asking for when all that was written here is in the order.
  const PlanScope scope = hooks_.plan_scope();
  if (ports_.open_writes() > 0 || !hooks_.quorum_is_known() || scope == PlanScope::kNothing) {
    return set_phase(Phase::kDelayed);
  }
  fencing_only_ = scope == PlanScope::kFencing;
  set_phase(Phase::kCalculating);
  if (!scheduler_up_) return;
  ScheduleRequest request;
  request.id = request_id_ = ports_.next_request();
  request.position = request_position_ = std::max(cib_position_, ports_.written_position());
  request.now_seconds = ports_.now().wall_seconds();
  request.graph_number = ++last_graph_;
  hooks_.fill_request(request);
  needed_position_ = 0;
  early_reply_.reset();
  ports_.to_scheduler(request);
  ports_.set_timer(kAnswerTimer, kAnswerMs);
}

void Transitions::write_answered() {
  if (phase_ == Phase::kDelayed && ports_.open_writes() == 0 && !delay_runs_) plan_now();
}

void Transitions::all_is_known() {
  if (phase_ == Phase::kOff) return;
  if (fencing_only_ && phase_ != Phase::kDelayed) abort_all("What was in flight has ended");
  write_answered();
}

void Transitions::timer_no_answer() {
  if (phase_ != Phase::kCalculating || request_id_ == 0) return;
  ports_.exit(100, "the scheduler gave no plan within 120 s");
}

void Transitions::scheduler_up() {
  scheduler_up_ = true;
  if (phase_ == Phase::kCalculating) plan_now();
}

void Transitions::scheduler_down() {
  scheduler_up_ = false;
  if (phase_ != Phase::kCalculating || request_id_ == 0) return;
  request_id_ = 0;
  ports_.cancel_timer(kAnswerTimer);
  if (++scheduler_deaths_ < kMaxDeathsOnOneInput) return;
  problem_ = "the scheduler died twice on the present configuration";
  ports_.log(LogLevel::kError,
             "No plan: " + problem_ + "; resources stay as they are until the next change");
  scheduler_deaths_ = 0;
  set_phase(Phase::kIdle);
}

void Transitions::scheduler_says(const ScheduleReply& reply) {
  if (phase_ != Phase::kCalculating || reply.id != request_id_) {
    ports_.log(LogLevel::kDebug, "Plan " + std::to_string(reply.id) + " is obsolete");
    return;
  }
  if (reply.position > cib_position_) {
    // Made from changes not processed here yet: they may confirm or abort.
    early_reply_ = reply;
    return;
  }
  ports_.cancel_timer(kAnswerTimer);
  request_id_ = 0;
  scheduler_deaths_ = 0;
  if (reply.position < needed_position_) return plan_now();
  if (!reply.error.empty()) {
    problem_ = reply.error;
    ports_.log(LogLevel::kError, "No plan for the present configuration: " + reply.error +
                                     "; resources stay as they are until the next change");
    return set_phase(Phase::kIdle);
  }
  adopt(reply);
}

void Transitions::adopt(const ScheduleReply& reply) {
  Result<transition::Graph> graph = transition::parse_graph(reply.graph);
  if (!graph) {
    problem_ = graph.error().message;
    ports_.log(LogLevel::kError, "Plan refused: " + problem_);
    return set_phase(Phase::kIdle);
  }
  if (graph->transition_id != last_graph_) {
    // Results are told apart by the graph's number: two graphs with the same one would be mixed up.
    problem_ = "the scheduler's graph has the number " + std::to_string(graph->transition_id) +
               ", not the " + std::to_string(last_graph_) + " asked for";
    ports_.log(LogLevel::kError, "Plan refused: " + problem_);
    return set_phase(Phase::kIdle);
  }
  problem_.clear();
  source_ = reply.source;
  ports_.log(LogLevel::kInfo,
             "Processing graph " + std::to_string(graph->transition_id) + " derived from " +
                 (source_.empty() ? "CIB position " + std::to_string(reply.position) : source_));
  walker_.emplace(std::move(*graph));
  executing_nodes_ = walker_->executing_nodes();
  if (fencing_only_) {
    ports_.log(LogLevel::kNotice,
               "Only lost nodes are fenced now: what is in flight elsewhere has to end before "
               "anything else can be planned");
  }
  walker_->set_may_start([this](const Action& action) { return may_start(action); });
  set_phase(Phase::kRunning);
  walk();
}

// ---- Carrying it out ----------------------------------------------------------------------------

bool Transitions::may_start(const Action& action) const {
  if (!hooks_.quorum_is_known()) return false;
  const bool fences = action.is_fencing() && action.meta("stonith_action") != "on";
  if (fencing_only_ && !(fences && hooks_.is_lost(action.node))) return false;
  return !fences || hooks_.may_fence(action.node);
}

void Transitions::go_on() {
  if (running() && !walking_) walk();
}

void Transitions::walk() {
  walking_ = true;
  for (const std::string& node : executing_nodes_) {
    walker_->set_node_limit(node, hooks_.job_limit(node));
  }
  while (const auto start = walker_->next()) start_action(*start->action, start->timer_ms);
  walking_ = false;
  if (walker_->finished()) finish();
}

void Transitions::start_action(const Action& action, std::optional<std::int64_t> timer_ms) {
  if (action.kind == ActionKind::kPseudo) return start_pseudo(action);
  if (action.kind == ActionKind::kCluster) {
    start_cluster_action(action);
  } else if (!send_order(action)) {
    ports_.log(LogLevel::kError, "Could not ask " + std::string(action.executing_node()) +
                                     " to execute " + std::string(action.key) +
                                     ": it is no member of the cluster");
    walker_->failed_to_start(action.id);
    return;
  }
  if (!timer_ms || !walker_->in_flight(action.id)) return;
  if (action.timeout_ms <= 0) {
    ports_.log(LogLevel::kError, "Action " + std::string(action.key) +
                                     " has no timeout: waiting for cluster-delay only");
  }
  ports_.set_timer(kActionTimers + static_cast<TimerId>(action.id), *timer_ms);
}

void Transitions::start_pseudo(const Action& action) {
  if (fencing_only_) {
    // What it stands for is said by the whole plan that follows.
  } else if (action.task == "maintenance_nodes") {
    MaintenanceNodes message;
    for (const auto& [id, on] : action.maintenance()) message.nodes.emplace_back(id, on);
    ports_.broadcast(message);
  } else if (action.is_fencing()) {
    hooks_.guest_fenced(action.node, action.node_id);
  }
  walker_->complete(action.id, false);
}

void Transitions::start_cluster_action(const Action& action) {
  const std::string node(action.node);
  if (action.is_fencing()) {
    const std::int64_t timeout_s =
        std::max<std::int64_t>(1, walker_->graph().fencing_timeout_ms / 1000);
    const std::int64_t delay = to_integer(action.meta("priority_fencing_delay")).value_or(0);
    hooks_.fence(action, timeout_s, delay);
    if (planted("start-before-fenced")) walker_->complete(action.id, false);
    return;
  }
  if (action.task == "do_shutdown") {
    if (hooks_.is_self(node)) {
      // The DC goes last: when everything else of the graph is done.
      walker_->abort(0, Completion::kShutdown, "local shutdown");
    } else {
      hooks_.down_ordered(node);
      send_order(action);
    }
    walker_->complete(action.id, false);
    return;
  }
  const bool sent = send_order(action);
  const bool no_wait = parse_boolean(action.meta("op_no_wait")).value_or(false);
  if (!sent) {
    walker_->failed_to_start(action.id);
  } else if (no_wait) {
    walker_->complete(action.id, false);
  }
}

ActionOrder Transitions::order_of(const Action& action) const {
  ActionOrder order;
  order.kind = action.kind == ActionKind::kCluster ? "crm_event" : "rsc_op";
  order.transition_key =
      format_key({action.id, walker_->graph().transition_id, action.target_rc, uuid_});
  order.task = action.task;
  order.operation_key = action.key;
  order.on_node = action.node;
  order.on_node_id = action.node_id;
  order.router_node = action.router_node;
  order.mode = action.mode;
  order.shutdown_lock = action.shutdown_lock;
  order.no_wait = parse_boolean(action.meta("op_no_wait")).value_or(false);
  if (action.resource) {
    ResourceIdentity identity;
    identity.id = action.resource.id();
    identity.long_id = action.resource.get_or("long-id", {});
    identity.standard = action.resource.get_or("class", {});
    identity.provider = action.resource.get_or("provider", {});
    identity.type = action.resource.get_or("type", {});
    order.resource = std::move(identity);
  }
  for (const xml::Attribute& attribute : action.attributes.attributes()) {
    order.parameters.emplace_back(attribute.name, attribute.value);
  }
  for (const xml::Element param : xml::children(action.attributes, "param")) {
    order.parameters.emplace_back(param.get_or("name", {}), param.get_or("value", {}));
  }
  return order;
}

bool Transitions::send_order(const Action& action) {
  const ActionOrder order = order_of(action);
  ports_.log(LogLevel::kInfo, "Asking " + std::string(action.executing_node()) + " to execute " +
                                  order.operation_key + " on " + order.on_node + " | transition " +
                                  std::to_string(walker_->graph().transition_id) + " action " +
                                  std::to_string(action.id));
  // Histories of nodes that can't be asked are changed by the DC itself.
  const bool here = action.mode == "cib";
  return hooks_.send(order, here ? std::string_view() : action.executing_node());
}

/// What is in flight isn't waited for any more by this graph.
void Transitions::give_up_graph() {
  for (const Action* action : walker_->in_flight()) {
    ports_.cancel_timer(kActionTimers + static_cast<TimerId>(action->id));
    if (action->is_fencing() || walker_->failed(action->id)) continue;
    const bool here = action->mode == "cib";
    hooks_.left_in_flight(here ? std::string_view() : action->executing_node(),
                          format_key({action->id, graph_number(), action->target_rc, uuid_}));
  }
  ports_.log(LogLevel::kNotice, "Transition " + std::to_string(graph_number()) +
                                    " given up: its actions in flight end without it");
  walker_.reset();
  request_plan();
}

void Transitions::finish() {
  if (fencing_only_ && walker_->completion() < Completion::kRestart) {
    return set_phase(Phase::kDelayed);
  }
  if (walker_->state() == transition::WalkState::kTerminated) {
    for (std::string& line : walker_->describe_graph()) {
      ports_.log(LogLevel::kWarning, std::move(line));
    }
  }
  ports_.log(LogLevel::kNotice, walker_->describe_pass(source_));
  switch (walker_->completion()) {
    case Completion::kRestart:
      return request_plan();
    case Completion::kShutdown:
      set_phase(Phase::kIdle);
      return hooks_.shut_down();
    default:
      break;
  }
  set_phase(Phase::kIdle);
  if (recheck_ms_ <= 0) return;
  std::int64_t wait_ms = recheck_ms_;
  if (const std::int64_t by = walker_->graph().recheck_by; by > 0) {
    constexpr std::int64_t kPastMs = 500;
    const std::int64_t until_ms = by * 1000 - ports_.now().wall_ms;
    wait_ms = std::min(wait_ms, until_ms < 1000 ? kPastMs : until_ms);
  }
  ports_.set_timer(kRecheckTimer, wait_ms);
}

void Transitions::timer_recheck() {
  if (phase_ != Phase::kIdle) return;
  ports_.log(LogLevel::kInfo, "Cluster Recheck Timer just popped");
  request_plan();
}

void Transitions::confirm(int action, bool failed) {
  ports_.cancel_timer(kActionTimers + static_cast<TimerId>(action));
  if (failed && !planted("failed-action-confirmed")) {
    walker_->fail(action);
  } else {
    walker_->complete(action, false);
  }
}

void Transitions::answered(const ActionAnswer& answer) {
  const auto key = parse_key(answer.transition_key);
  if (!key || key->uuid != uuid_ || !running() || key->transition != graph_number()) return;
  const int id = static_cast<int>(key->action);
  const Action* action = walker_->graph().find(id);
  if (action == nullptr || walker_->confirmed(id)) return;
  const bool failed = answer.rc != key->target_rc && action->meta("on_fail") != "ignore";
  ports_.log(failed ? LogLevel::kNotice : LogLevel::kInfo,
             "Transition " + std::to_string(key->transition) + " action " +
                 std::to_string(key->action) + " (" + answer.operation_key + " on " + answer.node +
                 ") " + (failed ? "failed: " + answer.reason : "confirmed"));
  confirm(id, failed);
  go_on();
}

void Transitions::fencing_ended(int action, bool ok, Completion completion, std::string_view text) {
  if (!running() || !walker_->in_flight(action)) return;
  walker_->complete(action, !ok);
  if (!ok) return abort(kAbortAll, completion, text);
  go_on();
}

bool Transitions::expects_down(std::string_view node_id) const {
  return walker_ && walker_->expects_down(node_id);
}

bool Transitions::node_left(std::string_view name, std::string_view node_id) {
  if (phase_ == Phase::kOff) return false;
  if (expects_down(node_id)) {
    go_on();
    return true;
  }
  if (running()) walker_->node_lost(name, node_id);
  abort_all("Node failure", std::string(name));
  if (running() && !walking_ && walker_->completion() == Completion::kRestart) give_up_graph();
  return false;
}

void Transitions::action_timed_out(int id) {
  if (!running() || !walker_->in_flight(id)) return;
  const Action& action = *walker_->graph().find(id);
  ports_.log(LogLevel::kError,
             "Node " + std::string(action.node) + " did not send " + std::string(action.task) +
                 " result (via " + std::string(action.executing_node()) + ") within " +
                 std::to_string(action.timeout_ms + walker_->graph().cluster_delay_ms) +
                 "ms (action timeout plus cluster-delay)");
  record_lost(action);
  walker_->lost(id);
  go_on();
}

}  // namespace quorate::controller
