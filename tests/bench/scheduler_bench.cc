// Where the time of a plan goes, stage by stage: scheduler_bench FILE [--benchmark_...], with a
// file of generate.py.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "cib/upgrade.h"
#include "scheduler/actions/actions.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/output/graph_xml.h"
#include "scheduler/placement/placement.h"
#include "scheduler/state/state.h"

namespace {

using namespace quorate;

std::string content_of(const char* name) {
  std::ifstream file(name, std::ios::binary | std::ios::ate);
  std::string text(file ? static_cast<std::size_t>(file.tellg()) : 0, '\0');
  file.seekg(0);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

struct Stage {
  const char* name;
  void (*run)(scheduler::Context&);
};

void read(scheduler::Context& context) {
  if (!scheduler::read_state(context)) std::abort();
}
void unpack(scheduler::Context& context) {
  scheduler::apply_node_health(context);
  scheduler::unpack_constraints(context);
  scheduler::apply_node_criteria(context);
  for (model::Resource* resource : context.snapshot.resources) {
    scheduler::create_implicit_colocations(context, *resource);
    scheduler::create_implicit_orderings(context, *resource);
  }
}
void place(scheduler::Context& context) { scheduler::place_resources(context, nullptr); }
void create(scheduler::Context& context) {
  scheduler::create_actions(context);
  scheduler::create_node_actions(context);
}
void write(scheduler::Context& context) {
  benchmark::DoNotOptimize(scheduler::write_graph_xml(context, 1));
}

// In the order of schedule.cc.
constexpr Stage kStages[] = {
    {"read_state", read},
    {"unpack_constraints", unpack},
    {"check_changed_definitions", scheduler::check_changed_definitions},
    {"place_resources", place},
    {"create_actions", create},
    {"apply_orderings", scheduler::apply_orderings},
    {"write_graph_xml", write},
};

/// Runs all stages and measures one.
void measure_stage(benchmark::State& state, xml::Element cib, const Stage& measured) {
  using Clock = std::chrono::steady_clock;
  for (auto _ : state) {
    model::Snapshot snapshot;
    graph::ActionGraph graph;
    snapshot.cib = cib;
    snapshot.now_seconds = 1700007200;
    scheduler::Context context{snapshot, graph};
    for (const Stage& stage : kStages) {
      const Clock::time_point start = Clock::now();
      stage.run(context);
      if (&stage != &measured) continue;
      state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
      break;
    }
  }
}

void measure_parse(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(xml::Document::parse(text));
}

void measure_upgrade(benchmark::State& state, xml::Document& document) {
  const std::string claimed(document.root().get_or("validate-with", {}));
  for (auto _ : state) {
    cib::Schemas schemas;
    document.root().set("validate-with", claimed);
    benchmark::DoNotOptimize(cib::make_usable(document, schemas));
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: scheduler_bench FILE [--benchmark_...]\n");
    return 64;
  }
  const std::string text = content_of(argv[1]);
  auto document = xml::Document::parse(text, argv[1]);
  if (!document) {
    std::fprintf(stderr, "%s\n", document.error().message.c_str());
    return 65;
  }
  const auto unit = benchmark::kMillisecond;
  benchmark::RegisterBenchmark("parse", measure_parse, text)->Unit(unit);
  benchmark::RegisterBenchmark("upgrade", [&](benchmark::State& state) {
    measure_upgrade(state, *document);
  })->Unit(unit);
  for (const Stage& stage : kStages) {
    benchmark::RegisterBenchmark(
        stage.name, [&](benchmark::State& state) { measure_stage(state, document->root(), stage); })
        ->Unit(unit)
        ->UseManualTime();
  }
  benchmark::RunSpecifiedBenchmarks();
}
