// Runs simulated clusters from seeds. See README.md in this folder.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "base/planted.h"
#include "run.h"

namespace {

using quorate::sim::Coverage;
using quorate::sim::RunOptions;
using quorate::sim::RunResult;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  RunOptions options;
  bool coverage = false;
  bool require_coverage = false;
  bool until_found = false;
  std::string bug;
  std::string program;
};

void show_failure(const Arguments& arguments, std::uint64_t seed, const RunResult& result) {
  std::string command = fmt::format("{} --seed {} --trace", arguments.program, seed);
  if (arguments.options.nodes > 0) command += fmt::format(" --nodes {}", arguments.options.nodes);
  if (arguments.options.faults > 0) {
    command += fmt::format(" --faults {}", arguments.options.faults);
  }
  if (!arguments.bug.empty()) command += " --bug " + arguments.bug;
  fmt::print("seed {} FAILED {}\n  replay: {}\n", seed, result.what, command);
}

int run_all(const Arguments& arguments) {
  using Clock = std::chrono::steady_clock;
  Coverage coverage;
  std::uint64_t failed = 0;
  std::uint64_t done = 0;
  double simulated_s = 0;
  std::size_t changes = 0;
  std::size_t durable = 0;
  const auto start = Clock::now();
  const bool progress = isatty(STDERR_FILENO) != 0 && arguments.count > 1;
  for (std::uint64_t i = 0; i < arguments.count; ++i) {
    RunOptions options = arguments.options;
    options.seed = arguments.first + i;
    const RunResult result = quorate::sim::run(options);
    ++done;
    coverage.add(result.coverage);
    simulated_s += result.simulated_s;
    changes += result.changes;
    durable += result.durable;
    if (!result.ok) {
      ++failed;
      show_failure(arguments, options.seed, result);
      std::fflush(stdout);
      if (arguments.until_found) break;
    }
    if (progress && done % 10 == 0) {
      fmt::print(stderr, "\r{} of {} seeds, {} failed ", done, arguments.count, failed);
    }
  }
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print(
      "{} seeds from {}: {} passed, {} failed; {:.1f} simulated hours in {:.1f} s ({:.3f} s "
      "a seed), {} of {} changes durable\n",
      done, arguments.first, done - failed, failed, simulated_s / 3600, took,
      took / static_cast<double>(done), durable, changes);
  bool gaps = false;
  if (arguments.coverage) {
    fmt::print("{}\n", coverage.to_table());
    for (const std::string& pair : coverage.never()) {
      fmt::print("never met: {}\n", pair);
      gaps = true;
    }
  }
  return failed > 0 || (gaps && arguments.require_coverage) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.program = argv[0];
  CLI::App app{"Simulates whole clusters under faults, deterministically from seeds."};
  std::string range;
  app.add_option("--seed", arguments.first, "First (or only) seed");
  app.add_option("--count", arguments.count, "How many seeds")->check(CLI::PositiveNumber);
  app.add_option("--nodes", arguments.options.nodes, "Nodes (default: 3 to 7, by the seed)");
  app.add_option("--faults", arguments.options.faults, "Faults (default: 10 to 14, by the seed)");
  app.add_flag("--trace", arguments.options.trace, "Print everything that happens");
  app.add_flag("--messages", arguments.options.trace_messages,
               "With --trace: also print every event the daemons get");
  app.add_flag("--coverage", arguments.coverage, "Print how often each fault met each phase");
  app.add_flag("--require-coverage", arguments.require_coverage,
               "Fail if a fault never met a phase");
  app.add_flag("--until-found", arguments.until_found, "Stop at the first failing seed");
  app.add_option("--bug", arguments.bug, "Switch a planted bug on (build with QUORATE_PLANTED)");
  CLI11_PARSE(app, argc, argv);
  if (!arguments.bug.empty() && !quorate::plant_bug(arguments.bug)) {
    fmt::print(stderr,
               "sim: this build has no planted bugs: configure with the preset `planted`\n");
    return 64;
  }
  return run_all(arguments);
}
