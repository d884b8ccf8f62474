#pragma once

#include <string_view>

/// Deliberate bugs for tests/sim/planted: they show that the simulator finds what it is there to
/// find. In ordinary builds `planted()` is constant false and leaves no trace in the program.
namespace quorate {

#ifdef QUORATE_PLANTED
/// The bug that is switched on, empty for none. Set once, before any core exists.
inline std::string_view planted_bug_name;
inline bool planted(std::string_view bug) { return planted_bug_name == bug; }
inline bool plant_bug(std::string_view bug) {
  planted_bug_name = bug;
  return true;
}
#else
constexpr bool planted(std::string_view) { return false; }
constexpr bool plant_bug(std::string_view) { return false; }
#endif

}  // namespace quorate
