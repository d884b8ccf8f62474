#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "messages/attributes.h"

namespace quorate::cli {

/// The value of `--wait`: no, local or cluster (spec/13 §26.1).
std::function<Result<void>(std::string_view)> set_attribute_wait(AttributeWait& wait);

}  // namespace quorate::cli
