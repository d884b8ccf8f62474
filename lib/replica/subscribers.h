#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "cib/patch.h"
#include "messages/cib.h"
#include "messages/replica.h"

namespace quorate::replica {

/// Who is told of changes, and what each owes (architecture, "No limits to tune"): beyond 1,000
/// changes or 16 MiB (the longest change not counted) not yet dealt with, one CibResync replaces
/// all that would come.
class Subscribers {
 public:
  static constexpr std::size_t kMaxChanges = 1000;
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  void add(ClientId client, bool controller, LongChanges long_changes = LongChanges::kPatch,
           bool without_results = false);
  void remove(ClientId client) { subscriptions_.erase(client); }
  void seen(ClientId client, std::uint64_t position);
  /// As much of a patch as somebody has to see.
  cib::PatchExtent extent(const cib::Request& request) const;
  /// Sends one change to all who want to know: `change` without its patch.
  void publish(const CibChange& change, const cib::ExtendedPatch& patch,
               const OrderedRequest& request, Effects& effects);
  /// The copy was replaced: all have to start over.
  void resync_all(std::uint64_t position, Effects& effects);
  void tell(const CibView& view, Effects& effects) const;
  std::size_t size() const { return subscriptions_.size(); }

  bool has(ClientId client) const { return subscriptions_.count(client) != 0; }
  /// Every change of the configuration up to here has been dealt with by this node's controller; 0
  /// without one. (It says so at once for these, now and then for the others.)
  std::uint64_t controller_seen(std::uint64_t newest) const;

 private:
  struct Sent {
    std::uint64_t position = 0;
    std::size_t bytes = 0;
    bool configuration = false;
  };
  struct Subscription {
    bool controller = false;
    LongChanges long_changes = LongChanges::kPatch;
    bool without_results = false;
    bool lagging = false;  ///< a CibResync is out
    std::deque<Sent> owed;
    std::size_t owed_bytes = 0;
  };
  static bool owes_too_much(const Subscription& subscription);

  std::map<ClientId, Subscription> subscriptions_;
};

}  // namespace quorate::replica
