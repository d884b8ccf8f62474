// Runs simulated clusters from seeds. See README.md in this folder.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

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
  std::string save_coverage;
  std::vector<std::string> sum_coverage;
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
  if (!arguments.options.fault.empty()) command += " --aim '" + arguments.options.fault + "'";
  if (!arguments.options.phase.empty()) command += " --at " + arguments.options.phase;
  if (!arguments.bug.empty()) command += " --bug " + arguments.bug;
  fmt::print("seed {} FAILED {}\n  replay: {}\n", seed, result.what, command);
}

/// Prints what met what; false if something never did.
bool show_coverage(const Coverage& coverage) {
  fmt::print("{}\n", coverage.to_table());
  const std::vector<std::string> never = coverage.never();
  for (const std::string& pair : never) fmt::print("never met: {}\n", pair);
  return never.empty();
}

/// The coverage of ranges that were run before.
int sum_up(const Arguments& arguments) {
  Coverage coverage;
  for (const std::string& name : arguments.sum_coverage) {
    std::ifstream file(name);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (!coverage.add_text(text)) {
      fmt::print(stderr, "sim: {} isn't there or holds no coverage: run its seeds first\n", name);
      return 1;
    }
  }
  return show_coverage(coverage) || !arguments.require_coverage ? 0 : 1;
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
  if (arguments.coverage || arguments.require_coverage) gaps = !show_coverage(coverage);
  if (!arguments.save_coverage.empty()) {
    std::ofstream(arguments.save_coverage) << coverage.to_text();
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
  app.add_option("--faults", arguments.options.faults, "Faults (default: 10 to 12, by the seed)");
  const auto check = [](auto named) {
    return [named](const std::string& name) {
      return named(name) ? std::string() : "unknown: see the table of --coverage for the names";
    };
  };
  app.add_option("--aim", arguments.options.fault, "Only this fault is aimed at phases")
      ->check(check(quorate::sim::fault_named));
  app.add_option("--at", arguments.options.phase, "Faults are aimed at this phase only")
      ->check(check(quorate::sim::phase_named));
  app.add_flag("--trace", arguments.options.trace, "Print everything that happens");
  app.add_flag("--messages", arguments.options.trace_messages,
               "With --trace: also print every event the daemons get");
  app.add_flag("--coverage", arguments.coverage, "Print how often each fault met each phase");
  app.add_flag("--require-coverage", arguments.require_coverage,
               "Fail if a fault never met a phase");
  app.add_option("--save-coverage", arguments.save_coverage, "Write the coverage to this file");
  app.add_option("--sum-coverage", arguments.sum_coverage,
                 "Run nothing: show the sum of coverages that were written");
  app.add_flag("--until-found", arguments.until_found, "Stop at the first failing seed");
  app.add_option("--bug", arguments.bug, "Switch a planted bug on (build with QUORATE_PLANTED)");
  CLI11_PARSE(app, argc, argv);
  if (!arguments.bug.empty() && !quorate::plant_bug(arguments.bug)) {
    fmt::print(stderr,
               "sim: this build has no planted bugs: configure with the preset `planted`\n");
    return 64;
  }
  return arguments.sum_coverage.empty() ? run_all(arguments) : sum_up(arguments);
}
