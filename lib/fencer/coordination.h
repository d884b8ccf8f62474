#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fencer/topology.h"
#include "messages/fencer_peer.h"

namespace quorate::fencer {

/// How the originator carries out one operation: waits for offers, chooses who executes with which
/// device, goes through topology levels, and says when it is over (spec/12 §9 to §12). Knows
/// neither clock nor messages; its owner runs the timers and does what next() says.
class Coordination {
 public:
  /// `levels` null: no topology for this target. `peers`: who will answer the query.
  Coordination(Query query, const Levels* levels, std::set<NodeNumber> peers);

  struct Step {
    enum class What { kWait, kExecute, kEnd };
    What what = What::kWait;
    Execute execute;                     ///< kExecute
    std::int64_t request_timeout_s = 0;  ///< kExecute: how long to wait for the answer
    AgentResult result;                  ///< kEnd
  };
  /// What to do now; to be called after every event until it gives kWait or kEnd.
  Step next();

  void offered(NodeNumber node, const std::string& name, std::vector<OfferedDevice> devices);
  /// The answer to an Execute; those to earlier ones are ignored.
  void executed(std::uint64_t attempt, const AgentResult& result);
  void peer_left(NodeNumber node);
  void query_timer_expired() { query_expired_ = true; }
  /// The peer asked last hasn't answered in time.
  void request_timer_expired();
  /// The result if the total timeout is over now.
  AgentResult total_timer_expired() const;

  std::int64_t query_timeout_s() const { return query_.timeout_s * 12 / 10; }
  /// Known once the first peer has been asked.
  std::int64_t total_timeout_s() const { return total_s_; }
  bool executing() const { return executing_.has_value(); }
  /// Lines for the log since the last call.
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

 private:
  enum class Phase { kSimple, kOff, kOn };  ///< off and on: of a remapped reboot (§10.5)
  struct Peer {
    NodeNumber node = 0;
    std::string name;
    std::vector<OfferedDevice> devices;
    bool tried = false;
    std::set<std::pair<std::string, std::string>> used;  ///< (action, device)
  };
  struct Running {
    NodeNumber node = 0;
    std::string device;
    std::uint64_t attempt = 0;
  };

  bool has_topology() const { return !levels_.empty(); }
  bool outstanding() const { return !query_expired_ && !expected_.empty(); }
  bool is_target(const Peer& peer) const;
  bool enough_offers() const;
  const OfferedDevice* offer_of(const Peer& peer, const std::string& device) const;
  bool can_use(const Peer& peer, const OfferedDevice& device, bool verified) const;
  Peer* pick(const std::string& device, bool& wait);

  void enter_level();
  bool next_level();
  void next_device();
  void enter_on_phase();
  void append_required();
  void failed_here(const AgentResult& result);
  Step choose_from_topology();
  Step choose_any();
  Step nobody_left();
  Step execute_on(Peer& peer, const std::string& device);
  std::int64_t device_time_s(const OfferedDevice& device, const std::string& action,
                             bool with_delay) const;
  std::int64_t peer_time_s(const Peer& peer) const;
  void set_total(const Peer* chosen);
  static Step end(AgentResult result);

  Query query_;
  std::string action_;  ///< of the current phase
  Levels levels_;
  std::set<NodeNumber> expected_;
  std::vector<Peer> peers_;  ///< with at least one device, best first
  bool query_expired_ = false;
  std::optional<Running> executing_;
  std::optional<AgentResult> over_;
  AgentResult last_failure_;
  bool tried_ = false;
  bool began_ = false;
  std::uint64_t attempt_ = 0;
  std::int64_t delay_s_ = 0;  ///< requested delay still to be applied; -1: none at all
  std::int64_t total_s_ = 0;
  Phase phase_ = Phase::kSimple;
  Levels::const_iterator level_;
  std::vector<std::string> devices_;  ///< of the current level and phase
  std::size_t device_ = 0;
  std::set<std::string> done_devices_;
  std::vector<std::string> notes_;
};

}  // namespace quorate::fencer
