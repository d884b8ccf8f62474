#include "status/constraints.h"

#include <fmt/format.h>

#include <algorithm>

#include "status/node.h"
#include "status/time_text.h"

namespace quorate::status {
namespace {

using model::Location;
using model::NodeEntry;

/// Calls visit(location, entry) for each ban, in unpacking order.
template <class Visitor>
void for_each_ban(const model::Snapshot& snapshot, const Show& show, std::string_view prefix,
                  const Visitor& visit) {
  for (const Location* location : snapshot.locations) {
    if (location->resource == nullptr || !location->id.starts_with(prefix)) continue;
    if (!passes(show, *location->resource, true)) continue;
    for (const NodeEntry& entry : location->nodes) {
      if (entry.score < 0) visit(*location, entry);
    }
  }
}

}  // namespace

std::string ticket_line(const model::Ticket& ticket, UtcOffset zone) {
  std::string line = fmt::format("{}\t{}{}", ticket.id, ticket.granted ? "granted" : "revoked",
                                 ticket.standby ? " [standby]" : "");
  if (ticket.last_granted > -1) {
    line += fmt::format(" last-granted=\"{}\"", ctime_text(ticket.last_granted, zone));
  }
  return line;
}

void write_ticket(xml::Writer& out, const model::Ticket& ticket, UtcOffset zone) {
  out.open("ticket");
  out.attribute("id", ticket.id);
  out.attribute("status", ticket.granted ? "granted" : "revoked");
  out.attribute("standby", ticket.standby);
  if (ticket.last_granted > -1) {
    out.attribute("last-granted", ctime_text(ticket.last_granted, zone));
  }
  for (const auto& [name, value] : ticket.state) {
    if (name == "last-granted" || name == "expires" || name == "id" || name == "standby") {
      continue;
    }
    out.attribute(name, value);
  }
  out.close();
}

bool write_tickets(ListWriter& out, const model::Snapshot& snapshot, const Show& show) {
  if (snapshot.tickets.empty()) return false;
  out.begin_list("Tickets");
  for (const model::Ticket& ticket : snapshot.tickets) out.item(ticket_line(ticket, show.zone));
  out.end_list();
  return true;
}

bool write_tickets(xml::Writer& out, const model::Snapshot& snapshot, const Show& show) {
  if (snapshot.tickets.empty()) return false;
  out.open("tickets");
  for (const model::Ticket& ticket : snapshot.tickets) write_ticket(out, ticket, show.zone);
  out.close();
  return true;
}

bool write_bans(ListWriter& out, const model::Snapshot& snapshot, const Show& show,
                std::string_view prefix) {
  bool headed = false;
  for_each_ban(snapshot, show, prefix, [&](const Location& location, const NodeEntry& entry) {
    if (!headed) out.begin_list("Negative Location Constraints");
    headed = true;
    out.item(fmt::format("{}\tprevents {} from running {}on {}", location.id, location.resource->id,
                         location.role == model::Role::kPromoted ? "in Promoted role " : "",
                         display_name(*entry.node, show.detail)));
  });
  if (headed) out.end_list();
  return headed;
}

bool write_bans(xml::Writer& out, const model::Snapshot& snapshot, const Show& show,
                std::string_view prefix) {
  bool headed = false;
  for_each_ban(snapshot, show, prefix, [&](const Location& location, const NodeEntry& entry) {
    if (!headed) out.open("bans");
    headed = true;
    const bool promoted = location.role == model::Role::kPromoted;
    out.open("ban");
    out.attribute("id", location.id);
    out.attribute("resource", location.resource->id);
    out.attribute("node", entry.node->name);
    out.attribute("weight", entry.score);
    out.attribute("promoted-only", promoted);
    out.attribute("master_only", promoted);
    out.close();
  });
  if (headed) out.close();
  return headed;
}

}  // namespace quorate::status
