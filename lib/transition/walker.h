#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "transition/graph.h"

/// Carries out a transition graph (spec/06 §16): pure bookkeeping shared by the DC and the
/// simulator. It says what may start now; the caller starts it, however long that takes, and
/// reports how it ended.
///
///   while (const auto start = walker.next()) {
///     ... begin start->action; for what is done at once: walker.complete(id, false) ...
///   }
///   switch (walker.state()) ...   // kPending: wait for results, then call next() again
namespace quorate::transition {

/// What is to follow when the graph is done; a later one wins over an earlier one (spec/06 §16.5).
enum class Completion : std::uint8_t { kDone, kWait, kRestart, kShutdown };

inline constexpr int kAbortAll = 1'000'000;

enum class WalkState : std::uint8_t {
  kActive,      ///< next() has more to give
  kPending,     ///< waiting for results
  kComplete,    ///< over: everything done, or what is left is not to be done
  kTerminated,  ///< over: can't be finished (a loop, or an input that never comes)
};

/// Counts of one pass, as the log line shows them (spec/06 §15.3, §16.2).
struct Pass {
  int completed = 0;
  int pending = 0;
  int fired = 0;
  int skipped = 0;
  int incomplete = 0;
};

/// Something to start now. `timer_ms`: how long to wait for its result before calling lost();
/// nullopt for actions without a timer of ours (pseudo-actions, fencing) (spec/06 §17.3).
struct Start {
  const Action* action = nullptr;
  std::optional<std::int64_t> timer_ms;
};

class Walker {
 public:
  explicit Walker(Graph graph);
  Walker(Walker&&) = default;
  Walker& operator=(Walker&&) = default;

  const Graph& graph() const { return graph_; }

  // Limits. All may be changed at any time and apply from the next call of next().

  /// The batch limit of the following passes, if other than the graph's (throttling, spec/06
  /// §17.2). 0 or less: none.
  void set_batch_limit(int limit) { batch_limit_ = limit; }
  /// At most this many resource actions in flight on that node; 0: no limit (the initial state).
  void set_node_limit(std::string_view node, int limit);
  /// The nodes that carry out resource actions of the graph.
  std::vector<std::string> executing_nodes() const;
  /// A further condition of the caller on starting a non-pseudo action now. It must become true
  /// again through an event after which the caller calls next().
  void set_may_start(std::function<bool(const Action&)> may_start) {
    may_start_ = std::move(may_start);
  }

  /// The next action to start, in the order of spec/06 §16.2; nullopt when nothing can start now,
  /// and then state() tells why. What completes before the following call takes effect in the same
  /// pass, so for pseudo-actions call complete() before calling next() again.
  std::optional<Start> next();

  /// The action has ended (spec/06 §16.4). A failure doesn't abort by itself: see fail(). Unknown
  /// ids and repeated results do nothing; false then.
  bool complete(int action_id, bool failed);
  /// A wanted result that counts as failure (spec/06 §17.4): completed as failed, and aborts what
  /// has no higher priority than the action's synapse.
  bool fail(int action_id);
  /// The action couldn't even be sent (spec/06 §16.2): its synapse is over, aborts everything.
  bool failed_to_start(int action_id);
  /// Its timer fired (spec/06 §17.3): failed, aborts everything with `Action lost`.
  bool lost(int action_id);

  /// Asks to start nothing of lower priority and says what follows (spec/06 §16.5).
  void abort(int priority, Completion completion, std::string_view reason);
  /// A node left (spec/06 §17.5). Does nothing and returns false if some executed action was to
  /// take it down; otherwise fails what was to run there and aborts. `node_id` is as in
  /// `downed`, `name` as in `on_node`. True if an action of the graph was affected.
  bool node_lost(std::string_view name, std::string_view node_id);
  /// Some executed action lists this node id in `downed`.
  bool expects_down(std::string_view node_id) const;

  WalkState state() const { return state_; }
  bool finished() const {
    return state_ == WalkState::kComplete || state_ == WalkState::kTerminated;
  }
  /// `Complete`, `Stopped`, `Terminated` or `In progress` (spec/06 §16.3).
  std::string_view status_word() const;
  /// Counts of the last whole pass.
  const Pass& last_pass() const { return pass_; }
  int abort_priority() const { return abort_priority_; }
  Completion completion() const { return completion_; }
  const std::string& abort_reason() const { return abort_reason_; }

  /// Started and without result.
  bool in_flight(int action_id) const;
  std::vector<const Action*> in_flight() const;
  bool executed(int action_id) const;
  bool confirmed(int action_id) const;
  bool failed(int action_id) const;

  /// The log line at the end of a pass and the listing of the graph (spec/06 §15.3).
  std::string describe_pass(std::string_view source) const;
  std::vector<std::string> describe_graph() const;

 private:
  struct SynapseState {
    std::size_t open_inputs = 0;   ///< inputs without result
    std::size_t open_actions = 0;  ///< own actions without result
    std::size_t queue = 0;         ///< of `ready_`
    bool executed = false;
    bool confirmed = false;
    bool failed = false;
  };
  struct ActionState {
    bool executed = false;
    bool confirmed = false;
    bool failed = false;
  };

  /// What is in flight on a node, and how much may be.
  struct Jobs {
    int actions = 0;
    int migrations = 0;
    int limit = 0;
  };
  /// Places in `jobs_` of the nodes an action keeps busy: two for a migration, none if it is no
  /// resource action.
  struct Busy {
    std::size_t nodes[2] = {};
    std::size_t count = 0;
    bool migration = false;
  };

  std::size_t place_of(std::string_view node);
  Busy busy_nodes(const Action& action);
  void begin_pass();
  void end_pass();
  bool has_non_pseudo(std::size_t synapse) const;
  bool limits_allow(const Busy& busy) const;
  bool allowed_now(std::size_t synapse) const;
  std::set<std::size_t>& ready_of(std::size_t synapse) { return ready_[synapses_[synapse].queue]; }
  std::optional<std::size_t> next_ready() const;
  Start start(std::size_t action);
  void confirm_action(std::size_t action, bool failed);
  void confirm_inputs(int action_id, bool failed);
  void count_in_flight(std::size_t action, int change);
  int count_skipped() const;
  bool input_open(const Synapse& synapse, const Action& input) const;
  const Action* unconfirmed(int action_id) const;
  void describe_synapse(std::size_t synapse, std::vector<std::string>& lines) const;

  Graph graph_;
  std::vector<SynapseState> synapses_;
  std::vector<ActionState> actions_;
  std::unordered_map<int, std::vector<std::size_t>> waiting_on_;  ///< input id to synapses
  /// Inputs complete, not executed, not failed: by the place in `jobs_` of the one node each keeps
  /// busy, plus 1; others in the first.
  std::vector<std::set<std::size_t>> ready_;
  std::vector<std::size_t> queue_;  ///< actions of the synapse fired last, still to be given out
  std::size_t queue_at_ = 0;
  std::size_t cursor_ = 0;  ///< the pass goes on from this synapse
  bool in_pass_ = false;
  int confirmed_count_ = 0;
  int pending_count_ = 0;
  int failed_count_ = 0;
  int incomplete_count_ = 0;  ///< synapses neither executed nor failed
  int lowest_priority_ = kAbortAll;
  Pass pass_;
  WalkState state_ = WalkState::kActive;
  int abort_priority_ = 0;
  Completion completion_ = Completion::kDone;
  std::string abort_reason_;
  std::optional<int> batch_limit_;
  std::map<std::string, std::size_t, std::less<>> places_;  ///< in `jobs_`, by node
  std::vector<Jobs> jobs_;
  std::vector<Busy> busy_;  ///< by action: asked of every ready action whenever a result comes
  std::function<bool(const Action&)> may_start_;
};

}  // namespace quorate::transition
