#pragma once

#include <cstdint>
#include <string>

namespace quorate::properties {

/// How much of everything a random cluster has. Together with a seed it decides the cluster.
struct Shape {
  std::uint64_t seed = 1;
  int nodes = 3;
  int remotes = 0;  ///< remote nodes; guests come with primitives that say so
  int primitives = 3;
  int groups = 1;
  int clones = 1;
  int bundles = 0;
  int templates = 0;
  int locations = 2;
  int colocations = 1;
  int orders = 1;
  int tickets = 0;
  int events = 2;  ///< what happens in its life
};

/// A shape drawn from the seed alone.
Shape shape_of(std::uint64_t seed);
/// As options of the program, to run it again.
std::string to_text(const Shape& shape);

}  // namespace quorate::properties
