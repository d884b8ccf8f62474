#pragma once

#include "model/snapshot.h"
#include "scheduler/context.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Node Attributes (spec/07 §11.1, spec/13 §11).
namespace quorate::status {

/// Nothing, and false, if no online node has an attribute to show.
bool write_node_attributes(ListWriter& out, scheduler::Context& context, const Show& show);
bool write_node_attributes(xml::Writer& out, scheduler::Context& context, const Show& show);

}  // namespace quorate::status
