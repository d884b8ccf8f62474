#include "io/ipc/endpoint.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace quorate::ipc {
namespace {

/// Hundreds of clients may come at once while the service is busy with one of them.
constexpr int kBacklog = SOMAXCONN;
constexpr std::size_t kNameBufferBytes = 64 * 1024;

Error io_error(const std::string& path, const char* what, int error) {
  const ErrorKind kind = error == EACCES || error == EPERM          ? ErrorKind::kPermission
                         : error == ECONNREFUSED || error == ENOENT ? ErrorKind::kDisconnected
                         : error == EAGAIN                          ? ErrorKind::kTimeout
                                                                    : ErrorKind::kIo;
  return {kind, path + ": " + what + ": " + std::strerror(error)};
}

/// A socket address for any path: one that is too long is reached through a descriptor of its
/// folder, which lives as long as this.
struct Address {
  sockaddr_un name{};
  io::Fd folder;
};

Result<Address> address_of(const std::string& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  std::string usable = path;
  if (path.size() >= sizeof address.name.sun_path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return tl::unexpected(io_error(path, "address", ENAMETOOLONG));
    address.folder = io::Fd(open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!address.folder) return tl::unexpected(io_error(path, "cannot open folder", errno));
    usable = "/proc/self/fd/" + std::to_string(address.folder.get()) + path.substr(slash);
  }
  if (usable.size() >= sizeof address.name.sun_path)
    return tl::unexpected(io_error(path, "address", ENAMETOOLONG));
  std::memcpy(address.name.sun_path, usable.c_str(), usable.size() + 1);
  return address;
}

io::Fd stream_socket() {
  return io::Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const sockaddr* as_sockaddr(const sockaddr_un& name) {
  return reinterpret_cast<const sockaddr*>(&name);
}

std::string group_name(gid_t gid) {
  std::vector<char> buffer(kNameBufferBytes);
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->gr_name;
  return {};
}

/// Name of the user; `gid` becomes the primary group from the database.
std::string user_name(uid_t uid, gid_t& gid) {
  std::vector<char> buffer(kNameBufferBytes);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return {};
  gid = found->pw_gid;
  return found->pw_name;
}

}  // namespace

std::string run_directory() {
  const char* set = std::getenv("QUORATE_RUN_DIR");
  return set && *set ? set : "/run/quorate";
}

std::string service_path(std::string_view run_directory, std::string_view service) {
  return std::string(run_directory) + "/" + std::string(service) + ".sock";
}

Result<io::Fd> listen_at(const std::string& path, std::uint32_t mode) {
  auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  if (const auto other = connect_to(path); other || other.error().kind == ErrorKind::kTimeout)
    return fail(ErrorKind::kExists, path + ": another process answers there; stop it first");
  struct stat existing {};
  if (lstat(path.c_str(), &existing) == 0) {
    if (!S_ISSOCK(existing.st_mode))
      return fail(ErrorKind::kExists, path + ": exists and is not a socket; remove it");
    unlink(path.c_str());
  }
  io::Fd fd = stream_socket();
  if (!fd) return tl::unexpected(io_error(path, "socket", errno));
  // The mode is that of the socket before bind, further cut by the umask; chmod then sets it. Until
  // listen nobody can connect.
  fchmod(fd.get(), static_cast<mode_t>(mode));
  if (bind(fd.get(), as_sockaddr(address->name), sizeof address->name) != 0)
    return tl::unexpected(io_error(path, "bind", errno));
  if (chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
    return tl::unexpected(io_error(path, "chmod", errno));
  if (listen(fd.get(), kBacklog) != 0) return tl::unexpected(io_error(path, "listen", errno));
  return fd;
}

Result<io::Fd> connect_to(const std::string& path) {
  auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  io::Fd fd = stream_socket();
  if (!fd) return tl::unexpected(io_error(path, "socket", errno));
  if (connect(fd.get(), as_sockaddr(address->name), sizeof address->name) != 0)
    return tl::unexpected(io_error(path, "connect", errno));
  return fd;
}

Result<PeerCredentials> peer_credentials(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return fail(ErrorKind::kIo, std::string("peer credentials: ") + std::strerror(errno));
  PeerCredentials peer;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = credentials.pid;
  peer.privileged = credentials.uid == 0 || credentials.uid == geteuid();
  gid_t primary = credentials.gid;
  peer.user = user_name(credentials.uid, primary);

  std::vector<gid_t> groups{credentials.gid};
  if (!peer.user.empty()) {
    int count = 256;
    std::vector<gid_t> listed(static_cast<std::size_t>(count));
    if (getgrouplist(peer.user.c_str(), primary, listed.data(), &count) < 0) {
      listed.resize(static_cast<std::size_t>(std::max(count, 0)));
      if (getgrouplist(peer.user.c_str(), primary, listed.data(), &count) < 0) count = 0;
    }
    listed.resize(static_cast<std::size_t>(std::max(count, 0)));
    groups.insert(groups.end(), listed.begin(), listed.end());
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  for (const gid_t gid : groups)
    if (std::string name = group_name(gid); !name.empty()) peer.groups.push_back(std::move(name));
  return peer;
}

bool may_connect(const PeerCredentials& peer, std::string_view group) {
  return peer.privileged ||
         std::find(peer.groups.begin(), peer.groups.end(), group) != peer.groups.end();
}

}  // namespace quorate::ipc
