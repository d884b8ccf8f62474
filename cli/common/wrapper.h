#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/options.h"

/// The frame of tools that are wrappers around others and have an older style of messages
/// (spec/13 §28): `error: TEXT` on standard error, then an empty line and the usage on standard
/// output.
namespace quorate::cli {

class Wrapper {
 public:
  Wrapper(const Program& program, std::vector<OptionGroup> groups, int usage_code)
      : program_(program), groups_(std::move(groups)), usage_code_(usage_code) {}

  /// Parses, shows help or version, else runs `body`, whose result is the exit code.
  int run(const std::vector<std::string>& arguments,
          const std::function<int(const ParsedCommandLine&)>& body) const;
  /// What `body` returns for a command line that can't be carried out.
  int usage_error(const std::string& text) const;

 private:
  Program program_;
  std::vector<OptionGroup> groups_;
  int usage_code_;
};

/// The node given, or this one as `crm_node -n` tells it; empty if it can't be found out.
std::string node_or_own(const std::optional<std::string>& given);

/// Runs another tool in place of this one; its exit code.
int delegate_to(const std::string& tool, const std::vector<std::string>& arguments);

}  // namespace quorate::cli
