#include "common/files.h"

#include <bzlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace quorate::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != nullptr && file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

tl::unexpected<Error> system_error(int error) {
  const ErrorKind kind = error == ENOENT   ? ErrorKind::kNotFound
                         : error == EACCES ? ErrorKind::kPermission
                                           : ErrorKind::kIo;
  return fail(kind, std::strerror(error));
}

/// What the file system says a file holds, 0 for pipes and the like.
std::size_t expected_size(std::FILE* file) {
  struct stat status {};
  if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return std::min(static_cast<std::size_t>(status.st_size), kMaxBytes);
}

Result<std::string> read_all(std::FILE* file) {
  constexpr std::size_t kChunk = 256 * 1024;
  std::string text(expected_size(file) + 1, '\0');  // one more, to see the end
  std::size_t used = 0;
  while (const std::size_t got = std::fread(text.data() + used, 1, text.size() - used, file)) {
    used += got;
    if (used > kMaxBytes) return fail(ErrorKind::kIo, "more than 1 GiB");
    if (used == text.size()) text.resize(used + std::max(used, kChunk));
  }
  if (std::ferror(file) != 0) return system_error(errno);
  text.resize(used);
  return text;
}

Result<std::string> read_bzip2(std::FILE* file) {
  int status = BZ_OK;
  BZFILE* stream = BZ2_bzReadOpen(&status, file, 0, 0, nullptr, 0);
  std::string text;
  std::string buffer(256 * 1024, '\0');
  while (status == BZ_OK) {
    const int got = BZ2_bzRead(&status, stream, buffer.data(), static_cast<int>(buffer.size()));
    if (status == BZ_OK || status == BZ_STREAM_END)
      text.append(buffer, 0, static_cast<std::size_t>(got));
    if (text.size() > kMaxBytes) status = BZ_OUTBUFF_FULL;
  }
  int ignored = 0;
  BZ2_bzReadClose(&ignored, stream);
  if (status != BZ_STREAM_END) return fail(ErrorKind::kIo, "not valid bzip2 data");
  return text;
}

}  // namespace

Result<std::string> read_input(const std::string& name) {
  const File file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"));
  if (!file) return system_error(errno);
  return name.ends_with(".bz2") ? read_bzip2(file.get()) : read_all(file.get());
}

Result<void> write_file(const std::string& name, std::string_view content) {
  const File file(std::fopen(name.c_str(), "wb"));
  if (!file) return system_error(errno);
  if (std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
      std::fflush(file.get()) != 0) {
    return system_error(errno);
  }
  return {};
}

std::string file_text(xml::Element root) {
  std::string text = root.to_pretty_string();
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace quorate::cli
