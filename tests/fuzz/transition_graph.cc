// Any document as a transition graph, walked to its end with every action succeeding.
#include <cstdint>
#include <string_view>

#include "transition/graph.h"
#include "transition/walker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  auto graph = transition::parse_graph(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!graph) return 0;
  transition::Walker walker(std::move(*graph));
  for (int steps = 0; steps < 10'000 && !walker.finished(); ++steps) {
    const auto start = walker.next();
    if (!start) break;
    walker.complete(start->action->id, steps % 7 == 0);
  }
  return 0;
}
