// Lives of random clusters, many of them, each plan held to the properties. See README.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <map>

#include "life.h"

namespace {

using quorate::properties::Life;
using quorate::properties::Shape;

/// What is wrong, without the particulars.
std::string_view kind_of(std::string_view wrong) { return wrong.substr(0, wrong.find(':')); }

/// Leaves out whatever a failure of this kind doesn't need.
Shape smaller(Shape shape, std::string_view kind, bool must_settle) {
  const auto fails = [&](const Shape& tried) {
    return kind_of(Life(tried, must_settle).live()) == kind;
  };
  bool progress = true;
  while (progress) {
    progress = false;
    for (int Shape::*part : {&Shape::events, &Shape::tickets, &Shape::orders, &Shape::colocations,
                             &Shape::locations, &Shape::templates, &Shape::bundles, &Shape::clones,
                             &Shape::groups, &Shape::primitives, &Shape::remotes, &Shape::nodes}) {
      const int least = part == &Shape::nodes ? 1 : 0;
      while (shape.*part > least) {
        Shape tried = shape;
        --(tried.*part);
        if (!fails(tried)) break;
        shape = tried;
        progress = true;
      }
    }
  }
  return shape;
}

}  // namespace

int main(int argc, char** argv) {
  Shape shape;
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  std::string save;
  bool must_settle = true;
  CLI::App app{"Lets random clusters live and holds every plan to the properties of README.md."};
  app.add_option("--seed", first, "First (or only) seed");
  app.add_option("--count", count, "How many clusters")->check(CLI::PositiveNumber);
  app.add_flag("--settle,!--no-settle", must_settle, "The last plan must do nothing (default)");
  app.add_option("--save", save, "Write the CIB of the last plan made to this file");
  std::map<std::string, int*> parts = {{"--nodes", &shape.nodes},
                                       {"--remotes", &shape.remotes},
                                       {"--primitives", &shape.primitives},
                                       {"--groups", &shape.groups},
                                       {"--clones", &shape.clones},
                                       {"--bundles", &shape.bundles},
                                       {"--templates", &shape.templates},
                                       {"--locations", &shape.locations},
                                       {"--colocations", &shape.colocations},
                                       {"--orders", &shape.orders},
                                       {"--tickets", &shape.tickets},
                                       {"--events", &shape.events}};
  std::vector<CLI::Option*> given;
  for (auto& [name, value] : parts) {
    given.push_back(app.add_option(name, *value, "How many of these, instead of as the seed says")
                        ->check(CLI::Range(0, 100)));
  }
  CLI11_PARSE(app, argc, argv);
  bool shaped = false;
  for (const CLI::Option* option : given) shaped = shaped || option->count() > 0;

  const auto start = std::chrono::steady_clock::now();
  std::uint64_t failed = 0;
  std::uint64_t plans = 0;
  std::map<std::string_view, int> exceptions;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Shape tried = shaped ? shape : quorate::properties::shape_of(seed);
    tried.seed = seed;
    Life life(tried, must_settle);
    const std::string wrong = life.live();
    plans += static_cast<std::uint64_t>(life.plans());
    const std::uint64_t done = seed - first + 1;
    if (done % 1000 == 0) fmt::print(stderr, "{} clusters done, {} failed\n", done, failed);
    if (!save.empty()) std::ofstream(save) << life.cib().to_file_text();
    if (!life.exception().empty()) ++exceptions[life.exception()];
    if (wrong.empty()) continue;
    ++failed;
    fmt::print("cluster {} FAILED: {}\n", seed, wrong);
    if (!shaped) {
      fmt::print("  replay: {} {}{} --save cib.xml\n", argv[0], must_settle ? "" : "--no-settle ",
                 quorate::properties::to_text(smaller(tried, kind_of(wrong), must_settle)));
    }
  }
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} clusters from {}: {} failed; {} plans in {:.1f} s\n", count, first, failed, plans,
             took);
  for (const auto& [why, times] : exceptions) {
    fmt::print("{} never came to rest: {}\n", times, why);
  }
  return failed > 0 ? 1 : 0;
}
