#include "coverage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

namespace quorate::sim {

std::string_view fault_name(Fault fault) {
  static constexpr std::array<std::string_view, kFaultCount> kNames = {
      "delay",           "partition",   "brief cut",      "crash",        "double crash",
      "daemon crash",    "daemon hang", "full disk",      "failed write", "agent fails",
      "agent hangs",     "agent slow",  "fence fails",    "fence slow",   "clock step",
      "sending refused", "slow work",   "launcher crash", "launcher hang"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::string_view phase_name(Phase phase) {
  static constexpr std::array<std::string_view, kPhaseCount> kNames = {
      "join", "transfer", "change", "planning", "fencing", "start", "idle"};
  return kNames[static_cast<std::size_t>(phase)];
}

namespace {

/// The value of an enum of `count` values that has this name.
template <class Enum>
std::optional<Enum> named(std::string_view name, int count, std::string_view (*name_of)(Enum)) {
  for (int i = 0; i < count; ++i) {
    if (name_of(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Fault> fault_named(std::string_view name) {
  return named(name, kFaultCount, fault_name);
}

std::optional<Phase> phase_named(std::string_view name) {
  return named(name, kPhaseCount, phase_name);
}

void Coverage::add(const Coverage& other) {
  for (int fault = 0; fault < kFaultCount; ++fault) {
    for (int phase = 0; phase < kPhaseCount; ++phase) {
      met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)] +=
          other.met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)];
    }
  }
}

std::string Coverage::to_table() const {
  std::string table = fmt::format("{:16}", "fault met phase");
  for (int phase = 0; phase < kPhaseCount; ++phase) {
    table += fmt::format("{:>10}", phase_name(static_cast<Phase>(phase)));
  }
  for (int fault = 0; fault < kFaultCount; ++fault) {
    table += fmt::format("\n{:16}", fault_name(static_cast<Fault>(fault)));
    for (const std::uint64_t count : met[static_cast<std::size_t>(fault)]) {
      table += fmt::format("{:>10}", count);
    }
  }
  return table;
}

std::string Coverage::to_text() const {
  std::string text;
  for (const auto& counts : met) text += fmt::format("{}\n", fmt::join(counts, " "));
  return text;
}

bool Coverage::add_text(const std::string& text) {
  Coverage read;
  std::istringstream stream(text);
  for (auto& counts : read.met) {
    for (std::uint64_t& count : counts) stream >> count;
  }
  std::string rest;
  if (!stream || stream >> rest) return false;
  add(read);
  return true;
}

std::vector<std::string> Coverage::never() const {
  std::vector<std::string> pairs;
  for (int fault = 0; fault < kFaultCount; ++fault) {
    for (int phase = 0; phase < kPhaseCount; ++phase) {
      if (met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)] == 0) {
        pairs.push_back(fmt::format("{} during {}", fault_name(static_cast<Fault>(fault)),
                                    phase_name(static_cast<Phase>(phase))));
      }
    }
  }
  return pairs;
}

}  // namespace quorate::sim
