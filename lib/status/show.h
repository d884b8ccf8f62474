#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"
#include "status/time_text.h"

namespace quorate::status {

/// What is shown of a cluster, and how much of it (spec/13 §4, §16). The defaults are those of
/// crm_simulate.
struct Show {
  bool inactive = true;
  bool pending = true;
  bool detail = false;
  bool brief = false;
  bool group_by_node = false;
  bool descriptions = false;
  UtcOffset zone = nullptr;                           ///< of the times shown
  bool resource_only = false;                         ///< leave out where it runs
  std::optional<std::vector<std::string>> nodes;      ///< names; absent: all
  std::optional<std::vector<std::string>> resources;  ///< ids; absent: all

  bool wants_node(std::string_view name) const;
  /// The resource's printable or exact id is in the filter (no parents considered).
  bool names(const model::Resource& resource) const;
};

/// Does the resource pass the resource filter (spec/13 §16)?
bool passes(const Show& show, const model::Resource& resource, bool consider_parent);
/// True unless it is active, but only on nodes that aren't wanted.
bool on_wanted_node(const Show& show, const model::Resource& resource);

/// Node names a `--node` value stands for; resource ids a `--resource` value stands for
/// (spec/13 §16). Absent for all.
std::optional<std::vector<std::string>> node_filter(model::Snapshot& snapshot,
                                                    std::string_view value);
std::optional<std::vector<std::string>> resource_filter(model::Snapshot& snapshot,
                                                        std::string_view value);

}  // namespace quorate::status
