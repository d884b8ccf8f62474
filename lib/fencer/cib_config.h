#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fencer/device.h"
#include "fencer/topology.h"
#include "xml/document.h"

namespace quorate::fencer {

/// What the fencer reads from the CIB for its own node (spec/12 §4, §10.1).
struct CibConfig {
  std::vector<Device> devices;  ///< that may be used from this node
  Topology topology;
  Topology::NodeAttributes node_attributes;  ///< permanent ones, node names in lower case
  std::vector<std::string> notes;            ///< for the log: what was ignored, and why
};

/// Evaluates `configuration` for a node at a time. Location constraints and their rules count, but
/// neither stickiness nor where a device is active.
CibConfig read_cib_config(xml::Element configuration, const std::string& local_node,
                          std::int64_t now_seconds);

}  // namespace quorate::fencer
