#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What status tools ask quorate-cib about its node's copy, besides what is in it.
namespace quorate {

/// `<cib-health-question/>`; answered at once, in every phase.
struct CibHealthQuestion {};

struct CibHealth {
  /// What a person should know, a line each: a damaged file set aside, changes that were
  /// superseded, a disk that can't be written to. Empty if all is well.
  std::vector<std::string> concerns;
};

std::string encode(const CibHealthQuestion& question);
/// By the first bytes; cheap, for every message of a client.
bool is_cib_health_question(std::string_view text);
std::string encode(const CibHealth& health);
/// kInvalid if it is no such message.
Result<CibHealth> decode_cib_health(std::string_view text);

}  // namespace quorate
