#include "common/attribute_wait.h"

namespace quorate::cli {

std::function<Result<void>(std::string_view)> set_attribute_wait(AttributeWait& wait) {
  return [&wait](std::string_view text) -> Result<void> {
    if (text == "no") {
      wait = AttributeWait::kNo;
    } else if (text == "local") {
      wait = AttributeWait::kLocal;
    } else if (text == "cluster") {
      wait = AttributeWait::kCluster;
    } else {
      return fail(ErrorKind::kUsage, "--wait= must be one of 'no', 'local', 'cluster'");
    }
    return {};
  };
}

}  // namespace quorate::cli
