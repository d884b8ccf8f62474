#pragma once

#include <string>
#include <vector>

#include "scheduler/output/summary.h"
#include "status/list_writer.h"
#include "xml/writer.h"

/// The Transition Summary (spec/07 §14, §20.4).
namespace quorate::status {

/// `Fence (reboot) n1 'reason'` and `Move  db  ( n1 -> n2 )`, aligned; without list and heading.
std::vector<std::string> transition_lines(const scheduler::Summary& summary);

void write_transition_summary(ListWriter& out, const scheduler::Summary& summary);
void write_transition_summary(xml::Writer& out, const scheduler::Summary& summary);

}  // namespace quorate::status
