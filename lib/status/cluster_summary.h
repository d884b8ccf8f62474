#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Cluster Summary (spec/13 §7).
namespace quorate::status {

struct SummaryParts {
  bool stack = true;
  bool dc = true;
  bool times = true;
  bool counts = true;
  bool options = false;
  bool maintenance = true;
  bool any_item() const { return stack || dc || times || counts || options; }
};

/// What isn't in the CIB.
struct LiveFacts {
  std::int64_t now_seconds = 0;               ///< of the clock on the wall
  std::optional<std::string> launcher_state;  ///< code of spec/13 §5, e.g. `running`
  std::optional<std::string> local_node;      ///< unknown without a cluster
};

/// True if anything was written.
bool write_cluster_summary(ListWriter& out, const model::Snapshot& snapshot, const Show& show,
                           const SummaryParts& parts, const LiveFacts& live);
bool write_cluster_summary(xml::Writer& out, const model::Snapshot& snapshot, const Show& show,
                           const SummaryParts& parts, const LiveFacts& live);
/// The maintenance text below the list, with its leading empty line; empty if neither applies.
std::string maintenance_text(const model::Snapshot& snapshot);
/// Friendly text of a launcher state code; the one for `invalid` if unknown.
std::string_view launcher_state_text(std::string_view code);

}  // namespace quorate::status
