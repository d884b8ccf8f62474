#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "world.h"

namespace quorate::sim {

/// Checked after every event that can break them, against the machines themselves:
/// - no resource is active twice where it must be once;
/// - no resource is started while it may still be active on another machine, that is: until a stop
///   or a probe there said it isn't, or fencing of that machine has been confirmed;
/// - the same for being promoted, of a resource that may be promoted once;
/// - members of a partition that nothing disturbs agree within a minute on one of them as DC;
/// - no resource is started where it runs already, and an executor has at most one agent of a
///   resource at work;
/// - replicas are equal at the same place of the agreed order;
/// - what is acknowledged as durable is on the disks of quorum-many nodes, or of all members of a
///   quorate view that has fewer, with the lineage under which it was made.
class Invariants : public Observer {
 public:
  Invariants(World& world, std::set<std::string> singles, std::set<std::string> promoted_once);

  /// Looks every second, from now on, whether partitions have agreed on a DC.
  void watch_agreement();

  void action_begins(const Machine& machine, const AgentRun& run) override;
  void activity_changed(const Machine& machine, const std::string& resource) override;
  void action_ended(const Machine& machine, const AgentRun& run,
                    const ProcessResult& result) override;
  void fenced(const Machine& machine) override;
  void event_handled(const Machine& machine, const Process& process) override;
  void change_durable(const Machine& machine, const std::string& id) override;

  /// A person said that the machine is off (stonith_admin --confirm).
  void confirmed_off(const Machine& machine);

 private:
  /// Where a resource may be active: machine -> boot in which it was started there.
  using Places = std::map<NodeNumber, int>;

  /// What nothing has disturbed: who is in a partition, with which newest process (0: a daemon is
  /// missing or hangs), and since when.
  struct Partition {
    std::vector<std::pair<NodeNumber, std::uint64_t>> machines;
    std::int64_t since_us = 0;
  };

  void begin_once(const Machine& machine, const std::string& what, const char* done);
  void ended_at(const Machine& machine, const std::string& resource, const std::string& what,
                const char* begun_by);
  void check_agreement();
  void check_dc_of(const Partition& partition);
  std::uint64_t newest_process(const Machine& machine) const;
  void forget(NodeNumber node, int up_to_boot);
  void check_one_at_a_time(const Machine& machine, const AgentRun& run);
  bool holds(const Machine& machine, const std::string& id, std::uint64_t lineage) const;

  World& world_;
  std::set<std::string> singles_;
  std::set<std::string> promoted_once_;
  std::map<std::uint64_t, Partition> partitions_;  ///< by the ring
  std::map<std::string, Places> places_;
  /// Where a start has succeeded and nothing has said since that it isn't active.
  std::map<std::string, Places> started_;
  /// Boot that a fence agent's run cut off: node -> boot.
  std::map<NodeNumber, int> cut_off_;
  struct SeenState {
    std::string digest;
    std::string machine;
  };
  /// By ring, round and place in the order.
  std::map<std::tuple<std::uint64_t, std::string, std::uint64_t>, SeenState> replica_states_;
};

}  // namespace quorate::sim
