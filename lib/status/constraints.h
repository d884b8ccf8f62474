#pragma once

#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Tickets and bans (spec/13 §15). Constraints must have been read. Each gives false, and writes
/// nothing, if there are none.
namespace quorate::status {

/// One ticket: the line of the list, and its element.
std::string ticket_line(const model::Ticket& ticket, UtcOffset zone);
void write_ticket(xml::Writer& out, const model::Ticket& ticket, UtcOffset zone);
bool write_tickets(ListWriter& out, const model::Snapshot& snapshot, const Show& show);
bool write_tickets(xml::Writer& out, const model::Snapshot& snapshot, const Show& show);

/// Location constraints with a negative score whose id begins with `prefix`.
bool write_bans(ListWriter& out, const model::Snapshot& snapshot, const Show& show,
                std::string_view prefix);
bool write_bans(xml::Writer& out, const model::Snapshot& snapshot, const Show& show,
                std::string_view prefix);

}  // namespace quorate::status
