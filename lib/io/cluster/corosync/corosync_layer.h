#pragma once

#include <functional>
#include <memory>

#include "io/cluster/layer.h"

namespace quorate::cluster {

/// The layer on corosync (CPG, quorum, cmap, cfg), as it runs on this node. Waits up to `wait_ms`
/// for corosync to answer. Errors: kDisconnected if it doesn't, kInvalid if its configuration can't
/// be used.
/// `around_connecting` is called with each attempt to connect; tests use it to enter a node.
Result<std::unique_ptr<Layer>> open_corosync_layer(
    io::Loop& loop, std::int64_t wait_ms,
    std::function<void(const std::function<void()>&)> around_connecting = {});

}  // namespace quorate::cluster
