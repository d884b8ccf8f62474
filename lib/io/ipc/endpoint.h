#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/loop/fd.h"
#include "messages/core.h"

namespace quorate::ipc {

/// Where this node's sockets are: $QUORATE_RUN_DIR, or /run/quorate. Several nodes on one host have
/// a folder each; nothing has a name outside of it (no abstract sockets, no /dev/shm).
std::string run_directory();
/// The socket of a service, such as "quorate-cib", in a folder.
std::string service_path(std::string_view run_directory, std::string_view service);

/// A listening stream socket at `path`, non-blocking. A socket that a dead process left behind is
/// replaced; one that is answered gives kExists. `mode` is set before anyone can connect. Paths of
/// more than 107 bytes work (through /proc/self/fd).
Result<io::Fd> listen_at(const std::string& path, std::uint32_t mode);
/// A connected stream socket, non-blocking. kDisconnected if nobody listens, kPermission if not
/// allowed, kTimeout if the listener's queue is full for now.
Result<io::Fd> connect_to(const std::string& path);

/// Who is at the other end, from the kernel, with names from the user database. `privileged` is
/// set for root and for the user this process runs as.
Result<PeerCredentials> peer_credentials(int fd);

/// Whether the peer may talk to a daemon at all: privileged, or in `group`.
bool may_connect(const PeerCredentials& peer, std::string_view group);

}  // namespace quorate::ipc
