#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/failures.h"
#include "controller/local_actions.h"
#include "controller/membership.h"
#include "controller/node_table.h"
#include "controller/options.h"
#include "controller/ports.h"
#include "controller/transitions.h"
#include "messages/core.h"

namespace quorate {

struct ControllerConfig {
  NodeNumber node = 0;
  std::string name;          ///< of this node
  std::string uuid;          ///< of this process, 36 characters, random
  std::string cluster_name;  ///< as the cluster layer says; empty: none
  std::string infrastructure = "corosync";
  std::string version = "3.0.2-quorate";  ///< dc-version
  std::int64_t token_timeout_ms = 3'000;
  int cores = 1;
  int node_action_limit = 0;  ///< PCMK_node_action_limit; 0: not set
  std::string start_state;    ///< PCMK_node_start_state
  bool watchdog = false;      ///< an SBD process runs here
};

/// The core of quorate-controller (spec/09): every node's controller, and on one of them the DC.
/// Which node is DC follows from the view and the order of messages (Membership); what the DC wants
/// follows from the CIB (Transitions); what a node runs, its LocalActions know.
class Controller {
 public:
  explicit Controller(ControllerConfig config);
  void handle(const Event& event, Now now, Effects& effects);

  /// State name as `crmadmin --status` shows it (spec/09 §2).
  std::string_view state() const;
  bool is_dc() const { return membership_.is_dc(); }
  /// DC, nothing runs and nothing is left to do.
  bool idle() const { return is_dc() && transitions_.idle() && ports_.open_writes() == 0; }
  const controller::Membership& membership() const { return membership_; }

 private:
  enum class Stage { kStarting, kPending, kMember, kStopping };

  // Events (controller.cc).
  void on(const Started&) {}
  void on(const ShutdownRequested&);
  void on(const ClientConnected& event);
  void on(const ClientMessage& event);
  void on(const ClientGone& event);
  void on(const SiblingUp& event);
  void on(const SiblingDown& event);
  void on(const SiblingMessage& event);
  void on(const GroupView& view);
  void on(const Delivered& delivered);
  void on(const NodeMembership& membership);
  void on(const BroadcastAllowed& event) { ports_.set_broadcast_allowed(event.allowed); }
  void on(const TimerFired& timer);
  template <class Other>
  void on(const Other&) {}

  // The CIB (controller.cc).
  void cib_says(const CibServerMessage& message);
  void cib_snapshot(const CibSnapshot& snapshot);
  void cib_change(const CibChange& change);
  void read_options();
  void apply_options(const std::string& crm_config);
  void apply_options(xml::Element crm_config);
  void tell_cib_facts();
  /// What is known of quorum is about the present view, not about one before it: views and quorum
  /// are unordered to each other and matched by ring.
  bool quorum_is_known() const { return layer_ring_ >= view_ring_; }

  // Messages of the group in their order (group.cc).
  void take(NodeNumber sender, const ControllerHello& hello);
  void take(NodeNumber sender, const LeaveOut& message);
  void take(NodeNumber sender, const DcAlive&);
  void take(NodeNumber sender, const Depose& message);
  void take(NodeNumber sender, const JoinReport& report);
  void take(NodeNumber sender, const JoinCall&);
  void take(NodeNumber sender, const JoinConfirm& message);
  void take(NodeNumber sender, const ActionOrder& order);
  void take(NodeNumber sender, const ActionAnswer& answer);
  void take(NodeNumber sender, const ShutdownWish& wish);
  void take(NodeNumber sender, const JobLimit& limit);
  void take(NodeNumber sender, const MaintenanceNodes& message);
  void take(NodeNumber sender, const RelayedWish& message);
  void take(NodeNumber sender, const RelayedAnswer& message);
  void take(NodeNumber sender, const RelayedQuery& message);
  void take(NodeNumber sender, const RelayedState& message);
  void take(NodeNumber sender, const ForgetNode& message);
  void say_hello();
  void membership_moved();
  void report_to_dc();
  bool uses_last_report(const JoinConfirm& message) const;
  void cluster_order(const ActionOrder& order, NodeNumber sender);
  void controller_left(NodeNumber node);

  // Being DC (dc.cc).
  void take_over();
  void give_up();
  void write_dc_properties();
  void integrate_if_complete();
  void integrate(const std::vector<NodeNumber>& nodes);
  void integrated(const JoinConfirm& confirm);
  void begin_planning();
  bool may_plan_first() const;
  void write_node_states(const controller::NodeStateFields& fields, bool entries);
  void write_node_state(NodeNumber node, const controller::NodeStateFields& fields);
  void write_quorum();
  void quorum_changed(bool before);
  void node_lost(NodeNumber node);
  void lost_nodes_in_cib(const std::string& node_states);
  /// Has the scheduler keep a copy of the CIB while this node may have to plan: at once if it is
  /// DC. If it is only next in line, or neither any more, when that has lasted: reading a large CIB
  /// takes seconds of a processor, which nobody has to spare while a membership changes, and until
  /// all members have said hello nobody is next in line.
  void tell_scheduler();
  void know_failures(const std::string& node_id, xml::Element lrm, bool again);
  bool is_former_dc_heard(const CibChange& change, xml::Element diff);
  void unsafe_change(const CibChange& change, xml::Element diff);
  void correct_states();
  void note_running(NodeNumber node, const std::vector<RunningAction>& running);
  void foreign_ended(const std::string& transition_key);
  void foreign_overdue();
  void expect_silent_members();
  void give_up_silent_members();
  bool all_is_known() const;
  bool history_is_known() const;
  controller::PlanScope plan_scope() const;
  void left_in_flight(std::string_view node, std::string key);
  void copy_was_replaced();
  void ask_for_accounts();
  void account_came(NodeNumber node);
  void go_on_planning();
  controller::TransitionHooks hooks();
  bool send_order(const ActionOrder& order, std::string_view node);
  int job_limit(std::string_view node) const;
  std::string node_name(std::string_view node_id) const;

  // Fencing (fencing.cc).
  struct Fencing {
    int action = 0;
    std::string target;
    std::string how;
    std::uint64_t incarnation = 0;
    std::string request;  ///< encoded, until the fencer has it
    int graph = 0;
    std::string digests_all;  ///< of the devices a node is unfenced with
    std::string digests_secure;
  };
  void fence(const transition::Action& action, std::int64_t timeout_s, std::int64_t delay_s);
  void note_unfenced(const Fencing& fencing);
  bool may_fence(std::string_view node) const;
  bool has_undecided() const;
  void undecided_end();
  void fencer_says(const fencer::Answer& answer);
  void fencing_replied(const fencer::Reply& reply);
  void fencing_notified(const fencer::Operation& operation);
  void fencer_down();
  void mark_fenced(const std::string& target, std::uint64_t incarnation,
                   std::function<void(bool)> then);
  void fencing_over(const std::string& target);
  void fenced_otherwise(const std::string& target);
  bool is_being_fenced(std::string_view target) const;
  transition::Completion completion_after_failure(const std::string& target, bool no_device) const;

  // Leaving (controller.cc).
  void stop_now();
  void stop_if_done();
  void set_shutdown_attribute(const std::string& name);

  // Tools (requests.cc).
  void handle_request(const ControllerRequest& request, ClientId client,
                      const PeerCredentials& peer);
  void history_wish(const ControllerRequest& request, ClientId client, const PeerCredentials& peer);
  /// The node a request is about, if it is a member; else empty.
  std::string active_member(const ControllerRequest& request) const;
  void carry_out_wish(const HistoryWish& wish, controller::LocalActions::Answered answered);
  void answer_idle_waiters();
  KnownNode describe(const controller::KnownClusterNode& node) const;
  void refuse(ClientId client, std::uint64_t id, ErrorKind kind, std::string message);

  ControllerConfig config_;
  controller::Ports ports_;
  controller::Membership membership_;
  controller::NodeTable nodes_;
  controller::LocalActions local_;
  controller::Transitions transitions_;
  controller::ClusterOptions options_;
  controller::FencingFailures fencing_failures_;

  Stage stage_ = Stage::kStarting;
  bool shutting_down_ = false;
  bool in_sync_ = false;             ///< the local CIB service holds the cluster's copy
  std::uint64_t seen_position_ = 0;  ///< told to the CIB service
  std::optional<CibView> cib_view_;
  bool have_snapshot_ = false;
  bool copy_replaced_ = false;  ///< the next snapshot is of another copy

  NodeNumber known_dc_ = 0;  ///< the DC this node has last acted on
  bool reported_ = false;    ///< to that DC
  std::uint32_t reports_made_ = 0;
  bool ever_joined_ = false;  ///< confirmed by some DC in this process's life
  bool quorate_ = false;
  std::uint64_t layer_ring_ = 0;  ///< of the last NodeMembership
  std::uint64_t view_ring_ = 0;   ///< of the present view
  bool had_quorum_ = false;
  bool quorum_regained_ = false;  ///< just now: nodes may still be arriving
  bool decided_ = false;          ///< nodes never seen count as down now
  bool stable_ = false;           ///< membership unchanged for two token timeouts
  std::size_t configured_nodes_ = 0;

  // As DC.
  std::set<NodeNumber> may_return_;  ///< lost their controller before this one took over
  std::map<NodeNumber, JoinReport> reports_;
  bool integrated_once_ = false;
  bool integration_late_ = false;
  std::size_t integrating_ = 0;   ///< writes under way
  std::uint64_t term_ = 0;        ///< counts the times this controller became DC
  bool states_disputed_ = false;  ///< another node has written what the DC says of the membership
  /// In flight on each member, by transition key, and in no graph of this DC's: ordered by another
  /// one, or by this one before it was DC again, before the node was away or in a graph it has
  /// given up. Nothing is planned meanwhile but the fencing of lost nodes.
  std::map<NodeNumber, std::set<std::string>> foreign_running_;
  /// Members whose history in the CIB may be what another partition knew of it. Nothing is planned
  /// meanwhile.
  std::set<NodeNumber> accounts_missing_;
  bool await_returning_ = false;  ///< members may have come back with actions in flight
  std::set<std::string, std::less<>> known_in_cib_;  ///< ids with a node_state
  std::map<std::uint64_t, Fencing> fencings_;        ///< by request
  bool scheduler_ready_ = false;                     ///< it was told to keep a copy
  bool standby_waits_ = false;                       ///< kStandbyTimer runs
  bool standby_due_ = false;
  bool fencer_up_ = false;
  std::vector<std::pair<std::string, std::uint64_t>> fenced_without_dc_;
  std::vector<controller::Finding> results_without_dc_;
  controller::KnownFailures known_failures_;  ///< of a DC: since it took over
  std::map<NodeNumber, JobLimit> job_limits_;

  std::map<ClientId, PeerCredentials> clients_;
  struct Relayed {
    ClientId client = 0;
    std::uint64_t id = 0;
    ControllerRequest::Kind kind = ControllerRequest::Kind::kStatus;
    NodeNumber node = 0;
    std::size_t answers_missing = 1;
    int rc = 0;
    std::string reason;
  };
  std::map<std::uint64_t, Relayed> relayed_;
  struct IdleWaiter {
    NodeNumber node = 0;
    std::uint64_t request = 0;
  };
  std::vector<IdleWaiter> idle_waiters_;  ///< as DC: who wants to hear when idle
};

}  // namespace quorate
