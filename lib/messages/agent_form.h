#pragma once

#include "base/agent_result.h"
#include "messages/form.h"

namespace quorate::codec {

/// Without one in the message, nothing is known of the result.
template <>
struct Form<AgentResult> {
  static void describe(auto& archive, auto& m) {
    archive("exit-code", m.exit_code, ocf::kUnknown);
    int status = static_cast<int>(m.status);
    archive("status", status, static_cast<int>(ExecutionStatus::kUnknown));
    archive.when_read(m, [&](auto& read) { read.status = execution_status_from(status); });
    archive("reason", m.reason);
  }
};

}  // namespace quorate::codec
