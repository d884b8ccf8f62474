#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "messages/core.h"

namespace quorate {

/// Name of the ComputeAside task that makes the content of a file from an input.
inline constexpr std::string_view kSaveTask = "save-input";
/// Where a series stands, in the folder of inputs: `pe-input.last`.
std::string series_file(std::string_view series);

/// Keeps what plans were made from, to be looked at and replayed with `crm_simulate -x` (spec/09
/// §11, pe-input-series-max and its like in spec/01): FOLDER/pe-SERIES-N.bz2, N from 0 up to the
/// series' limit, then from 0 again. Content is made and written aside, after the plan was
/// answered.
class InputArchive {
 public:
  static constexpr std::uint64_t kFirstRequest = std::uint64_t{1} << 48;
  /// Inputs that wait to be compressed. Beyond that the oldest are given up: plans come faster than
  /// they can be kept.
  static constexpr std::size_t kMaxWaiting = 8;

  /// A longer input isn't kept: compressing 100 MB takes ten seconds, for every plan.
  static constexpr std::size_t kMaxInputBytes = std::size_t{32} << 20;
  static bool takes(std::string_view input) {
    return !input.empty() && input.size() <= kMaxInputBytes;
  }

  /// `next`: number for the next file of each series, as the files said at start.
  InputArchive(std::string folder, std::map<std::string, std::uint64_t, std::less<>> next);

  /// Takes the input of a plan; its file's path, empty if the series keeps none or it is too long.
  /// `limit`: files of the series; -1: without limit. `series` is "input", "warn" or "error".
  std::string keep(std::string_view series, std::int64_t limit, std::string input,
                   Effects& effects);
  /// True if the event was about this.
  bool compute_done(const ComputeDone& event, Effects& effects);
  bool file_written(const FileWritten& event, Effects& effects);

 private:
  struct Waiting {
    std::string series;
    std::uint64_t number = 0;
    std::uint64_t following = 0;
    std::string input;
  };
  void start(Effects& effects);

  std::string folder_;
  std::map<std::string, std::uint64_t, std::less<>> next_;
  std::deque<Waiting> waiting_;
  Waiting current_;
  std::uint64_t request_ = 0;  ///< of the content being made; 0: none
  std::uint64_t last_request_ = kFirstRequest;
};

}  // namespace quorate
