#include "scheduler/placement/listing.h"

namespace quorate::scheduler {

using model::Node;
using model::Resource;

Node* place_group(Placer& placer, Resource& group, Node* hint, bool final) {
  if (!group.open || group.busy) return nullptr;
  if (group.children.empty()) {
    group.open = false;
    return nullptr;
  }
  group.busy = true;
  group.role = group.children.front()->role;
  list_scores(placer, "pcmk__group_assign", group);
  Node* first = nullptr;
  for (Resource* member : group.children) {
    Node* node = place(placer, *member, hint, final);
    if (first == nullptr) first = node;
  }
  group.next_role = group.children.front()->next_role;
  group.busy = false;
  group.open = false;
  return group.group.collocated ? first : nullptr;
}

}  // namespace quorate::scheduler
