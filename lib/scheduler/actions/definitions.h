#pragma once

#include <string_view>

#include "scheduler/context.h"

/// What follows from a changed definition (spec/05 §6). Nothing outside lib/scheduler/actions
/// includes this.
namespace quorate::scheduler {

/// Checks one entry of the history of an active resource and schedules what it calls for: cancel,
/// reschedule, reload or restart. True if the definition changed (spec/05 §6.2).
bool check_definition(Context& context, model::Resource& resource, model::Node& node,
                      xml::Element entry);
/// Whether type, class or provider differ from the history; if it is active, schedules its stop
/// (spec/05 §6.6).
bool agent_changed(Context& context, model::Resource& resource, model::Node& node,
                   xml::Element history, bool active);
/// Schedules deletion of the history (spec/05 §6.7).
void clean_up(Context& context, model::Resource& resource, model::Node& node);
/// Cancels a recurring action found in the history (spec/05 §9.5).
void cancel_running(Context& context, model::Resource& resource, model::Node& node,
                    xml::Element entry, std::string_view why);

}  // namespace quorate::scheduler
