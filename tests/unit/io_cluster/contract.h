#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/cluster/layer.h"

/// The promises of lib/io/cluster/contract.md as tests against the interface, for every layer.
namespace quorate::cluster {

/// A cluster of nodes 1 to 3, named node1 to node3, with one vote each, made by the layer under
/// test. Destroying a Layer is the death of its process.
class ClusterUnderTest {
 public:
  virtual ~ClusterUnderTest() = default;
  virtual io::Loop& loop() = 0;
  virtual std::unique_ptr<Layer> process_on(NodeNumber node) = 0;
  /// Cuts the network: nodes in `part` reach each other, the rest reach each other. Empty: healed.
  virtual void partition(const std::vector<NodeNumber>& part) = 0;
  /// The machine dies, after its processes; for layers in which it outlives them.
  virtual void end_node(NodeNumber node) { static_cast<void>(node); }
  /// How long the layer may take to notice anything.
  virtual std::int64_t patience_ms() const { return 5000; }
};

/// Runs all contract tests as sections of the running test case.
void check_contract(const std::function<std::unique_ptr<ClusterUnderTest>()>& make);

}  // namespace quorate::cluster
