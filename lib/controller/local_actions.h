#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agents/metadata.h"
#include "controller/history.h"
#include "controller/history_writer.h"
#include "controller/ports.h"

namespace quorate::controller {

/// What a node's controller does with actions for its own node: it hands them to the executor,
/// writes their history into the CIB and remembers it (spec/09 §17, spec/11 §10). Knows nothing of
/// DCs but the one an answer goes to.
class LocalActions {
 public:
  LocalActions(Ports& ports, NodeNumber node, std::string name);

  /// What allows and refuses actions on this node at the moment.
  struct Situation {
    bool may_act = false;        ///< joined, so not only stops are done
    bool shutting_down = false;  ///< no starts
  };
  /// A resource action a DC ordered. Answered through the CIB, or to `dc` directly.
  void order(const ActionOrder& order, NodeNumber dc, const Situation& situation);
  /// The executor's answer or result.
  void executor_says(const executor::Answer& answer);
  void executor_up();
  /// Actions in flight failed; what the executor knew is forgotten when it comes back.
  void executor_down();
  bool is_executor_up() const { return executor_up_; }
  /// Also if it is away at the moment: when it is back everything is detected again.
  bool has_seen_executor() const { return executor_up_ || executor_was_down_; }

  using Answered = std::function<void(int rc, std::string reason)>;
  /// What a user wants done with this node's history (spec/09 §18).
  void wish(const HistoryWish& wish, Answered answered);
  /// Clears failures on the order of a DC (spec/09 §18.2).
  void clear_failures(std::string_view node, std::string_view resource, std::string_view task,
                      std::int64_t interval_ms);

  /// Cancels all recurring actions, before the node leaves (spec/09 §20.1).
  void stop_recurring();
  /// One-shot actions in flight.
  std::size_t running_one_shots() const;

  std::string report() const { return history_.report(node_id_, name_); }
  /// What has no place in report() yet: in flight, or its result is being recorded.
  std::vector<RunningAction> running() const;
  /// From here on what happens to the history isn't written to the CIB before release_history(): a
  /// DC is about to write report() there, over whatever there is.
  void hold_history() { writer_.hold(); }
  void release_history() { writer_.release(); }
  HistoryWriter& writer() { return writer_; }
  const NodeHistory& history() const { return history_; }

 private:
  struct Running {
    ActionOrder order;
    NodeNumber dc = 0;
    std::int64_t interval_ms = 0;
    std::uint64_t request = 0;
    std::int64_t call_id = -1;
    bool ended = false;  ///< a recurring action that has reported
  };
  using Key = std::string;  ///< resource, task and interval

  void run(const ActionOrder& order, NodeNumber dc);
  void cancel(const ActionOrder& order, NodeNumber dc);
  void remove(const ActionOrder& order, NodeNumber dc);
  void cancel_recurring_of(const std::string& resource);
  void fail_order(const ActionOrder& order, NodeNumber dc, AgentResult result);
  void answer(const ActionOrder& order, NodeNumber dc, const AgentResult& result);
  void record(const Outcome& outcome, const ActionOrder& order);
  void write_pending(const Outcome& outcome);
  void ended(const executor::ActionEnded& result);
  void done(const executor::Done& done);
  Outcome outcome_of(const ActionOrder& order) const;
  void want_metadata(const executor::AgentSpec& agent);
  void metadata_came(const executor::Done& done, const executor::AgentSpec& agent);
  void record_with_digests(Outcome outcome, const ActionOrder& order);
  void log_result(const Outcome& outcome, std::int64_t timeout_ms);
  void delete_resource(const std::string& resource, const std::string& user, bool touch_refresh,
                       Answered answered);
  void set_last_refresh();

  Ports& ports_;
  NodeNumber node_;
  std::string node_id_;
  std::string name_;
  bool executor_up_ = false;
  bool executor_was_down_ = false;
  NodeHistory history_;
  HistoryWriter writer_;
  std::map<Key, Running> running_;
  std::map<std::uint64_t, std::function<void(const executor::Done&)>> requests_;

  struct KnownAgent {
    bool asked = false;
    bool answered = false;
    std::optional<agents::Metadata> metadata;
    std::vector<std::pair<Outcome, ActionOrder>> waiting;
  };
  std::map<std::string, KnownAgent> agents_;
};

/// Value of a parameter; empty if absent.
std::string_view parameter(const ActionOrder& order, std::string_view name);

}  // namespace quorate::controller
