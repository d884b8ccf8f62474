#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "status/show.h"

/// One primitive as status shows it (spec/07 §9, spec/13 §9): the facts, and its line.
namespace quorate::status {

/// `class[:provider]:type`.
std::string agent_text(const model::Resource& resource);
/// Current role, Started of a promotable clone's instance as Unpromoted (spec/13 §3.2).
model::Role display_role(const model::Resource& resource);
/// target-role Stopped, or Unpromoted below a promotable clone (spec/13 §9.3).
bool is_disabled(const model::Resource& resource);
/// Made by the cluster itself: connections of guests, parts of bundles.
bool is_implicit(const model::Resource& resource);
/// `Starting`, `Promoting`, …; empty if none or only a monitor is pending (spec/03 §14.3).
std::string_view pending_text(const model::Resource& resource);
bool pending_monitor(const model::Resource& resource);
/// Exit code description of a masked failed probe of the resource there (null: anywhere); empty if
/// none (spec/07 §9.1 PROBE).
std::string_view masked_probe_text(const model::Snapshot& snapshot, const model::Resource& resource,
                                   const model::Node* node);
/// A probe whose failure only says that the agent isn't there (spec/13 §13.2).
bool is_masked_probe(xml::Element history_entry);
/// First of the resource or its descendants' configured target role.
model::Role configured_role(const model::Resource& resource);

/// The line of a primitive under another name and at another node than its own, as replicas of
/// bundles need.
std::string primitive_line(const model::Snapshot& snapshot, const model::Resource& resource,
                           const Show& show, std::string_view name, const model::Node* node);
/// The line of a primitive (spec/13 §9.1).
std::string primitive_line(const model::Snapshot& snapshot, const model::Resource& resource,
                           const Show& show);
/// CSS class (spec/13 §17).
std::string_view primitive_style(const model::Resource& resource);

}  // namespace quorate::status
