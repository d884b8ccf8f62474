#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/abort_rules.h"
#include "controller/failures.h"
#include "controller/ports.h"
#include "controller/transition_key.h"
#include "transition/walker.h"

namespace quorate::controller {

using transition::Completion;

/// How much of a plan may be carried out. While actions are in flight that are of no graph of this
/// DC's, or of one it has given up, a plan can't take them in: what it would start might be started
/// already. Fencing a node that is lost is right whatever they come to, and what needs it most.
enum class PlanScope {
  kNothing,
  kFencing,  ///< only the fencing of lost nodes; a whole plan follows when the rest is known
  kAll,
};

/// What transitions need from the controller around them.
struct TransitionHooks {
  /// Gives an order to the node's controller; false if it can't be reached.
  std::function<bool(const ActionOrder& order, std::string_view node)> send;
  /// Asks the fencer; the end is told with fencing_ended().
  std::function<void(const transition::Action& action, std::int64_t timeout_s,
                     std::int64_t delay_s)>
      fence;
  /// Whether a fencing of this node may start now (nodes undecided at start-up may not).
  std::function<bool(std::string_view node)> may_fence;
  std::function<bool(std::string_view node)> is_self;
  std::function<void(std::string_view node)> down_ordered;  ///< a node was told to shut down
  std::function<void(std::string_view guest, std::string_view id)> guest_fenced;
  std::function<int(std::string_view node)> job_limit;
  std::function<std::string(std::string_view node_id)> node_name;
  /// Nothing is planned or started while it isn't known whether this view has quorum; go_on() and
  /// write_answered() follow when it is.
  std::function<bool()> quorum_is_known;
  /// What a plan made now may do. all_is_known() follows when that is everything again.
  std::function<PlanScope()> plan_scope;
  /// An action of a graph given up; its end is awaited.
  std::function<void(std::string_view node, std::string key)> left_in_flight;
  /// Whether the node is no member.
  std::function<bool(std::string_view node)> is_lost;
  std::function<void(ScheduleRequest&)> fill_request;  ///< quorum, DC id, watchdog
  std::function<void()> shut_down;                     ///< the graph says this node is to stop
  std::function<void()> state_changed;
};

/// The DC's transitions: when to ask for a plan, whether to adopt it, carrying it out, aborting it
/// and judging results (spec/09 §11, §12, §14, §15; architecture: "Plans are for a known state").
///
/// A graph that is aborted ends when what is in flight has ended, and a new plan follows (spec/09
/// §14). Only the loss of a node isn't held up by that, since an action may take as long as it
/// likes and its result longer: the graph is given up at once, what it had in flight is left to the
/// controller as of no graph, and of the plan that follows the lost nodes are fenced and nothing
/// else is done (PlanScope::kFencing). When the last of what was in flight has ended there is a
/// whole plan. So nothing is started twice, whatever was in flight: fencing that was goes on as the
/// new graph's.
class Transitions {
 public:
  enum class Phase {
    kOff,          ///< not DC, or not ready to plan
    kDelayed,      ///< transition-delay runs, or own writes are unanswered
    kCalculating,  ///< a plan was asked for
    kRunning,
    kIdle,
  };

  Transitions(Ports& ports, std::string uuid, TransitionHooks hooks);

  /// This node has become DC and its members are integrated: from now on abort() plans.
  void start(std::string_view reason);
  /// This node isn't DC any more. What it ordered and didn't hear of is forgotten.
  void stop();
  Phase phase() const { return phase_; }
  /// Nothing runs, nothing is planned, and nothing waits to be.
  bool idle() const { return phase_ == Phase::kIdle; }

  /// A reason to recalculate (spec/09 §14); `cause` says what changed, for the log.
  void abort(int priority, Completion completion, std::string_view text,
             std::string_view cause = {});
  void abort_all(std::string_view text, std::string_view cause = {}) {
    abort(transition::kAbortAll, Completion::kRestart, text, cause);
  }

  /// The CIB has come to this position; its findings apply (spec/09 §14.1).
  void cib_changed(std::uint64_t position, const std::vector<Finding>& findings);
  /// A failure on record of which no change was seen: it is counted. `key` is its transition key.
  void missed_failure(const RecordedResult& result, const TransitionKey& key) {
    count_failure_of(result, key.target_rc, key.transition == -1, false);
  }
  void cib_position(std::uint64_t position);
  /// An own write was answered: maybe planning waited for it.
  void write_answered();
  /// PlanScope is kAll now: a plan of which only a part could be carried out makes way.
  void all_is_known();

  void scheduler_says(const ScheduleReply& reply);
  void scheduler_up();
  bool is_scheduler_up() const { return scheduler_up_; }
  void scheduler_down();
  /// An answer that didn't go through the CIB.
  void answered(const ActionAnswer& answer);
  /// `ok` false: `completion` and `text` say how the graph goes on.
  void fencing_ended(int action, bool ok, Completion completion, std::string_view text);
  /// A node's controller or the node left. True if it was expected by the graph.
  bool node_left(std::string_view name, std::string_view node_id);
  bool expects_down(std::string_view node_id) const;

  void action_timed_out(int action);
  void timer_delay();
  void timer_recheck();
  void timer_no_answer();
  /// What may start may have changed: job limits, nodes decided.
  void go_on();

  void set_delay_ms(std::int64_t delay_ms) { delay_ms_ = delay_ms; }
  void set_recheck_ms(std::int64_t recheck_ms) { recheck_ms_ = recheck_ms; }
  /// Number of the graph in progress or done last; 0: none.
  int graph_number() const;
  /// Whether an action with this key is in flight in the graph in progress.
  bool in_flight(const TransitionKey& key) const;
  FailureOffsets offsets() const;
  /// Why there is no plan for the present configuration; empty if there is.
  const std::string& problem() const { return problem_; }

 private:
  void request_plan();
  void plan_now();
  void adopt(const ScheduleReply& reply);
  void walk();
  void start_action(const transition::Action& action, std::optional<std::int64_t> timer_ms);
  void start_pseudo(const transition::Action& action);
  void start_cluster_action(const transition::Action& action);
  bool send_order(const transition::Action& action);
  ActionOrder order_of(const transition::Action& action) const;
  void finish();
  bool may_start(const transition::Action& action) const;
  void give_up_graph();
  void confirm(int action, bool failed);
  void judge(const std::vector<Finding>& findings);
  void removed_result(const Finding& finding);
  void evaluate(const RecordedResult& result, std::set<std::int64_t>& outside_seen);
  void evaluate_expected(const RecordedResult& result, const TransitionKey& key);
  void count_failure_of(const RecordedResult& result, int target_rc, bool outside, bool ignored);
  const transition::Action* cancellation_of(std::string_view node_id, std::string_view key) const;
  void record_lost(const transition::Action& action);
  void set_phase(Phase phase);
  bool running() const { return phase_ == Phase::kRunning && walker_.has_value(); }

  Ports& ports_;
  std::string uuid_;
  TransitionHooks hooks_;
  Phase phase_ = Phase::kOff;
  std::optional<transition::Walker> walker_;
  std::vector<std::string> executing_nodes_;  ///< of the graph
  std::string source_;
  std::int64_t delay_ms_ = 0;
  bool delay_runs_ = false;
  std::int64_t recheck_ms_ = 900'000;

  std::uint64_t cib_position_ = 0;
  std::uint64_t change_position_ = 0;  ///< of the change being judged; 0: none
  std::uint64_t request_id_ = 0;       ///< of the plan awaited; 0: none
  std::uint64_t request_position_ = 0;
  std::optional<ScheduleReply> early_reply_;  ///< from a copy newer than what was processed here
  bool dirty_ = false;                        ///< a reason that no plan at hand covers
  bool fencing_only_ = false;  ///< the plan asked for or being carried out is PlanScope::kFencing
  std::uint64_t needed_position_ = 0;  ///< plans from older copies miss a reason to recalculate
  int scheduler_deaths_ = 0;
  bool scheduler_up_ = false;
  std::string problem_;
  bool walking_ = false;
  int last_graph_ = 0;  ///< numbers never repeat within this process
};

/// Timers of actions in flight: plus the action's number.
inline constexpr TimerId kActionTimers = TimerId{1} << 32;
inline constexpr TimerId kDelayTimer = 10;
inline constexpr TimerId kRecheckTimer = 11;
inline constexpr TimerId kAnswerTimer = 12;

}  // namespace quorate::controller
