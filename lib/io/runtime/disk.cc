#include "io/runtime/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "io/loop/fd.h"

namespace quorate::runtime {
namespace {

constexpr mode_t kFileMode = 0600;

#ifdef QUORATE_WITHOUT_FSYNC  // tests/lab: what power loss tests must notice
int sync_all(int) { return 0; }
int sync_data(int) { return 0; }
#else
int sync_all(int fd) { return fsync(fd); }
int sync_data(int fd) { return fdatasync(fd); }
#endif

tl::unexpected<Error> io_failure(const std::string& path, const char* what) {
  const int error = errno;
  return fail(error == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo,
              path + ": " + what + ": " + std::strerror(error));
}

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_failure(path, "write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_whole(int fd, std::string_view content, const std::string& path) {
  if (auto written = write_all(fd, content, path); !written) return written;
  if (sync_all(fd) != 0) return io_failure(path, "fsync");
  return {};
}

/// Room for the content and for what comes after it, so that the file's size seldom changes.
Result<void> make_room(int fd, int folder, std::size_t bytes, const std::string& path) {
  struct stat now {};
  if (fstat(fd, &now) != 0) return io_failure(path, "fstat");
  const auto size = static_cast<std::size_t>(now.st_size);
  if (bytes <= size) return {};
  constexpr std::size_t kStep = std::size_t{64} << 10;
  const std::size_t wanted = (bytes + bytes / 2) / kStep * kStep + kStep;
  if (lseek(fd, now.st_size, SEEK_SET) < 0) return io_failure(path, "lseek");
  if (auto written = write_whole(fd, std::string(wanted - size, '\n'), path); !written) {
    return written;
  }
  if (sync_all(folder) != 0) return io_failure(path, "fsync of its folder");
  if (lseek(fd, 0, SEEK_SET) < 0) return io_failure(path, "lseek");
  return {};
}

/// NAME.1 becomes NAME.2 and so on; NAME stays and also becomes NAME.1.
Result<void> keep_versions(int folder, const std::string& name, int keep, const std::string& path) {
  for (int version = keep - 1; version >= 1; --version) {
    const std::string from = name + "." + std::to_string(version);
    const std::string to = name + "." + std::to_string(version + 1);
    if (renameat(folder, from.c_str(), folder, to.c_str()) != 0 && errno != ENOENT)
      return io_failure(path, "cannot keep a former version");
  }
  if (keep < 1) return {};
  const std::string first = name + ".1";
  unlinkat(folder, first.c_str(), 0);
  if (linkat(folder, name.c_str(), folder, first.c_str(), 0) != 0 && errno != ENOENT)
    return io_failure(path, "cannot keep the former version");
  return {};
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() < 200 &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

Result<void> make_folder(const std::string& path, std::uint32_t mode) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (mkdir(part.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST)
      return io_failure(part, "cannot create folder");
    if (slash == std::string::npos) break;
  }
  struct stat made {};
  if (stat(path.c_str(), &made) != 0) return io_failure(path, "cannot create folder");
  if (!S_ISDIR(made.st_mode)) return fail(ErrorKind::kIo, path + ": is not a folder; remove it");
  return {};
}

Result<void> replace_file(const std::string& folder, const std::string& name,
                          std::string_view content, int keep, bool sync) {
  const std::string path = folder + "/" + name;
  if (!is_plain_name(name)) return fail(ErrorKind::kInvalid, path + ": not a plain file name");
  const io::Fd directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return io_failure(folder, "cannot open folder");
  const std::string fresh = "." + name + ".new";
  {
    const io::Fd file(openat(directory.get(), fresh.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!file) return io_failure(path, "cannot create");
    auto written =
        sync ? write_whole(file.get(), content, path) : write_all(file.get(), content, path);
    if (!written) {
      unlinkat(directory.get(), fresh.c_str(), 0);
      return written;
    }
  }
  if (auto kept = keep_versions(directory.get(), name, keep, path); !kept) return kept;
  if (renameat(directory.get(), fresh.c_str(), directory.get(), name.c_str()) != 0)
    return io_failure(path, "rename");
  if (sync && sync_all(directory.get()) != 0) return io_failure(folder, "fsync");
  return {};
}

Result<void> overwrite_file(const std::string& folder, const std::string& name,
                            std::string_view content) {
  const std::string path = folder + "/" + name;
  if (!is_plain_name(name)) return fail(ErrorKind::kInvalid, path + ": not a plain file name");
  const io::Fd directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return io_failure(folder, "cannot open folder");
  const io::Fd file(openat(directory.get(), name.c_str(),
                           O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!file) return io_failure(path, "cannot open");
  if (auto room = make_room(file.get(), directory.get(), content.size(), path); !room) return room;
  if (auto written = write_all(file.get(), content, path); !written) return written;
  if (sync_data(file.get()) != 0) return io_failure(path, "fdatasync");
  return {};
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const io::Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return io_failure(path, "cannot open");
  std::string content;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failure(path, "read");
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > max_bytes) return fail(ErrorKind::kIo, path + ": is too long to be read");
  }
}

}  // namespace quorate::runtime
