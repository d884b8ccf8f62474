#pragma once

#include "common/output.h"
#include "simulate/settings.h"
#include "xml/document.h"

namespace quorate::cli::simulate {

/// One run on a CIB that is valid and of a usable schema (spec/07 §4). Returns the exit code.
int run(Output& output, const Settings& settings, xml::Document& cib, int verbosity);

/// Timings of a folder of inputs (spec/07 §19). Returns the exit code.
int profile(Output& output, const Settings& settings);

/// Reads, completes, upgrades and validates the input (spec/07 §3). Complaints go to `output`;
/// the error is the exit code, wrapped.
struct InputFailure {
  int exit_code = 0;
};
tl::expected<xml::Document, InputFailure> load_cib(Output& output, const std::string& file,
                                                   int verbosity);
/// The same with the running cluster's CIB.
tl::expected<xml::Document, InputFailure> load_live_cib(Output& output, int verbosity);

/// The moment to use as now: `-t`, the CIB's execution-date, else the clock (spec/07 §6).
struct EffectiveTime {
  std::int64_t seconds = 0;
  std::string line;  ///< to be shown; empty for none
};
EffectiveTime effective_time(const Settings& settings, xml::Element cib);

}  // namespace quorate::cli::simulate
