#pragma once

#include "common/output.h"
#include "mon/settings.h"
#include "xml/document.h"

namespace quorate::cli::mon {

/// Shows the status of a CIB that is valid and of a usable schema, once, in the output's format
/// (spec/13 §6). `live`: it came from a
/// running cluster, with nothing masked. Returns the exit code.
int show(Output& output, const Settings& settings, const xml::Document& cib, bool live);

}  // namespace quorate::cli::mon
