#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scheduler/state/digests.h"
#include "scheduler/state/fail_count.h"
#include "scheduler/state/history_index.h"
#include "scheduler/state/state.h"

/// Look-up structures of this stage, built when first needed. They live as long as the snapshot.
namespace quorate::scheduler {

struct StateCache : model::StageCache {
  std::unordered_map<std::string_view, xml::Element> template_elements;
  bool templates_indexed = false;
  std::unordered_map<const void*, xml::Element> expanded;  ///< by element that uses a template

  HistoryIndex histories;
  std::vector<std::unique_ptr<FailCountIndex>> fail_counts;  ///< by NodeId
  std::unordered_map<std::string, Digests> digests;          ///< by node, resource, task, interval
  std::unordered_set<std::string> failed_keys;               ///< node and key of recorded failures
  std::unordered_set<const void*> expired_recurring;         ///< entries, see restart_digest()
  std::int64_t instance_resources = 0;                       ///< in all instances and replicas
  std::vector<model::Resource*> containers_to_stop;          ///< after all histories, newest last
};

StateCache& cache_of(Context& context);

}  // namespace quorate::scheduler
