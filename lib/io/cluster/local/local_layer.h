#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/cluster/layer.h"

namespace quorate::cluster {

/// The local layer: all nodes on one host, ordered by one hub process (hub.h) that listens in
/// `folder`, where the cluster's node list is (ClusterFile). For trying and testing.
Result<std::unique_ptr<Layer>> open_local_layer(io::Loop& loop, const std::string& folder,
                                                std::string_view node);

}  // namespace quorate::cluster
