#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/loop/fd.h"

namespace quorate::demo {

/// Environment variable of everything a demo starts: its folder. Tells its processes from those a
/// user started in the same surroundings.
inline constexpr std::string_view kDemoVariable = "QUORATE_DEMO";

/// The folder a demo works in, in $TMPDIR. Whoever makes it holds a lock on it for as long as he
/// lives, and a janitor (a process of its own) watches him: if the demo ends in any way without
/// having removed its folder, the janitor kills what runs from it and removes it.
class DemoFolder {
 public:
  /// kIo, with a message that says which folder and what to do.
  static Result<DemoFolder> make();
  DemoFolder(DemoFolder&& other) noexcept;
  DemoFolder& operator=(DemoFolder&&) = delete;
  /// Removes it, unless it is to stay, and sends the janitor home.
  ~DemoFolder();

  const std::string& path() const { return path_; }
  /// What is in it is to stay, for a person to look at; no later demo removes it.
  void leave_for_inspection();

 private:
  DemoFolder(std::string path, io::Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  io::Fd lock_;
  pid_t janitor_ = -1;
  bool stays_ = false;
};

/// Processes of this user that were started with kDemoVariable naming this folder.
std::vector<pid_t> processes_from(const std::string& folder);

/// Removes what demos of this user that were killed together with their janitors have left in
/// $TMPDIR: processes and folders. Returns the folders.
std::vector<std::string> remove_abandoned();

}  // namespace quorate::demo
