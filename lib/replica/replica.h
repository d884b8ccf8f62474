#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cib/validator.h"
#include "messages/cib.h"
#include "messages/core.h"
#include "replica/copy.h"
#include "replica/disk.h"
#include "replica/settlement.h"
#include "replica/subscribers.h"
#include "replica/transfer.h"

namespace quorate::replica {

struct ReplicaConfig {
  NodeNumber node = 0;
  std::string node_name;
  std::string feature_set = "3.20.5";
  const cib::Validator* validator = nullptr;  ///< must outlive the replica; null: no validation
  std::vector<StoredFile> files;              ///< of the CIB's folder (disk.h)
  std::size_t long_patch_bytes = std::size_t{64} * 1024;  ///< LongChanges; the same on all nodes
  /// A copy with more elements takes noticeably long to write out for a joiner.
  std::size_t large_copy_elements = 20'000;
  /// Local time text for cib-last-written, like `Thu Jul  2 10:11:12 2026`; UTC if empty.
  std::function<std::string(std::int64_t wall_seconds)> format_time;
};

/// The core of quorate-cib: one replica of the CIB (architecture, "The CIB is a replicated state
/// machine" to "State transfer"; spec/08).
///
/// Clients speak messages/cib.h, replicas messages/replica.h. A view starts a *round*: every member
/// reports its copy, all decide alike whose configuration and status win, those who differ receive
/// what they lack and replay what was ordered meanwhile. Requests delivered between view and
/// decision are dropped by all and sent again by whoever accepted them, applied once by name.
///
/// Writing out a large copy for a joiner takes as long as planning what the change of the view
/// calls for, above all fencing. So it isn't sent in a view's first round: a second later who would
/// have sent it asks for another round, and sends it in that one. Joiners queue meanwhile.
///
/// Bounds: 1,000 requests or 64 MiB broadcast and not yet applied, 10,000 or 128 MiB waiting behind
/// them, then kBusy; a joiner queues 64 MiB, then starts over; durability is waited for at most
/// 20 s, then the change is reported as applied only.
class Replica {
 public:
  explicit Replica(ReplicaConfig config);
  void handle(const Event& event, Now now, Effects& effects);

  // For status, the simulator and tests.
  const cib::Cib& cib() const { return copy_.cib(); }
  std::uint64_t order() const { return copy_.order(); }
  const std::string& chain() const { return copy_.chain(); }
  std::uint64_t lineage() const { return copy_.lineage(); }
  std::uint64_t quorate_order() const { return copy_.quorate_order(); }
  bool in_sync() const { return phase_ == Phase::kInSync; }
  bool is_transferring() const { return phase_ == Phase::kJoining || sender_.busy(); }
  bool disk_failed() const { return disk_.failed(); }
  /// The round this replica is in: orders compare only within the same history.
  const std::string& round() const { return round_; }

 private:
  enum class Phase { kOutside, kSettling, kJoining, kInSync };
  enum Timer : TimerId {
    kCheckTimer = 1,
    kDurabilityTimer,
    kDiskTimer,
    kResettleTimer,
    kFilesTimer,
    kTransferTimer
  };

  struct Client {
    PeerCredentials peer;
    std::deque<CibRequest> waiting;
    std::size_t outstanding = 0;
  };
  /// Accepted here, broadcast, not yet come round.
  struct Pending {
    ClientId client = 0;
    std::uint64_t id = 0;
    bool silent = false;
    std::string message;
    /// As it was tried out, with the name it was given; large ones are read again.
    std::optional<cib::Prepared> what;
    std::string name;
  };
  /// Applied, waiting to be safe.
  struct Wait {
    ClientId client = 0;
    CibReply reply;
    std::uint64_t order = 0;
    std::int64_t since_ms = 0;
  };
  struct Check {
    std::set<NodeNumber> expected;
    std::map<NodeNumber, std::string> chains;
  };
  using Ordered = std::variant<OrderedRequest, OrderedFact>;
  struct Queued {
    NodeNumber sender = 0;
    Ordered what;
  };

  // Events (replica.cc).
  void on(const Started&);
  void on(const ShutdownRequested&);
  void on(const ClientConnected&);
  void on(const ClientMessage&);
  void on(const ClientGone&);
  void on(const GroupView&);
  void on(const Delivered&);
  void on(const NodeMembership&);
  void on(const BroadcastAllowed&);
  void on(const TimerFired&);
  void on(const FileWritten&);
  template <class Other>
  void on(const Other&) {}

  // Requests of clients (requests.cc).
  void on_client(ClientId client, CibRequest request);
  void on_client(ClientId client, const CibSubscribe& subscribe);
  void on_client(ClientId client, const CibUnsubscribe&) { subscribers_.remove(client); }
  void on_client(ClientId client, const CibSeen& seen);
  void on_client(ClientId client, const CibClusterFact& fact);
  OrderedRequest resolve(const Client& client, ClientId id, const CibRequest& request) const;
  void answer(ClientId client, const CibReply& reply);
  void answer_failure(ClientId client, std::uint64_t id, cib::Code code, std::string message);
  void answer_query(ClientId client, const CibRequest& request);
  void answer_dry_run(ClientId client, const CibRequest& request);
  void answer_health(ClientId client);
  void pump_clients();
  /// Handles the first waiting request; false if it has to wait.
  bool pump_one(ClientId id, Client& client);
  void answer_applied(const Pending& pending, cib::Code code, const cib::Outcome* outcome,
                      std::uint64_t order, bool to_disk);

  // Durability (durability.cc).
  void announce_synced();
  void check_waits();
  void end_waits(std::size_t count);
  bool is_safe(std::uint64_t order) const;
  bool is_held(std::uint64_t order) const;
  void confirm_lineage();
  void on_synced(NodeNumber sender, const Synced& message);

  // Rounds and transfer (rounds.cc).
  void begin_round();
  void on_report(NodeNumber sender, ReplicaReport report);
  void conclude();
  void enter_joining();
  void finish_joining();
  void become_in_sync();
  void tell_view();
  void pump_transfer();
  bool sends_later() const;
  void on_piece(NodeNumber sender, const StatePiece& piece);
  void on_in_sync(NodeNumber sender);
  /// Keeps the present configuration as a file; returns the file's name.
  std::string set_aside(const char* why);
  void add_concern(std::string text);
  void resettle(const std::string& why);

  // The order (order.cc).
  void on_ordered(NodeNumber sender, Ordered what, std::size_t bytes);
  void apply_request(NodeNumber sender, const OrderedRequest& request);
  void apply_fact(NodeNumber sender, const OrderedFact& fact);
  void on_checkpoint();
  void on_check_answer(NodeNumber sender, const CheckAnswer& answer);
  void conclude_check();
  void broadcast_own_fact();
  void drop_limited_subscribers();

  void broadcast(const ReplicaMessage& message);
  void broadcast_text(std::string text);
  void pump_disk();
  bool may_write() const;
  void let_files_follow();
  void end_if_done();
  void log(LogLevel level, std::string text);

  ReplicaConfig config_;
  Copy copy_;
  DiskWriter disk_;
  Subscribers subscribers_;
  std::vector<StoredFile> set_aside_files_;
  std::vector<std::string> load_reports_;
  std::deque<std::string> concerns_;  ///< for status, the latest last
  std::string unsafe_change_;  ///< whose change of the configuration came last without quorum
  std::string disk_error_;     ///< of the last write that failed
  std::string sticky_;         ///< why every request fails (spec/08 §13.4); empty if none
  bool suspect_ = false;

  Phase phase_ = Phase::kOutside;
  std::uint64_t view_ = 0;
  std::uint64_t ring_ = 0;
  std::uint64_t last_change_ = 0;  ///< position of the last CibChange, or of the copy taken over
  std::vector<Member> members_;
  std::string members_text_;
  std::uint64_t round_count_ = 0;
  std::string round_;
  std::map<NodeNumber, ReplicaReport> reports_;
  Settlement settlement_;
  std::set<NodeNumber> in_sync_;
  TransferSender sender_;
  TransferReceiver receiver_;
  std::deque<Queued> queue_;
  std::size_t queue_bytes_ = 0;
  bool resettle_due_ = false;
  bool transfer_waits_ = false;  ///< for kTransferTimer

  std::optional<OrderedFact> fact_;
  std::optional<CibClusterFact> own_fact_;
  bool locally_quorate_ = false;
  std::map<NodeNumber, std::uint64_t> synced_;
  std::uint64_t announced_ = 0;
  std::uint64_t confirming_ = 0;     ///< the proposal whose confirmation this DC has sent
  std::uint64_t lineage_order_ = 0;  ///< nothing is safe until this place, too, is on disk
  std::deque<Wait> waits_;
  std::optional<Check> check_;
  bool check_timer_ = false;

  std::map<ClientId, Client> clients_;
  std::size_t waiting_count_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::map<std::uint64_t, Pending> pending_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t next_serial_ = 1;
  std::uint64_t next_aside_ = 1;
  bool broadcast_allowed_ = true;
  std::deque<std::string> outbox_;  ///< messages between replicas held back while refused
  bool stopping_ = false;
  bool files_timer_ = false;  ///< cib.xml follows when it fires
  std::int64_t files_behind_since_ms_ = 0;
  std::int64_t last_synced_ms_ = 0;

  Now now_;                     ///< of the event being handled
  Effects* effects_ = nullptr;  ///< likewise
};

}  // namespace quorate::replica
