#pragma once

#include <string>

namespace quorate::demo {

struct DemoOptions {
  int nodes = 3;
  bool keep = false;        ///< leave the cluster up afterwards, until the user ends it
  std::string program_dir;  ///< where quorated and its daemons are
};

/// Brings up a cluster on this host, kills the node that runs the service, shows how the cluster
/// recovers, and cleans up. Needs no root. Returns the exit status: 0 if the service came back and
/// every node was a member again, 130 if it was interrupted before, 1 if something went wrong.
int run_demo(const DemoOptions& options);

}  // namespace quorate::demo
