#include "scheduler_service/input_archive.h"

#include <utility>

namespace quorate {
namespace {

std::string file_name(std::string_view series, std::uint64_t number) {
  return "pe-" + std::string(series) + "-" + std::to_string(number) + ".bz2";
}

}  // namespace

std::string series_file(std::string_view series) { return "pe-" + std::string(series) + ".last"; }

InputArchive::InputArchive(std::string folder,
                           std::map<std::string, std::uint64_t, std::less<>> next)
    : folder_(std::move(folder)), next_(std::move(next)) {}

std::string InputArchive::keep(std::string_view series, std::int64_t limit, std::string input,
                               Effects& effects) {
  if (!takes(input)) return {};
  if (limit == 0) return {};
  std::uint64_t& next = next_[std::string(series)];
  if (limit > 0 && next >= static_cast<std::uint64_t>(limit)) next = 0;
  const std::uint64_t number = next++;
  if (waiting_.size() >= kMaxWaiting) {
    effects.push_back(Log{
        {LogLevel::kWarning, "Plans are made faster than their inputs can be saved: giving up " +
                                 file_name(waiting_.front().series, waiting_.front().number)}});
    waiting_.pop_front();
  }
  waiting_.push_back({std::string(series), number, next, std::move(input)});
  if (request_ == 0) start(effects);
  return folder_ + "/" + file_name(series, number);
}

void InputArchive::start(Effects& effects) {
  if (waiting_.empty()) return;
  current_ = std::move(waiting_.front());
  waiting_.pop_front();
  request_ = ++last_request_;
  effects.push_back(
      ComputeAside{request_, std::string(kSaveTask), std::exchange(current_.input, {})});
}

bool InputArchive::compute_done(const ComputeDone& event, Effects& effects) {
  if (event.request < kFirstRequest) return false;
  if (event.request != request_) return true;
  request_ = 0;
  if (event.failed) {
    effects.push_back(Log{{LogLevel::kWarning, file_name(current_.series, current_.number) +
                                                   " couldn't be saved: " + event.output}});
  } else {
    // Several plans a second come with changes: nobody waits for a disk on their account.
    constexpr auto kHow = WriteFile::How::kReplaceUnsynced;
    effects.push_back(WriteFile{++last_request_, file_name(current_.series, current_.number),
                                event.output, 0, kHow});
    effects.push_back(WriteFile{++last_request_, series_file(current_.series),
                                std::to_string(current_.following) + "\n", 0, kHow});
  }
  start(effects);
  return true;
}

bool InputArchive::file_written(const FileWritten& event, Effects& effects) {
  if (event.request < kFirstRequest) return false;
  if (!event.ok) {
    effects.push_back(
        Log{{LogLevel::kWarning, "A scheduler input couldn't be saved: " + event.error}});
  }
  return true;
}

}  // namespace quorate
