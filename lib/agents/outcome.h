#pragma once

#include <string>
#include <string_view>

#include "agents/standard.h"
#include "base/agent_result.h"
#include "messages/core.h"

/// From how a process ended to a result in OCF terms (spec/11 §2, §8).
namespace quorate::agents {

/// OCF agents: 0-9, 190, 191 as they are, anything else 1 (spec/11 §2.1).
int ocf_exit_code(int status);
/// LSB scripts; `task` is monitor or status, or any other (spec/11 §2.4).
int lsb_exit_code(int status, std::string_view task);

/// The last `ocf-exit-reason:` in standard error; empty without one (spec/11 §2.3).
std::string exit_reason(std::string_view standard_error);

/// The result of an agent's run. `program` is named when it couldn't be run, `timeout_ms` when it
/// took too long.
AgentResult outcome(Standard standard, std::string_view task, std::string_view program,
                    std::int64_t timeout_ms, const ProcessResult& process);

/// What is attached to a result: standard error, else standard output, at most 64 KiB of it (the
/// end is cut off).
std::string output_of(const ProcessResult& process);

/// An interval as log lines and reasons show it: `20s`, `1m30s`, `250ms`.
std::string readable_interval(std::int64_t milliseconds);

}  // namespace quorate::agents
