#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Nodes as status shows them (spec/07 §8, §20.1, spec/13 §8).
namespace quorate::status {

enum class Health : std::uint8_t { kGreen, kYellow, kRed };
/// Displayed health (spec/03 §17.1).
Health node_health(const model::Snapshot& snapshot, const model::Node& node);

/// Name, with detail also the host of a guest and the id if it differs (spec/13 §8.1).
std::string display_name(const model::Node& node, bool detail);
/// `UNCLEAN (offline)`, `standby`, … (spec/07 §8.1).
std::string_view node_status_text(const model::Node& node);
/// Feature set of an online cluster node, `<3.15.1` if unknown; absent for others.
std::optional<std::string_view> feature_set(const model::Node& node);

/// The Node List; nothing, and false, without nodes.
bool write_nodes(ListWriter& out, const model::Snapshot& snapshot, const Show& show);
void write_nodes(xml::Writer& out, const model::Snapshot& snapshot, const Show& show);

}  // namespace quorate::status
