#include "quorate/demo/screen.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace quorate::demo {

Screen::Screen() : terminal_(::isatty(STDOUT_FILENO) == 1) {}

void Screen::clear() {
  if (lines_ > 0) fmt::print("\033[{}A\033[J", lines_);
  lines_ = 0;
}

void Screen::say(const std::string& line) {
  clear();
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void Screen::show(const Picture& picture, const ServiceProbe::Numbers& numbers) {
  if (!terminal_) return;
  clear();
  std::vector<std::string> lines = {""};
  std::string nodes = "  nodes     ";
  for (const Picture::NodeLine& node : picture.nodes) {
    nodes += fmt::format("{} {}   ", node.name, node.state);
  }
  lines.push_back(nodes);
  for (const Picture::ResourceLine& resource : picture.resources) {
    lines.push_back(fmt::format("  {:<12}{}", resource.name, resource.state));
  }
  lines.push_back(fmt::format("  service   {} answers{}, {} failures", numbers.answered,
                              numbers.node.empty() ? "" : " (last from " + numbers.node + ")",
                              numbers.failed));
  for (const std::string& line : lines) fmt::print("{}\n", line);
  lines_ = static_cast<int>(lines.size());
  std::fflush(stdout);
}

}  // namespace quorate::demo
