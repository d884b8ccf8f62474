#pragma once

#include <string>
#include <vector>

#include "quorate/demo/cluster_watch.h"
#include "quorate/demo/service_probe.h"

namespace quorate::demo {

/// The live block: a line for each node and each resource, what is to happen with it and why, and
/// one for the service.
std::vector<std::string> live_lines(const Picture& picture, const ServiceProbe::Numbers& numbers);

/// What the demo shows: lines that stay, and on a terminal the live block beneath them.
class Screen {
 public:
  Screen();
  /// A line that stays.
  void say(const std::string& line);
  /// The live block; without a terminal nothing.
  void show(const std::vector<std::string>& lines);
  /// Removes the live block.
  void clear();

 private:
  bool terminal_;
  std::vector<std::string> live_;
  std::size_t drawn_ = 0;  ///< lines of it that are on the terminal
};

}  // namespace quorate::demo
