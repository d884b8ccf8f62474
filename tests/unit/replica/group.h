#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "replica/replica.h"

namespace quorate::replica::test {

/// A few replicas over a simulated group that promises what lib/io/cluster/contract.md does and no
/// more: at a view change each side keeps a prefix of what was under way, and its own messages may
/// come in the next view. Writes end when the test says so; a crash loses those that haven't.
/// Each node has a controller (client 1, also a subscriber that keeps a copy from patches) and a
/// tool (client 2). The lowest member's controller is the DC.
class Group {
 public:
  Group(std::size_t size, std::uint64_t seed, const cib::Validator* validator = nullptr);

  struct Node {
    NodeNumber number = 0;
    std::uint64_t incarnation = 0;
    std::unique_ptr<Replica> replica;  ///< null while it is down
    std::map<std::string, std::string> disk;
    std::deque<WriteFile> writes;
    std::map<TimerId, std::int64_t> timers;
    std::optional<cib::Cib> shadow;  ///< the controller's copy
    std::uint64_t view = 0;
    std::uint64_t seen = 0;               ///< what the controller has told last
    std::uint64_t last_change = 0;        ///< position of the last change it heard of
    std::vector<CibReply> replies;        ///< to the tool
    std::vector<CibServerMessage> heard;  ///< by the controller
    std::vector<std::string> log;
    std::size_t resyncs = 0;
    bool panicked = false;
  };

  void start(NodeNumber number);
  void crash(NodeNumber number);
  /// Splits those that run into these sets; nodes not named keep apart from all.
  void partition(const std::vector<std::set<NodeNumber>>& parts);
  void heal();

  /// One random event: a delivery, a write's end or a timer. False if nothing is left but timers.
  bool step();
  /// Until nothing is under way; time passes as needed, at most `seconds`.
  void settle(int seconds = 60);
  /// Delivers and writes without letting time pass.
  void drain();
  void pass(std::int64_t milliseconds);

  std::uint64_t ask(NodeNumber number, cib::Request what, const std::string& session = {},
                    std::uint64_t id = 0);
  const CibReply* reply(NodeNumber number, std::uint64_t id) const;
  Node& node(NodeNumber number) { return nodes_.at(number); }
  Replica& replica(NodeNumber number) { return *nodes_.at(number).replica; }
  std::string document(NodeNumber number) { return replica(number).cib().to_string(); }
  std::string shadow_digest(NodeNumber number);
  /// Replicas in one round at one place hold the same; "" or what differs.
  std::string differences();
  std::mt19937_64& random() { return random_; }
  bool hold_writes = false;
  bool lie_about_writes = false;
  std::size_t size() const { return nodes_.size(); }

  void handle(Node& node, const Event& event);

 private:
  struct Message {
    NodeNumber sender = 0;
    std::string payload;
  };
  struct Component {
    std::set<NodeNumber> members;
    std::deque<Message> log;               ///< not yet delivered to all
    std::size_t base = 0;                  ///< number of the log's first
    std::map<NodeNumber, std::size_t> at;  ///< next number for each member
  };
  void install(std::vector<std::set<NodeNumber>> parts);
  void deliver(Component& component, NodeNumber number);
  void trim(Component& component);
  void on_reply(Node& node, const Reply& reply);
  void on_controller(Node& node, const CibServerMessage& message);
  bool deliver_some();
  bool write_some();

  const cib::Validator* validator_;
  std::mt19937_64 random_;
  std::map<NodeNumber, Node> nodes_;
  std::vector<Component> components_;
  std::uint64_t next_view_ = 1;
  std::uint64_t next_id_ = 1;
  std::int64_t now_ms_ = 1000;
};

}  // namespace quorate::replica::test
