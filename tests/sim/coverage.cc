#include "coverage.h"

#include <fmt/format.h>

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
