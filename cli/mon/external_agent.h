#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/fencer.h"
#include "xml/document.h"

namespace quorate::cli::mon {

/// What an external agent is told of one event (spec/13 §18).
struct AgentEvent {
  std::string node;
  std::string resource;  ///< empty for fencing
  std::string task;
  std::string description;
  int rc = 0;
  int target_rc = 0;
  int status = 0;
};

/// The event of an operation-history element; none if the agent isn't told of it: it has no valid
/// key and magic, or is a probe that found, as expected, nothing running.
std::optional<AgentEvent> event_of(xml::Element entry, std::string_view node);
/// The event of a fencing operation that has ended.
AgentEvent event_of(const fencer::Operation& operation);

/// Starts the program without waiting for it. Its variables are CRM_notify_*; `recipient` may be
/// absent. False if it can't be started.
bool run_external_agent(const std::string& program, const std::optional<std::string>& recipient,
                        const AgentEvent& event);

}  // namespace quorate::cli::mon
