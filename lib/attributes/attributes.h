#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "attributes/merging.h"
#include "attributes/table.h"
#include "messages/attributes.h"
#include "messages/core.h"

namespace quorate {

struct AttributesConfig {
  NodeNumber node = 0;
  std::string name;  ///< of this node
};

/// The core of quorate-attributes (spec/10): transient node attributes, the same on every node
/// because all changes are applied in the agreed order. The lowest member of the group is the
/// writer: it alone writes into the CIB. If only a node's manager dies and is back within 3 s, its
/// values survive (unlike spec/10 §8.2): the other managers know them. Increments are computed
/// where they are applied, so none is lost (unlike spec/10 §4).
class Attributes {
 public:
  explicit Attributes(AttributesConfig config);
  void handle(const Event& event, Now now, Effects& effects);

  /// For tests and status: the values as this node knows them.
  const attributes::Table& table() const { return table_; }
  bool is_writer() const;

 private:
  using Change = AttributeChange;

  // Events.
  void on(const Started&);
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
  void on(const BroadcastAllowed& event);
  void on(const TimerFired& timer);
  template <class Other>
  void on(const Other&) {}

  // Requests of clients (requests.cc).
  struct Asking {
    ClientId client = 0;
    std::uint64_t id = 0;
    AttributeWait wait = AttributeWait::kNo;
  };
  void handle_request(const AttributeRequest& request, ClientId client,
                      const PeerCredentials& peer);
  void answer_query(const AttributeRequest& request, ClientId client);
  void clear_failures(const AttributeRequest& request, const Asking& asking);
  void change(const AttributeRequest& request, const Asking& asking, const PeerCredentials& peer);
  bool fill_part(const AttributeRequest& request, const PeerCredentials& peer,
                 AttributeChange::Part& part);
  void reply(ClientId client, AttributeReply reply);
  void send_change(AttributeChange change, const Asking& asking);

  // Agreed order.
  void broadcast(const AttributeMessage& message);
  void deliver(NodeNumber sender, const AttributeMessage& message);
  void apply(NodeNumber sender, const AttributeChange& change);
  void apply(const AttributePurge& purge);
  bool is_obsolete(const AttributePurge& purge) const;
  void begin_merge();
  void finish_merge();
  void answer_waiting(const AttributeChange& change, NodeNumber sender);
  void seen(NodeNumber sender, std::uint64_t request);
  void member_gone(NodeNumber node);
  void judge_away();
  std::string member_name(NodeNumber node) const;
  std::string node_id_of(std::string_view name) const;
  void learn_node(const Member& member);

  // Writing to the CIB (writer.cc).
  void became_or_stopped_writer();
  void changed(const attributes::Touched& touched);
  void write(const std::string& name);
  void write_all();
  void erase_node(std::string_view node_id);
  void write_ended(std::uint64_t request, bool ok, const std::string& message);
  void send_to_cib(const std::string& payload);
  void subscribe();

  void log(LogLevel level, std::string text);
  void set_timer(TimerId timer, std::int64_t delay_ms);

  AttributesConfig config_;
  Effects* effects_ = nullptr;
  Now now_;
  bool stopping_ = false;

  attributes::Table table_;
  attributes::Merging merging_;
  bool merged_once_ = false;
  std::uint64_t view_ = 0;
  std::map<NodeNumber, std::string> members_;
  std::set<NodeNumber> same_state_;  ///< members known to share this node's state
  /// A node whose manager is gone. If that is all, it will be back: its values are kept for a
  /// while. If the node is lost they are forgotten.
  struct Away {
    std::string name;
    bool node_lost = false;  ///< it isn't, or was for a time no member of the cluster layer
    bool late = false;       ///< it had time enough to come back
  };
  std::map<NodeNumber, Away> away_;
  std::set<NodeNumber> layer_members_;
  std::uint64_t layer_ring_ = 0;
  std::uint64_t view_ring_ = 0;
  std::map<std::string, std::string, std::less<>> node_ids_;  ///< lower-case name to id

  bool broadcast_allowed_ = true;
  std::deque<std::string> outbox_;

  std::map<ClientId, PeerCredentials> clients_;
  struct Waiting {
    Asking asking;
    std::set<NodeNumber> missing;  ///< kCluster: members that haven't confirmed
    bool delivered = false;
  };
  std::map<std::uint64_t, Waiting> waiting_;  ///< by request number of this node
  std::uint64_t last_request_ = 0;

  struct Writing {
    TimerId timer = 0;  ///< dampening or retry, by attribute
    bool timer_runs = false;
    bool changed = false;       ///< since the write that is under way
    std::uint64_t request = 0;  ///< under way; 0: none
  };
  std::map<std::string, Writing, std::less<>> writing_;
  std::map<std::uint64_t, std::string> write_requests_;
  std::map<TimerId, std::string> timer_names_;
  TimerId last_timer_ = 1000;
  bool cib_up_ = false;
  std::uint64_t seen_position_ = 0;
  bool was_writer_ = false;
  std::set<std::string> absent_ids_;  ///< nodes that left and whose CIB entry is to be erased
};

}  // namespace quorate
