#include "io/cluster/layer.h"

#include "io/cluster/corosync/corosync_layer.h"
#include "io/cluster/local/local_layer.h"

namespace quorate::cluster {
namespace {
/// corosync may just be starting, or starting again.
constexpr std::int64_t kWaitForCorosyncMs = 5000;
}  // namespace

Result<std::unique_ptr<Layer>> open_layer(io::Loop& loop, std::string_view description,
                                          std::string_view node) {
  constexpr std::string_view kLocal = "local:";
  if (description.starts_with(kLocal))
    return open_local_layer(loop, std::string(description.substr(kLocal.size())), node);
  if (description.empty() || description == "corosync")
    return open_corosync_layer(loop, kWaitForCorosyncMs);
  return fail(ErrorKind::kUnsupported,
              "cluster layer \"" + std::string(description) +
                  "\" is unknown to this build; use corosync or local:FOLDER");
}

}  // namespace quorate::cluster
