#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quorate::demo {

/// What happened when, for the table at the end.
class Timeline {
 public:
  struct Entry {
    std::int64_t at_us = 0;  ///< monotonic
    std::string what;
  };
  /// Notes an event once; a second one of the same words is ignored. True if it was new.
  bool note(std::int64_t at_us, const std::string& what);
  std::optional<std::int64_t> when(const std::string& what) const;
  /// Lines `  12.3 ms   +1.2   what`, from `zero_us` on, in order of time.
  std::vector<std::string> table(std::int64_t zero_us) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace quorate::demo
