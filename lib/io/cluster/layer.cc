#include "io/cluster/layer.h"

#include "io/cluster/local/local_layer.h"

namespace quorate::cluster {

Result<std::unique_ptr<Layer>> open_layer(io::Loop& loop, std::string_view description,
                                          std::string_view node) {
  constexpr std::string_view kLocal = "local:";
  if (description.starts_with(kLocal))
    return open_local_layer(loop, std::string(description.substr(kLocal.size())), node);
  return fail(ErrorKind::kUnsupported, "cluster layer \"" + std::string(description) +
                                           "\" is unknown to this build; use local:FOLDER");
}

}  // namespace quorate::cluster
