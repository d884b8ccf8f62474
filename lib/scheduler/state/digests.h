#pragma once

#include <map>
#include <string>
#include <string_view>

#include "scheduler/state/state.h"

namespace quorate::scheduler {

/// Digests of what an operation would run with, and how the last comparison ended (spec/03 §16.3).
/// A digest is empty if it wasn't computed.
struct Digests {
  std::string main;
  std::string restart;
  std::string secure;
  DigestResult result = DigestResult::kMatch;
};

}  // namespace quorate::scheduler
