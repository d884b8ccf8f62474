#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace quorate::cli {

/// How another of the tools ended, and what it printed.
struct SiblingResult {
  int exit_code = 0;
  std::string output;
};

/// Runs the tool `name` that lies beside this program, and waits for it. Standard error is shared;
/// standard output too unless `capture`. kIo if it can't be run.
Result<SiblingResult> run_sibling(const std::string& name,
                                  const std::vector<std::string>& arguments, bool capture = false);

}  // namespace quorate::cli
