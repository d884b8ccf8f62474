#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/output.h"

/// Options a cluster, a primitive and a fence device have, as front ends ask for them
/// (spec/14 §6.11).
namespace quorate::cli {

struct OptionInfo {
  std::string name;
  std::string type;
  std::optional<std::string> preset;  ///< default value
  std::string summary;
  std::string details = {};              ///< empty: the summary says it all
  std::vector<std::string> values = {};  ///< of type select
  bool generated = false;
  bool advanced = false;
  bool deprecated = false;
  std::string alias = {};  ///< an older name that still works
};

struct OptionCatalog {
  std::string name;
  std::string summary;
  std::string details;
  std::vector<OptionInfo> options;
};

OptionCatalog cluster_options();
OptionCatalog primitive_options();
OptionCatalog fencing_options();

/// Prints a catalog as fancy text or agent metadata; text leaves advanced and deprecated options
/// out unless `all`.
void write_options(Output& output, const OptionCatalog& catalog, bool all);

}  // namespace quorate::cli
