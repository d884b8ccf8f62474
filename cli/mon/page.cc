#include "mon/page.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "common/files.h"

namespace quorate::cli::mon {

std::string output_as_text(Format format, const std::vector<std::string>& arguments,
                           const std::function<int(Output&)>& write) {
  char* data = nullptr;
  std::size_t size = 0;
  std::FILE* memory = ::open_memstream(&data, &size);
  if (memory == nullptr) return {};
  {
    const auto output = Output::into(memory, "crm_mon", format, arguments);
    output->finish(write(*output));
  }
  std::string text(data, size);
  std::free(data);
  return text;
}

Result<void> replace_file(const std::string& path, std::string_view content) {
  struct stat found {};
  const bool exists = ::lstat(path.c_str(), &found) == 0;
  if (exists && !S_ISREG(found.st_mode)) return write_file(path, content);
  const std::string fresh = path + ".new";
  auto written = write_file(fresh, content);
  // A folder in which nothing can be made may still hold a file that can be written.
  if (!written) return exists ? write_file(path, content) : written;
  if (exists) ::chmod(fresh.c_str(), found.st_mode & 07777);
  if (std::rename(fresh.c_str(), path.c_str()) == 0) return {};
  const std::string why = std::strerror(errno);
  ::unlink(fresh.c_str());
  return fail(ErrorKind::kIo, why);
}

}  // namespace quorate::cli::mon
