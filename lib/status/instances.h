#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/snapshot.h"
#include "status/show.h"

namespace quorate::status {

/// The instances of a clone sorted into what its text form lists (spec/07 §10.2, spec/13 §10.2).
struct InstanceGroups {
  std::vector<const model::Resource*> individual;
  std::vector<const model::Node*> promoted;  ///< in node order, with repetitions
  std::vector<const model::Node*> started;
  /// Status text (`Stopped`, `Stopped (disabled)`, …) to sorted names, in byte order of the texts.
  std::map<std::string, std::vector<std::string>, std::less<>> stopped;
};

InstanceGroups group_instances(const model::Snapshot& snapshot, const model::Resource& clone,
                               const Show& show);

}  // namespace quorate::status
