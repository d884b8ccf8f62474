#pragma once

#include <optional>
#include <string>

namespace quorate::cli {

struct ExplainOptions {
  std::string resource;  ///< empty: every resource
  std::string node;
  std::optional<std::string> file;  ///< unset: the cluster's CIB
  bool last_plan = false;           ///< the newest input the scheduler saved on this node
  bool plan = false;                ///< the actions instead of the places
  bool every_node = false;          ///< look for changes for each node
  bool json = false;
};

/// `quorate explain`: prints why resources are where they are, and what would change that. Returns
/// the exit status (spec/14 §2.1).
int run_explain(const ExplainOptions& options);

}  // namespace quorate::cli
