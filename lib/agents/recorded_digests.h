#pragma once

#include <map>
#include <optional>
#include <string>

#include "agents/metadata.h"

namespace quorate::agents {

/// The attributes that let the scheduler see changed parameters, recorded with a result
/// (spec/11 §10.5, spec/03 §16.4). Absent ones aren't written.
struct RecordedDigests {
  std::string op_digest;
  std::optional<std::string> op_force_restart;  ///< list of names: two blanks at either end
  std::optional<std::string> op_restart_digest;
  std::optional<std::string> op_secure_params;
  std::optional<std::string> op_secure_digest;
};

/// `parameters` as the action ran with them; `metadata` null if it couldn't be had.
RecordedDigests recorded_digests(const std::map<std::string, std::string>& parameters,
                                 std::int64_t interval_ms, const Metadata* metadata);

}  // namespace quorate::agents
