#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/controller.h"
#include "messages/core.h"

namespace quorate::controller {

/// Who is in the group of controllers and which of them is DC: a function of the view and the
/// messages ordered after it, so all members that see the same order agree without a vote
/// (architecture: "The DC is a function of the view"): the one with the lowest feature set, then
/// the one that has been DC for longest, then the longest member, then the lowest name. A DC that
/// stays is kept, since a new one has to integrate all members before it can deal with what changed
/// the view. Pure bookkeeping: the controller sends the messages and runs the timers.
class Membership {
 public:
  explicit Membership(NodeNumber self) : self_(self) {}

  /// A new view: hellos are awaited again, a deposition ends. The caller broadcasts hello().
  void view_changed(const GroupView& view);
  std::uint64_t view() const { return view_; }
  /// View in which this process entered the group; 0 before the first.
  std::uint64_t entered_view() const { return entered_view_; }

  /// A member's hello at its place in the order; those of other views are ignored. Such a member
  /// may say hello again when it has become eligible.
  void hello(NodeNumber sender, const ControllerHello& hello);
  /// Members without a hello at this place are no members for this view.
  void leave_out(const LeaveOut& message);
  /// The DC named can't be DC for the rest of this view; ignored if another has been decided on.
  void depose(const Depose& message);

  /// All members have said hello or were left out.
  bool settled() const;
  /// Members of the view without a hello.
  std::vector<NodeNumber> silent() const;
  /// The DC at this place of the order; 0 if there is none (yet).
  NodeNumber dc() const { return dc_; }
  bool is_dc() const { return dc_ == self_ && dc_ != 0; }
  /// This node would be DC if the one that is weren't there.
  bool is_next_in_line() const;
  /// View since which the DC has been DC without interruption.
  std::uint64_t dc_since() const { return dc_since_; }

  struct Peer {
    std::string name;
    std::string feature_set;
    std::string uuid;
    std::uint64_t entered_view = 0;
    bool said_hello = false;
    bool left_out = false;
    bool eligible = false;
    std::uint64_t dc_since = 0;  ///< as its hello says: 0, or it was DC up to this view
    bool deposed = false;
  };
  const std::map<NodeNumber, Peer>& peers() const { return peers_; }
  /// The member with this name (letter case doesn't count), left-out ones not; 0 if there is none.
  NodeNumber find(std::string_view name) const;
  bool is_member(NodeNumber node) const;
  std::string name_of(NodeNumber node) const;

  /// Whether a node with feature set `joiner` may join one with `dc` (spec/09 §7.3): same major
  /// version, minor of the DC not above the joiner's.
  static bool compatible(std::string_view joiner, std::string_view dc);

 private:
  void decide();
  /// The best of those who may be DC, `except` aside; 0 if there is none.
  NodeNumber best_but(NodeNumber except) const;

  NodeNumber self_;
  std::uint64_t view_ = 0;
  std::uint64_t entered_view_ = 0;
  std::map<NodeNumber, Peer> peers_;
  NodeNumber dc_ = 0;
  bool decided_ = false;  ///< dc_ is the decision of this view's hellos
  std::uint64_t dc_since_ = 0;
};

}  // namespace quorate::controller
