#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "messages/core.h"
#include "random.h"
#include "time_line.h"

namespace quorate::sim {

/// One entry of a process into its group; never used twice.
using Ticket = std::uint64_t;

/// A model of the cluster layer that promises what lib/io/cluster/contract.md promises and nothing
/// more: agreed order per group among members that stay together, messages delivered to one side
/// only at a view change, messages sent in one view and delivered in the next, groups and quorum
/// unordered to each other.
class ClusterLayer {
 public:
  using Receiver = std::function<void(Event)>;

  ClusterLayer(TimeLine& time, Random& random, std::vector<Member> configured);

  // Machines and network.
  void node_started(NodeNumber node);
  /// The machine stopped without a word; the others notice after the token timeout.
  void node_died(NodeNumber node);
  /// The cluster layer on this node was stopped in order; the others hear at once.
  void node_left(NodeNumber node);
  /// Nodes with equal numbers reach each other. All are 0 at first.
  void set_network(const std::map<NodeNumber, int>& side);
  bool connected(NodeNumber a, NodeNumber b) const;
  /// Additional delay of every message, microseconds.
  void set_extra_latency_us(std::int64_t latency_us) { extra_latency_us_ = latency_us; }
  /// For a while sending is refused on this node.
  void refuse_sending(NodeNumber node, std::int64_t duration_us);

  // Processes.
  Ticket join(NodeNumber node, Daemon group, Receiver receiver);
  /// The process ended; the other members see it leave in the agreed order.
  void leave(Ticket ticket);
  void broadcast(Ticket ticket, std::string payload);

  /// Whether the ring this node is in has a majority of the configured nodes.
  bool quorate(NodeNumber node) const;
  const std::set<NodeNumber>& ring_members(NodeNumber node) const;
  /// The number of the ring this node is in; 0 if in none.
  std::uint64_t ring_number(NodeNumber node) const;
  /// Whether all running, connected nodes share a ring and every delivery has been made.
  bool settled() const;
  /// The ring of a node that is as it should be: in it are all that reach the node, and all may
  /// send. 0 if none.
  std::uint64_t settled_ring(NodeNumber node) const;

  /// What every member must see alike, for the invariant checks: an identity of the place in the
  /// agreed order of a group at which the process with this ticket is.
  struct Place {
    std::uint64_t ring = 0;
    std::uint64_t index = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  Place place_of(Ticket ticket) const;

 private:
  struct Entry {
    bool is_view = false;
    NodeNumber sender = 0;
    Ticket sender_ticket = 0;
    std::string payload;
    GroupView view;                           ///< is_view
    std::map<Ticket, NodeNumber> recipients;  ///< is_view: members after it
  };
  struct Process {
    Ticket ticket = 0;
    NodeNumber node = 0;
    Daemon group{};
    Receiver receiver;
    bool alive = true;
    std::uint64_t next = 0;  ///< index of the next entry to deliver
    std::uint64_t position = 0;
    std::int64_t last_delivery_us = 0;
    std::deque<std::string> unsent;  ///< broadcast, not yet ordered
    bool in_group = false;           ///< its joining has been ordered in the present ring
    bool has_view = false;           ///< it has been told of a view since it joined
    std::map<Ticket, NodeNumber> last_view;
  };
  struct Group {
    std::vector<std::shared_ptr<const Entry>> log;
    std::vector<Ticket> members;  ///< as of the end of the log, by node
  };
  struct Ring {
    std::uint64_t id = 0;
    std::set<NodeNumber> members;
    std::map<Daemon, Group> groups;
    bool stalled = false;  ///< cut or lost a node: nothing is ordered or delivered any more
  };

  void plan_reform(std::int64_t delay_us);
  void reform();
  void stall_broken_rings();
  std::set<NodeNumber> component_of(NodeNumber node) const;
  void flush(Ring& old, const std::set<NodeNumber>& moving);
  void install(const std::set<NodeNumber>& members);
  void announce_nodes(const Ring& ring);
  void send_pending(NodeNumber node);
  void plan_send(NodeNumber node);
  void append(Ring& ring, Daemon group, Entry entry);
  void append_view(Ring& ring, Daemon group, std::vector<Ticket> members);
  void plan_delivery(Process& process, std::uint64_t ring_id);
  void deliver_next(Ticket ticket, std::uint64_t ring_id);
  void deliver(Process& process, const Entry& entry);
  Ring* ring_of(NodeNumber node);
  const Ring* ring_of(NodeNumber node) const;
  std::int64_t latency_us();

  TimeLine& time_;
  Random& random_;
  std::vector<Member> configured_;
  std::set<NodeNumber> running_;
  std::map<NodeNumber, int> side_;
  std::map<NodeNumber, std::shared_ptr<Ring>> rings_;
  std::map<Ticket, Process> processes_;
  std::map<NodeNumber, std::int64_t> refused_until_us_;
  std::uint64_t next_ring_ = 1;
  std::uint64_t next_view_ = 1;
  Ticket next_ticket_ = 1;
  std::int64_t extra_latency_us_ = 0;
};

}  // namespace quorate::sim
