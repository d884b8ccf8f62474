#pragma once

#include <string_view>

#include "common/output.h"
#include "scheduler/schedule.h"
#include "simulate/settings.h"

namespace quorate::cli::simulate {

struct ClusterView {
  scheduler::Context context;
  bool attributes = false;
  bool fail_counts = false;
};

/// The frame of spec/07 §8, §20.1: nodes, resources and what else is asked for.
void show_cluster(Output& output, ClusterView view, std::string_view title,
                  std::string_view element, bool pending);

/// Scores and utilization as recorded (spec/07 §13, §20.3).
void show_listing(Output& output, const Settings& settings, const scheduler::Schedule& run);

}  // namespace quorate::cli::simulate
