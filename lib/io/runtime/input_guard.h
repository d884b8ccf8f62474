#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace quorate::runtime {

/// Remembers over the death of a daemon what it was working on, so that an input that brought it
/// down twice isn't given to it a third time (architecture: "One bad input never takes two nodes").
/// A small file mapped into memory: a mark costs two stores and survives SIGKILL and a crash of the
/// process. Slot 0 is the main loop's, the others are the workers'.
class InputGuard {
 public:
  static constexpr std::size_t kSlots = 8;
  static constexpr std::uint32_t kMaxDeaths = 2;

  /// Reads what the former process left behind. Without the file (unwritable folder) the guard
  /// works for nothing and marks nothing.
  explicit InputGuard(const std::string& path);
  ~InputGuard();
  InputGuard(const InputGuard&) = delete;
  InputGuard& operator=(const InputGuard&) = delete;

  /// A number for an input: 64 bits of FNV-1a over `kind` and content (a sample
  /// of it beyond 256 KiB); never 0.
  static std::uint64_t mark_of(std::string_view kind, std::string_view content);
  /// The daemon died on this input kMaxDeaths times.
  bool is_poison(std::uint64_t mark) const;
  /// Work on an input begins and ends. Thread-safe between slots.
  void begin(std::size_t slot, std::uint64_t mark);
  void end(std::size_t slot);
  /// Deaths in the middle of an input so far, for the log.
  std::size_t deaths() const;
  /// Removes the file if there is nothing in it to be remembered. At a clean end.
  void remove_if_clean();

 private:
  struct File;
  void record_death(std::uint64_t mark);
  std::string path_;
  File* file_ = nullptr;
};

}  // namespace quorate::runtime
