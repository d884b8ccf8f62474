#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/cluster/local/cluster_file.h"
#include "io/cluster/local/hub_messages.h"
#include "io/ipc/server.h"
#include "io/loop/loop.h"

namespace quorate::cluster {

/// The ordering process of a local cluster: every process of every node has one connection to it.
/// It hands each message to all members of the sender's group in the sender's component, in the
/// order in which it read them; it makes views and node membership from connections that come and
/// go. It keeps the promises of contract.md and, on command, cuts the network.
class Hub {
 public:
  /// Listens in `folder`. Errors: as ipc::Server::listen().
  static Result<std::unique_ptr<Hub>> open(io::Loop& loop, const std::string& folder,
                                           ClusterFile file);

  /// Commands, also taken from connections (hub::Command): `partition A,B|C` (nodes not named stay
  /// together in a part of their own), `heal`, `isolate A`, `status` (one line per node).
  Result<std::string> command(std::string_view text);
  /// Called when the connection of the last process of a node has ended.
  void on_idle(std::function<void()> idle) { idle_ = std::move(idle); }

 private:
  struct Process {
    const ConfiguredNode* node = nullptr;  ///< null before its hello
    std::string group;
    std::uint64_t incarnation = 0;
    std::vector<Member> view;  ///< last one sent to it
  };
  struct NodeState {
    int part = 0;  ///< of the network; nodes with the same one reach each other
    bool up = false;
    bool leaving = false;  ///< said goodbye
    int processes = 0;
    bool reported = false;
    std::uint64_t ring = 0;           ///< last one reported to it
    std::vector<NodeNumber> members;  ///< last ones reported to it
    bool quorate = false;
    bool seen_all = false;  ///< two_node: has been in a component with all nodes
    io::Timer detection;
  };

  Hub(io::Loop& loop, ClusterFile file);
  void on_message(ClientId id, std::string bytes);
  void on_gone(ClientId id);
  void say_hello(ClientId id, Process& process, const std::string& name);
  void join(ClientId id, Process& process, const std::string& group);
  void leave(Process& process);
  void deliver(ClientId id, const Process& sender, const std::string& payload);
  void refresh_group(const std::string& group);
  void refresh_all();
  void node_down(NodeNumber number);
  void report_nodes(ClientId newcomer = 0);
  NodeMembership membership_of(NodeNumber number);
  Result<std::string> partition(std::string_view parts);
  std::string status() const;
  void hold_senders(const std::string& group);
  void release_senders(ClientId drained);

  io::Loop& loop_;
  ClusterFile file_;
  std::function<void()> idle_;
  std::map<ClientId, Process> processes_;
  std::map<NodeNumber, NodeState> nodes_;
  std::set<ClientId> full_;    ///< with so much unread that senders of their group are held
  std::uint64_t next_number_;  ///< for views, rings and incarnations: grows over restarts
  std::unique_ptr<ipc::Server> server_;
};

}  // namespace quorate::cluster
