#include <algorithm>

#include "base/text.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/references.h"
#include "scheduler/state/state.h"

namespace quorate::scheduler {

using model::LossPolicy;
using model::Resource;
using model::Role;
using model::Ticket;
using model::TicketConstraint;

namespace {

Ticket& find_or_create_ticket(Context& context, std::string_view id) {
  auto& tickets = context.snapshot.tickets;
  const auto found = std::find_if(tickets.begin(), tickets.end(),
                                  [&](const Ticket& ticket) { return ticket.id == id; });
  if (found != tickets.end()) return *found;
  Ticket& ticket = tickets.emplace_back();
  ticket.id = id;
  return ticket;
}

LossPolicy parse_policy(Context& context, std::string_view text, std::string_view ticket,
                        Role role) {
  if (iequals(text, "fence")) {
    if (context.snapshot.options.fencing_enabled) return LossPolicy::kFence;
    report_error(context, text_of("Resetting 'loss-policy' for ticket '", ticket,
                                  "' to 'stop' because fencing is not configured"));
    return LossPolicy::kStop;
  }
  if (iequals(text, "freeze")) return LossPolicy::kFreeze;
  if (iequals(text, "demote")) return LossPolicy::kDemote;
  if (iequals(text, "stop")) return LossPolicy::kStop;
  return role == Role::kPromoted ? LossPolicy::kDemote : LossPolicy::kStop;
}

/// What a lost ticket does to one primitive that is active (spec/04 §7).
void lose_ticket(Context& context, const TicketConstraint& constraint, Resource& resource) {
  const bool matches =
      constraint.role == Role::kUnknown || constraint.role == model::role_of(resource);
  const Reason reason{Cause::kTicket, constraint.id, nullptr};
  switch (constraint.policy) {
    case LossPolicy::kStop:
      ban_everywhere(context, resource);
      return note(context, resource, reason);
    case LossPolicy::kDemote:
      if (constraint.role != Role::kPromoted) ban_everywhere(context, resource);
      return note(context, resource, reason);
    case LossPolicy::kFence:
      if (!matches) return;
      ban_everywhere(context, resource);
      note(context, resource, reason);
      for (model::Node* node : resource.active) {
        request_fencing(context, *node, "deadman ticket was lost");
      }
      return;
    case LossPolicy::kFreeze:
      if (!matches) return;
      resource.managed = false;
      resource.blocked = true;
      note_state(context, resource, reason);
      return;
  }
}

void apply_ticket(Context& context, const TicketConstraint& constraint, Resource& resource) {
  if (constraint.ticket->granted && !constraint.ticket->standby) return;
  if (!resource.children.empty()) {
    for (Resource* child : resource.children) apply_ticket(context, constraint, *child);
    return;
  }
  if (!constraint.ticket->granted && !resource.active.empty()) {
    lose_ticket(context, constraint, resource);
  } else if (constraint.role != Role::kPromoted || constraint.policy == LossPolicy::kStop) {
    ban_everywhere(context, resource);
    note(context, resource, {Cause::kTicket, constraint.id, nullptr});
  }
}

void add_ticket(Context& context, xml::Element element, Resource& resource, Ticket& ticket,
                std::optional<std::string_view> role_text) {
  const auto role = parse_any_role(role_text);
  if (!role) {
    report_error(context, text_of("Ignoring constraint ", element.id(), ": Invalid role '",
                                  *role_text, "'"));
    return;
  }
  TicketConstraint& constraint = context.snapshot.ticket_constraints.emplace_back();
  constraint.id = element.id();
  constraint.ticket = &ticket;
  constraint.resource = &resource;
  constraint.role = *role;
  constraint.policy = parse_policy(context, element.get_or("loss-policy", {}), ticket.id, *role);
  resource.tickets.push_back(&constraint);
  apply_ticket(context, constraint, resource);
}

}  // namespace

void unpack_ticket(Context& context, xml::Element constraint) {
  const std::string_view ticket_id = constraint.get_or("ticket", {});
  if (ticket_id.empty()) {
    report_error(context, text_of("Ignoring constraint '", constraint.id(), "' without ticket"));
    return;
  }
  Ticket& ticket = find_or_create_ticket(context, ticket_id);
  const ExpandedSets expanded = expand_sets(context, constraint, {{"rsc", "rsc-role"}});
  if (expanded.invalid) return;
  for (const ResourceSet& set : expanded.sets) {
    for (const std::string_view id : set.members) {
      Resource* resource = find_constraint_resource(context, id);
      if (resource == nullptr) {
        report_error(context, text_of(set.id, ": No resource found for ", id));
        return;
      }
      add_ticket(context, constraint, *resource, ticket, set.role);
    }
  }
  if (!expanded.sets.empty()) return;
  const auto id = constraint.get("rsc");
  if (!id) {
    report_error(context, text_of("Ignoring constraint '", constraint.id(), "' without resource"));
    return;
  }
  Resource* resource = find_constraint_resource(context, *id);
  if (resource == nullptr) {
    report_error(context, text_of("Ignoring constraint '", constraint.id(), "' because resource '",
                                  *id, "' does not exist"));
    return;
  }
  add_ticket(context, constraint, *resource, ticket, constraint.get("rsc-role"));
}

}  // namespace quorate::scheduler
