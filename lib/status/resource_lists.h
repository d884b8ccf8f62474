#pragma once

#include <string>
#include <vector>

#include "model/snapshot.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Resources as status shows them (spec/07 §9-10, §20.1, spec/13 §9-10). Cost: linear in what is
/// shown.
namespace quorate::status {

/// One resource of any kind, with what belongs to it. True if anything was written.
bool write_resource(ListWriter& out, const model::Snapshot& snapshot,
                    const model::Resource& resource, const Show& show);
void write_resource(xml::Writer& out, const model::Snapshot& snapshot,
                    const model::Resource& resource, const Show& show);

/// The brief form: counts per agent and node (spec/13 §10.4).
std::vector<std::string> brief_lines(const std::vector<model::Resource*>& resources,
                                     const Show& show);

/// The whole section (spec/13 §10.5); true if the heading was written.
bool write_resources(ListWriter& out, const model::Snapshot& snapshot, const Show& show);
bool write_resources(xml::Writer& out, const model::Snapshot& snapshot, const Show& show);

}  // namespace quorate::status
