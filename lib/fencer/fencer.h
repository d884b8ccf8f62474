#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fencer/cib_config.h"
#include "fencer/context.h"
#include "fencer/coordination.h"
#include "fencer/device_table.h"
#include "fencer/history.h"
#include "fencer/local_execution.h"
#include "messages/cib.h"
#include "messages/fencer_peer.h"

namespace quorate::fencer {

/// Core of quorate-fencer: fence devices of this node, and fencing operations of the cluster
/// (spec/12).
///
/// An operation is broadcast to all fencers in the agreed order; its originator (never the target
/// while there is another) collects what each can do, chooses, and broadcasts the end. As everybody
/// sees the same messages in the same order, all keep the same history, merge identical operations
/// alike, and agree on what became of one whose originator was lost. A success counts for the
/// incarnation of the target it was requested for.
///
/// Takes: client events, SiblingUp/Down/Message of the CIB manager, GroupView, Delivered,
/// BroadcastAllowed, TimerFired, ProcessEnded, ComputeDone (AgentQueries' task list-agents).
class Fencer {
 public:
  static constexpr std::size_t kMaxOutbox = 1000;

  explicit Fencer(FencerConfig config);

  void handle(const Event& event, Now now, Effects& effects);

 private:
  struct Client {
    PeerCredentials peer;
    bool subscribed = false;
  };
  struct Caller {
    ClientId client = 0;
    std::uint64_t request = 0;
  };
  /// An operation this node originates.
  struct Coordinated {
    Coordination machine;
    std::uint64_t query_timer = 0;
    std::uint64_t request_timer = 0;
    std::uint64_t total_timer = 0;
  };
  /// Who executes a pending operation, known to all.
  struct Executing {
    NodeNumber node = 0;
    std::uint64_t attempt = 0;
    bool last = false;
  };
  struct HistoryGathering {
    Caller caller;
    std::string target;
    std::set<NodeNumber> outstanding;
    std::uint64_t timer = 0;
  };

  void on(Context& context, const ClientConnected& event);
  void on(Context& context, const ClientMessage& event);
  void on(Context& context, const ClientGone& event);
  void on(Context& context, const SiblingUp& event);
  void on(Context& context, const SiblingMessage& event);
  void on(Context& context, const GroupView& event);
  void on(Context& context, const Delivered& event);
  void on(Context& context, const BroadcastAllowed& event);
  void on(Context& context, const TimerFired& event);
  void on(Context& context, const ProcessEnded& event);
  void on(Context& context, const ComputeDone& event);
  void on(Context& context, const ShutdownRequested& event);
  template <class Other>
  void on(Context&, const Other&) {}

  // Requests of clients (requests.cc).
  void serve(Context& context, Caller caller, const Subscribe& request);
  void serve(Context& context, Caller caller, const Fence& request);
  void serve(Context& context, Caller caller, const Confirm& request);
  void serve(Context& context, Caller caller, const RunDevice& request);
  void serve(Context& context, Caller caller, const ListDevices& request);
  void serve(Context& context, Caller caller, const AddDevice& request);
  void serve(Context& context, Caller caller, const RemoveDevice& request);
  void serve(Context& context, Caller caller, const AddLevel& request);
  void serve(Context& context, Caller caller, const RemoveLevel& request);
  void serve(Context& context, Caller caller, const GetMetadata& request);
  void serve(Context& context, Caller caller, const Validate& request);
  void serve(Context& context, Caller caller, const ListAgents& request);
  void serve(Context& context, Caller caller, const GetHistory& request);
  void serve(Context& context, Caller caller, const CleanHistory& request);
  bool is_privileged(const Caller& caller) const;
  std::string client_name(const Caller& caller, const std::string& given) const;
  void answer(Context& context, Caller caller, Reply reply);
  void answer(Context& context, Caller caller, AgentResult result);
  void notify(Context& context, const Notification& notification);

  // Messages of fencers (operations.cc).
  void take(Context& context, NodeNumber sender, const Query& message);
  void take(Context& context, NodeNumber sender, const Offer& message);
  void take(Context& context, NodeNumber sender, const Execute& message);
  void take(Context& context, NodeNumber sender, const Executed& message);
  void take(Context& context, NodeNumber sender, const Ended& message);
  void take(Context& context, NodeNumber sender, const HistoryShare& message);
  void take(Context& context, NodeNumber sender, const HistoryWanted& message);
  void take(Context& context, NodeNumber sender, const HistoryCleaned& message);
  void broadcast(Context& context, const PeerMessage& message);
  const Operation* original_of(const Operation& operation) const;
  void offer_devices(Context& context, const Query& query);
  void advance(Context& context, const std::string& id);
  void conclude(Context& context, const std::string& id, const AgentResult& result);
  void drop_coordination(Context& context, const std::string& id);
  void ended(Context& context, const Operation& operation);
  void end_duplicates(Context& context, const Operation& original);
  void fail_orphans(Context& context);
  bool coordination_timer(Context& context, std::uint64_t timer);
  void gathered(Context& context, std::uint64_t gathering);
  bool in_view(const std::string& name) const;
  const Member* member(NodeNumber node) const;
  std::string new_operation_id();

  // The CIB (cib.cc).
  void take_cib(Context& context, const CibSnapshot& message);
  void take_cib(Context& context, const CibChange& message);
  void take_cib(Context& context, const CibResync& message);
  void take_cib(Context&, const CibReply&) {}
  void take_cib(Context&, const CibView&) {}
  void subscribe(Context& context);
  void read_again(Context& context);
  void configure(Context& context, xml::Element configuration);

  FencerConfig config_;
  std::uint64_t next_id_ = 0;
  std::uint64_t random_;
  std::map<ClientId, Client> clients_;
  DeviceTable table_;
  LocalExecutions executions_;
  Topology topology_;
  Topology::NodeAttributes node_attributes_;
  std::string topology_text_;  ///< of the CIB's last section, to see changes
  History history_;

  std::vector<Member> members_;
  bool joined_ = false;
  bool may_broadcast_ = true;
  std::deque<std::string> outbox_;  ///< while broadcasts are refused, or before the first view
  std::map<std::string, Coordinated> coordinated_;      ///< by operation
  std::map<std::string, Executing> executing_;          ///< by operation
  std::map<std::string, std::string> duplicates_;       ///< operation to its original
  std::map<std::string, std::vector<Caller>> callers_;  ///< by operation
  std::map<std::uint64_t, HistoryGathering> gatherings_;
  std::map<std::uint64_t, std::pair<Caller, std::string>> agent_queries_;  ///< by process: agent

  bool cib_asked_ = false;  ///< a snapshot is on its way
  bool cib_changed_ = false;
  int cib_unseen_ = 0;
};

}  // namespace quorate::fencer
