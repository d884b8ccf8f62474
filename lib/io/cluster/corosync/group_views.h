#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/cluster/corosync/group_messages.h"
#include "messages/core.h"

namespace quorate::cluster {

/// What CPG reported as one change of a group's membership.
struct Configuration {
  std::set<Process> members;
  std::set<Process> left;  ///< also those that are back in `members`
  bool merged = false;     ///< processes of another ring have come in
  std::uint64_t ring = 0;
};

/// Makes the views that contract.md promises out of what CPG gives: lists of process ids and
/// ordered messages. CPG tells neither incarnations nor numbers of views; the members tell each
/// other, in the agreed order, so that all come to the same ones:
///
/// - A process that joins sends a JoinMessage. At its place in the order the others take it into
///   their view, and each answers with the view as it was there. The joiner holds what comes behind
///   its JoinMessage until the first answer. The first process of a group needs no answer.
/// - When rings merge, each process sends the view of its side. A side is in the new view from the
///   place on where the first of its members has told; until then it goes on alone.
/// - Messages of senders outside the receiver's view are dropped.
///
/// Nobody ever waits for a process that is already a member. No I/O; all calls come from one
/// thread.
class GroupViews {
 public:
  class Port {
   public:
    virtual ~Port() = default;
    /// To all members, in front of what waits to be sent.
    virtual void send(std::string bytes) = 0;
    virtual void view(GroupView view) = 0;
    virtual void deliver(NodeNumber sender, std::string payload) = 0;
    /// One's own piece has come at its place in the order.
    virtual void own_piece(std::uint64_t id, std::uint32_t index) = 0;
    /// Messages whose pieces were under way are void: send the unfinished one again.
    virtual void pieces_void() = 0;
  };

  /// `nonce` is greater than that of any earlier life of this node.
  GroupViews(Process self, std::string name, std::uint64_t nonce, Port& port);

  void on_configuration(Configuration configuration);
  void on_message(const Process& sender, std::string bytes);
  /// No answer for long: asks again. Nothing unless is_joining().
  void ask_again(std::uint64_t nonce);

  bool is_joining() const { return stage_ == Stage::kJoining; }
  /// In a view: may broadcast.
  bool is_member() const { return stage_ == Stage::kIn && last_view_.contains(self_); }
  /// What is held back while joining.
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  enum class Stage { kOutside, kJoining, kIn };
  struct Message {
    Process sender;
    std::string bytes;
  };
  struct Assembly {
    std::uint64_t id = 0;
    std::uint32_t next = 0;
    std::uint32_t count = 0;
    std::string content;
  };

  void begin_joining(const Configuration& configuration);
  void observe_while_joining(const Configuration& configuration);
  void begin_alone();
  void welcomed(const WelcomeMessage& welcome);
  void replay();
  void process(const Configuration& configuration);
  void process(const Message& message);
  void admit(const Process& joiner, const JoinMessage& message);
  void take_side(const Process& sender, const TableMessage& message);
  void take_piece(const Process& sender, const PieceMessage& piece);
  void take_bundle(const Process& sender, const BundleMessage& bundle);
  void assemble(const Process& sender, const PieceMessage& piece);
  bool covered() const { return roster_.members.contains(self_); }
  void show_view();

  Process self_;
  std::string name_;
  std::uint64_t nonce_;
  Port& port_;
  Stage stage_ = Stage::kOutside;
  std::set<Process> present_;  ///< as CPG says, at the place that is being processed
  std::uint64_t ring_ = 0;

  // While joining.
  std::uint64_t first_ring_ = 0;
  std::uint64_t latest_ring_ = 0;
  std::set<Process> latest_;   ///< as CPG said last
  std::set<Process> seniors_;  ///< of these: were there before
  bool own_join_seen_ = false;
  std::deque<std::variant<Configuration, Message>> held_;
  std::size_t held_bytes_ = 0;

  // When in.
  Roster roster_;                  ///< of the ring: all that have joined or told since it merged
  std::uint64_t changes_ = 0;      ///< losses since then
  std::uint64_t merged_ring_ = 0;  ///< the ring that was made of several last
  Roster current_;                 ///< of this process' view; the roster's once it is in there
  std::map<Process, Member> last_view_;
  std::map<Process, Assembly> assemblies_;
};

}  // namespace quorate::cluster
