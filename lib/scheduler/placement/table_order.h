#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "model/node.h"

namespace quorate::scheduler {

/// Where each key of a table that was filled in this order comes out when the table is walked:
/// positions in `keys`, first visited first (spec/04 §25). Keys are distinct.
std::vector<std::size_t> table_order(const std::vector<std::string_view>& keys);

/// A node table's entries in table order.
std::vector<model::NodeEntry*> in_table_order(model::NodeTable& table);

}  // namespace quorate::scheduler
