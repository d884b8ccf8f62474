#pragma once

#include <string>
#include <vector>

#include "quorate/demo/cluster_watch.h"
#include "quorate/demo/service_probe.h"

namespace quorate::demo {

/// What the demo shows: lines that stay, and on a terminal a live block beneath them.
class Screen {
 public:
  Screen();
  /// A line that stays.
  void say(const std::string& line);
  /// The live block; without a terminal nothing.
  void show(const Picture& picture, const ServiceProbe::Numbers& numbers);
  /// Removes the live block.
  void clear();

 private:
  bool terminal_;
  int lines_ = 0;
};

}  // namespace quorate::demo
