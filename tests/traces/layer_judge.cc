// layer_judge FILE...: whether the simulator's model of the cluster layer could have told the
// processes of these traces what they heard. Exit status 0 if so, 1 with the reasons if not, 2 if a
// file can't be read.
#include <fstream>
#include <iostream>
#include <iterator>

#include "layer_trace.h"

int main(int argc, char** argv) {
  using namespace quorate::traces;
  std::vector<TracedMembership> all;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i]);
    auto read = read_trace(file, argv[i]);
    if (!file.is_open() || !read) {
      std::cerr << (read ? std::string(argv[i]) + ": can't be opened" : read.error().message)
                << "\n";
      return 2;
    }
    std::move(read->begin(), read->end(), std::back_inserter(all));
  }
  std::size_t views = 0;
  std::size_t messages = 0;
  for (const TracedMembership& each : all) {
    views += each.views.size();
    for (const TracedView& view : each.views) messages += view.delivered.size();
  }
  const auto wrong = judge(all);
  constexpr std::size_t kShown = 30;
  for (std::size_t i = 0; i < wrong.size() && i < kShown; ++i) std::cout << wrong[i] << "\n";
  std::cout << all.size() << " memberships, " << views << " views, " << messages << " deliveries, "
            << wrong.size() << " wrong\n";
  return wrong.empty() && messages > 0 ? 0 : 1;
}
