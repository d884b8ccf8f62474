#pragma once

#include <map>
#include <optional>
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

/// `op-restart-digest` of a history entry. For a recurring operation whose failure has expired a
/// value that no computed digest equals (spec/03 §11.6).
std::optional<std::string_view> restart_digest(Context& context, xml::Element entry);

}  // namespace quorate::scheduler
