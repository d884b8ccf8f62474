#include "quorate/demo/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorate::demo {

bool Timeline::note(std::int64_t at_us, const std::string& what) {
  if (when(what)) return false;
  entries_.push_back({at_us, what});
  return true;
}

std::optional<std::int64_t> Timeline::when(const std::string& what) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.what == what; });
  return found == entries_.end() ? std::nullopt : std::optional(found->at_us);
}

std::vector<std::string> Timeline::table(std::int64_t zero_us) const {
  std::vector<Entry> ordered;
  for (const Entry& entry : entries_) {
    if (entry.at_us >= zero_us) ordered.push_back(entry);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Entry& a, const Entry& b) { return a.at_us < b.at_us; });
  std::vector<std::string> lines;
  std::int64_t last_us = zero_us;
  for (const Entry& entry : ordered) {
    lines.push_back(fmt::format("{:9.1f} ms  {:+9.1f}  {}",
                                static_cast<double>(entry.at_us - zero_us) / 1000.0,
                                static_cast<double>(entry.at_us - last_us) / 1000.0, entry.what));
    last_us = entry.at_us;
  }
  return lines;
}

}  // namespace quorate::demo
