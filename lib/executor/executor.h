#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "executor/action_table.h"
#include "executor/agent_queries.h"
#include "executor/agent_runner.h"
#include "executor/config.h"
#include "messages/core.h"

namespace quorate::executor {

/// Core of quorate-executor: runs agents on this node for its clients, the controller above all
/// (spec/11 §3 to §9, §11).
///
/// One action at a time per resource; recurring actions repeat an interval after the end of their
/// last run; unchanged results of them aren't passed on. Nothing depends on the client that asked:
/// when the controller restarts, recurring actions go on, ListState shows them, and results that
/// nobody was subscribed for are handed over at the next Subscribe.
///
/// Takes: client events, SiblingUp/Down/Message of the fencer, TimerFired, ProcessEnded,
/// UnitCallDone, ComputeDone (tasks of AgentQueries), ShutdownRequested.
class Executor {
 public:
  static constexpr std::size_t kMaxUndelivered = 1000;

  explicit Executor(ExecutorConfig config);

  void handle(const Event& event, Now now, Effects& effects);

 private:
  struct Client {
    PeerCredentials peer;
    bool subscribed = false;
  };

  void on(const ClientConnected& event);
  void on(const ClientMessage& event);
  void on(const ClientGone& event);
  void on(const SiblingUp& event);
  void on(const SiblingDown& event);
  void on(const SiblingMessage& event);
  void on(const TimerFired& event);
  void on(const ProcessEnded& event);
  void on(const UnitCallDone& event);
  void on(const ComputeDone& event);
  void on(const ShutdownRequested& event);
  template <class Other>
  void on(const Other&) {}  // the executor takes no part in the cluster layer

  void serve(ClientId client, const Subscribe& request);
  void serve(ClientId client, const Register& request);
  void serve(ClientId client, const Unregister& request);
  void serve(ClientId client, const RunAction& request);
  void serve(ClientId client, const CancelAction& request);
  void serve(ClientId client, const ListState& request);
  void serve(ClientId client, const GetMetadata& request);
  void serve(ClientId client, const ListAgents& request);

  Result<void> register_resource(const std::string& id, const AgentSpec& agent);
  /// True if an action still runs.
  bool remove_resource(const std::string& id);
  bool merge(ClientId client, const RunAction& request);
  void cancel(ActionId id);
  void cancel_recurring(const std::string& resource);
  void start_next(const std::string& resource);
  void start(Action& action);
  void run_ended(const RunEnd& end);
  AgentResult final_result(Action& action, const AgentResult& result);
  bool repeat_probe(Action& action, AgentResult& result);
  void pass_on(Action& action, const AgentResult& result, const std::string& output,
               std::int64_t exec_ms);
  void send(ClientId client, const Answer& answer);
  void done(ClientId client, std::uint64_t request);
  void refuse(ClientId client, std::uint64_t request, ErrorKind kind, std::string message);
  void log(LogLevel level, std::string text);
  void log_end(const Action& action, const AgentResult& result, std::int64_t exec_ms);

  ExecutorConfig config_;
  std::uint64_t next_request_ = 0;
  ActionId next_action_ = 0;
  std::int64_t last_call_id_ = 0;
  std::map<ClientId, Client> clients_;
  std::deque<std::string> undelivered_;  ///< encoded results that nobody was subscribed for
  ActionTable table_;
  AgentRunner runner_;
  AgentQueries queries_;

  // Only while an event is handled:
  Now now_;
  Effects* effects_ = nullptr;
  AgentRunner::Ends ends_;
};

}  // namespace quorate::executor
