#include "io/runtime/input_guard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "io/loop/fd.h"

namespace quorate::runtime {
namespace {
constexpr std::size_t kRemembered = 16;
constexpr std::uint64_t kMagic = 0x71756f7261746531;  // "quorate1"
}  // namespace

struct InputGuard::File {
  std::uint64_t magic;
  std::uint64_t next;  ///< place of the next death to be remembered
  std::array<std::atomic<std::uint64_t>, kSlots> working_on;
  struct Death {
    std::uint64_t mark;
    std::uint64_t count;
  };
  std::array<Death, kRemembered> deaths;
};

InputGuard::InputGuard(const std::string& path) : path_(path) {
  const io::Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd || ftruncate(fd.get(), sizeof(File)) != 0) return;
  void* mapped = mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return;
  file_ = static_cast<File*>(mapped);
  if (file_->magic != kMagic) {
    file_->magic = kMagic;
    file_->next = 0;
    for (auto& slot : file_->working_on) slot = 0;
    file_->deaths = {};
  }
  for (auto& slot : file_->working_on)
    if (const std::uint64_t mark = slot.exchange(0); mark != 0) record_death(mark);
}

InputGuard::~InputGuard() {
  if (file_) munmap(file_, sizeof(File));
}

std::uint64_t InputGuard::mark_of(std::string_view kind, std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  add(kind);
  // Of long content a sample: the ends and every page's first bytes. A document's versions differ
  // in their first bytes (epochs), and this runs in the main loop.
  constexpr std::size_t kWhole = 256 * 1024;
  if (content.size() <= kWhole) {
    add(content);
  } else {
    add(std::to_string(content.size()));
    add(content.substr(0, kWhole / 4));
    for (std::size_t at = kWhole / 4; at < content.size(); at += 4096) add(content.substr(at, 16));
    add(content.substr(content.size() - kWhole / 4));
  }
  return hash == 0 ? 1 : hash;
}

void InputGuard::record_death(std::uint64_t mark) {
  for (File::Death& death : file_->deaths)
    if (death.mark == mark) {
      ++death.count;
      return;
    }
  file_->deaths[file_->next % kRemembered] = {mark, 1};
  ++file_->next;
}

bool InputGuard::is_poison(std::uint64_t mark) const {
  if (!file_) return false;
  for (const File::Death& death : file_->deaths)
    if (death.mark == mark && death.count >= kMaxDeaths) return true;
  return false;
}

void InputGuard::begin(std::size_t slot, std::uint64_t mark) {
  if (file_ && slot < kSlots) file_->working_on[slot].store(mark, std::memory_order_release);
}

void InputGuard::end(std::size_t slot) { begin(slot, 0); }

void InputGuard::remove_if_clean() {
  if (file_ && deaths() == 0) unlink(path_.c_str());
}

std::size_t InputGuard::deaths() const {
  std::size_t count = 0;
  if (file_)
    for (const File::Death& death : file_->deaths) count += death.count;
  return count;
}

}  // namespace quorate::runtime
