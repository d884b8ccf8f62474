#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "attributes/table.h"

namespace quorate::attributes {

/// How managers that enter one view come to one state. Every member sends its own node's values,
/// unless it is fresh; the lowest member of each set that shared one state also sends the values of
/// other nodes, which count for nodes without a manager and those whose manager is fresh, back from
/// the death of its process alone. Changes delivered meanwhile are kept and applied once all parts
/// are there, at the same place of the order on every member (spec/10 §8.2: each node's manager is
/// the authority for its own node).
class Merging {
 public:
  /// A view with new members was installed, or one in which the last merge hadn't ended.
  void begin(std::uint64_t view, const std::map<NodeNumber, std::string>& members);
  bool active() const { return !waiting_for_.empty(); }

  /// A part has come. Parts of other views and second ones are ignored.
  void take(NodeNumber sender, const AttributeSync& sync);
  struct Kept {
    NodeNumber sender = 0;
    AttributeMessage message;
  };
  /// Keeps a change or purge that came before the merge was complete.
  void keep(Kept kept);
  /// All parts are there, or so many changes came meanwhile that waiting ends. Same on all members.
  bool complete() const;

  struct Outcome {
    Table table;
    std::vector<Kept> kept;            ///< to be applied to it, in order
    std::set<NodeNumber> empty_nodes;  ///< members that had no value to be written
  };
  Outcome finish();

 private:
  static constexpr std::size_t kMaxKept = 100'000;
  std::uint64_t view_ = 0;
  std::set<NodeNumber> waiting_for_;
  std::map<NodeNumber, std::string> members_;
  std::set<NodeNumber> fresh_;
  std::vector<std::pair<NodeNumber, AttributeSync>> parts_;
  std::vector<Kept> kept_;
};

}  // namespace quorate::attributes
