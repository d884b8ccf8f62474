#pragma once

#include <string>
#include <vector>

namespace quorate::demo {

struct ConfigurationChoices {
  std::vector<std::string> nodes;
  int port = 0;               ///< of the HTTP service
  std::string server;         ///< program of the HTTP service
  std::string switch_folder;  ///< of the power switches
};

/// The demo's `configuration` element: a fence device per node, a group of an HTTP service and a
/// Dummy, a clone, constraints; as a user would write it.
std::string demo_configuration(const ConfigurationChoices& choices);

}  // namespace quorate::demo
