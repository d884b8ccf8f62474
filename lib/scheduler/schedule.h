#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "scheduler/context.h"
#include "scheduler/output/summary.h"
#include "scheduler/placement/placement.h"

/// The policy engine: one pure function from a CIB to a plan (spec/03-06). Daemon, crm_simulate,
/// tests and simulator all call it. Same input, same bytes out.
namespace quorate::scheduler {

/// Input of one run. The document must already be of the newest schema version and must outlive the
/// result; it is changed in one place only (the quirk of spec/03 §11.6).
struct Input {
  xml::Element cib;
  std::int64_t now_seconds = 0;
  std::int32_t now_offset_seconds = 0;    ///< of that time from UTC
  std::int32_t local_offset_seconds = 0;  ///< local time zone's, now
  bool sanitized = false;
  std::string_view local_node_name;
  int transition_id = 1;
  bool want_scores = false;
  bool want_utilization = false;
  bool want_dot = false;
  bool dot_all_actions = false;
  bool want_graph = true;
  bool want_reasons = false;  ///< for explain; see Schedule::recorder
};

/// The plan. Snapshot and actions stay available for status text, summaries and explain.
struct Schedule {
  std::unique_ptr<model::Snapshot> snapshot;
  std::unique_ptr<graph::ActionGraph> actions;
  std::unique_ptr<Recorder> recorder;  ///< null unless reasons were asked for
  ScoreListing listing;
  Summary summary;
  std::string graph_xml;
  std::string graph_dot;
};

/// Reads the state only (spec/03): for status, locations and verification.
Result<Schedule> read_only(const Input& input);
/// Reads the state and constraints without planning, for crm_verify (spec/04 §2 step 4).
Result<Schedule> verify(const Input& input);
/// Plans from what read_only() read, once; `input` may differ in what is wanted only. For callers
/// that show the state first.
void plan(Schedule& run, const Input& input);
/// The whole run: read_only() and plan().
Result<Schedule> schedule(const Input& input);

}  // namespace quorate::scheduler
