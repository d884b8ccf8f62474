#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/instances.h"
#include "scheduler/placement/listing.h"
#include "scheduler/placement/preference_merge.h"
#include "scheduler/placement/promotion.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Node;
using model::Resource;

void place_clone(Placer& placer, Resource& clone, Node* hint, bool final) {
  if (!clone.open || clone.busy) return;
  clone.busy = true;
  if (clone.promotable) add_promotion_scores(placer, clone);
  for (const Colocation* record : this_with(clone)) place(placer, *record->primary, hint, final);
  for (const Colocation* record : with_this(clone)) {
    if (!influences(*record)) continue;
    MergeOptions options;
    options.rollback = true;
    options.non_negative = true;
    merge_preferences(*record->dependent, clone, clone.allowed, *record, factor_of(record->score),
                      options, placer.budget);
    note(placer.context, clone, {Cause::kDependent, record->id, record->dependent});
  }
  list_scores(placer, "pcmk__clone_assign", clone);
  sort_instances(placer, clone.children);
  renumber_children(clone);
  distribute(placer, clone, clone.children, clone.clone->clone_max, clone.clone->clone_node_max);
  if (clone.promotable) choose_promoted(placer, clone);
  clone.open = false;
  clone.busy = false;
}

}  // namespace quorate::scheduler
