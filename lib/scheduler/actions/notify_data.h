#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/context.h"

/// What notifications tell agents (spec/05 §12.2). Nothing outside lib/scheduler/actions includes
/// this.
namespace quorate::scheduler {

/// An instance and where it is or what happens to it; the node may be absent.
struct NotifyEntry {
  model::Resource* instance = nullptr;
  model::Node* node = nullptr;
};
using NotifyList = std::vector<NotifyEntry>;

/// The state of a clone and what its instances will do.
struct NotifyData {
  NotifyList inactive, active, unpromoted, promoted;
  NotifyList start, stop, promote, demote;
};
NotifyData collect_notify_data(model::Resource& clone);

/// Names and values for agents, without `CRM_meta_`. Values belong to the snapshot.
using NotifyVariables = std::vector<std::pair<std::string_view, std::string_view>>;
NotifyVariables notify_variables(Context& context, model::Resource& clone, NotifyData& data);
/// Those of a stop that fencing implies (spec/05 §12.4).
NotifyVariables fencing_notify_variables(Context& context, model::Resource& instance,
                                         model::Node* node);

/// The pair of pseudo-actions of an instance whose stop fencing implies.
graph::Notification create_fencing_notification(Context& context, model::Resource& instance,
                                                graph::Action& fencing);

}  // namespace quorate::scheduler
