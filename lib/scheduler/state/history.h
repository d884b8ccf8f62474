#pragma once

#include <string>
#include <vector>

#include "scheduler/state/history_entry.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Reading the history of one resource on one node (spec/03 §10-14).
namespace quorate::scheduler {

/// What is known while one lrm_resource is read.
struct ResourceHistory {
  Context& context;
  model::Node& node;
  model::Resource& resource;
  std::vector<HistoryEntry> entries;  ///< oldest first
  model::OnFail policy = model::OnFail::kIgnore;
  const HistoryEntry* last_failure = nullptr;
};

/// The resource a history belongs to, created if it must be (§10.2, §10.3); null if the history is
/// to be ignored.
model::Resource* resource_of_history(Context& context, model::Node& node, xml::Element lrm_resource,
                                     bool has_entries);

/// One entry (§11).
void process_entry(ResourceHistory& history, const HistoryEntry& entry);

/// §13.2-13.4. A successful migrate_to on its source; failed ones.
void read_migrate_to_success(ResourceHistory& history, const HistoryEntry& entry);
void read_migrate_to_failure(ResourceHistory& history, const HistoryEntry& entry);
void read_migrate_from_failure(ResourceHistory& history, const HistoryEntry& entry);

/// What the result on this node means for resource and node (§14.1, §14.2).
void apply_history(ResourceHistory& history);

/// Failed list of status output (§11.11).
void record_failure(ResourceHistory& history, const HistoryEntry& entry);

/// Current role of something that runs (§11.12).
void set_active_role(model::Resource& resource);

void fail_and_stop(model::Resource& resource);

}  // namespace quorate::scheduler
