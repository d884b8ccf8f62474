#pragma once

#include <optional>
#include <string_view>

#include "model/snapshot.h"

/// What the summary's text, XML and HTML forms share (spec/13 §7).
namespace quorate::status {

/// Value of the first nvpair of that name anywhere in the CIB.
std::optional<std::string_view> first_option(const model::Snapshot& snapshot,
                                             std::string_view name);
/// Two nodes have a known feature set, and not the same.
bool versions_differ(const model::Snapshot& snapshot);

/// A quorum policy as XML has it, and in words.
struct PolicyWords {
  std::string_view code;
  std::string_view text;
};
PolicyWords policy_words(model::QuorumPolicy policy);

}  // namespace quorate::status
