#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/options.h"
#include "common/output.h"

namespace quorate::cli::mon {

/// Sections of the status, a bit set (spec/13 §4.2).
using Sections = std::uint32_t;
namespace section {
inline constexpr Sections kAttributes = 1u << 0;
inline constexpr Sections kBans = 1u << 1;
inline constexpr Sections kCounts = 1u << 2;
inline constexpr Sections kDc = 1u << 3;
inline constexpr Sections kFailCounts = 1u << 4;
inline constexpr Sections kFailures = 1u << 5;
inline constexpr Sections kFencingFailed = 1u << 6;
inline constexpr Sections kFencingPending = 1u << 7;
inline constexpr Sections kFencingSucceeded = 1u << 8;
inline constexpr Sections kMaintenance = 1u << 9;
inline constexpr Sections kNodes = 1u << 10;
inline constexpr Sections kOperations = 1u << 11;
inline constexpr Sections kOptions = 1u << 12;
inline constexpr Sections kResources = 1u << 13;
inline constexpr Sections kStack = 1u << 14;
inline constexpr Sections kTickets = 1u << 15;
inline constexpr Sections kTimes = 1u << 16;
inline constexpr Sections kFencing = kFencingFailed | kFencingPending | kFencingSucceeded;
inline constexpr Sections kSummary = kStack | kDc | kTimes | kCounts | kMaintenance;
inline constexpr Sections kAll = (1u << 17) - 1;
}  // namespace section

/// One `--include` or `--exclude`, in command-line order.
struct SectionChange {
  bool include = true;
  std::string words;
};

/// Which of the options about how long to run came last (spec/13 §4.3).
enum class Wish { kNone, kOneShot, kDaemon, kUpdate };

/// What the command line of crm_mon asks for (spec/13 §4.1).
struct Settings {
  std::vector<SectionChange> changes;
  std::optional<std::string> node, resource;
  bool group_by_node = false, inactive = false, timing = false, detail = false;
  bool descriptions = false, brief = false, quiet = false;
  bool pending = false, as_xml = false, one_shot = false, daemonize = false, pid_file = false;
  bool watch_fencing = false;
  bool html_cgi = false;
  Wish wish = Wish::kNone;
  int fence_level = 1;
  std::int64_t interval_ms = 5000;
  std::optional<std::string> html_stylesheet, html_title, xml_file;
  std::optional<std::string> external_agent, external_recipient;
};

Program program();
std::vector<OptionGroup> option_groups(Settings& settings);

/// What is to be shown, and the prefix of ban ids.
struct Shown {
  Sections sections = 0;
  std::string ban_prefix;
};
/// Works out the sections (spec/13 §4.2 steps 1-3). Error kUsage for an unknown word.
Result<Shown> shown_sections(const Settings& settings, Format format);

}  // namespace quorate::cli::mon
