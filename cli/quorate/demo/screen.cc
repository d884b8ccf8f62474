#include "quorate/demo/screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace quorate::demo {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string with_plan(std::string line, const std::string& plan) {
  return plan.empty() ? line : fmt::format("{:<42}  > {}", line, plan);
}

struct Size {
  std::size_t rows = 24;
  std::size_t columns = 80;
};
Size terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_row, size.ws_col};
}

}  // namespace

std::vector<std::string> live_lines(const Picture& picture, const ServiceProbe::Numbers& numbers) {
  std::vector<std::string> lines = {""};
  for (const Picture::NodeLine& node : picture.nodes) {
    const std::string state = node.state + (node.dc ? ", DC" : "");
    lines.push_back(with_plan(fmt::format("  {:<12}{}", node.name, state), node.plan));
  }
  for (const Picture::ResourceLine& resource : picture.resources) {
    const std::string state = resource.state + " " + joined(resource.places);
    lines.push_back(with_plan(fmt::format("  {:<12}{}", resource.name, state), resource.plan));
  }
  if (numbers.answered > 0) {
    lines.push_back(fmt::format("  service     {} answers, the last from {}, {} failures",
                                numbers.answered, numbers.node, numbers.failed));
  }
  return lines;
}

Screen::Screen() : terminal_(::isatty(STDOUT_FILENO) == 1) {}

void Screen::clear() {
  if (drawn_ > 0) fmt::print("\033[{}A\033[J", drawn_);
  drawn_ = 0;
  live_.clear();
}

void Screen::say(const std::string& line) {
  const std::vector<std::string> live = live_;
  clear();
  fmt::print("{}\n", line);
  std::fflush(stdout);
  if (!live.empty()) show(live);
}

void Screen::show(const std::vector<std::string>& lines) {
  if (!terminal_) return;
  clear();
  live_ = lines;
  // A line that wraps, or a block that scrolls, could not be taken back.
  const Size size = terminal_size();
  drawn_ = std::min(lines.size(), size.rows - 1);
  for (std::size_t i = 0; i < drawn_; ++i) {
    fmt::print("{}\n", std::string_view(lines[i]).substr(0, size.columns - 1));
  }
  std::fflush(stdout);
}

}  // namespace quorate::demo
