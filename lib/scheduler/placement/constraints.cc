#include "scheduler/placement/constraints.h"

#include "scheduler/actions/ordering.h"
#include "scheduler/placement/placement.h"
#include "scheduler/placement/references.h"

namespace quorate::scheduler {

namespace {

xml::Element constraints_section(xml::Element cib) {
  return cib.first_child("configuration").first_child("constraints");
}

}  // namespace

void unpack_constraints(Context& context) {
  auto& relations = context.graph.relations;
  for (xml::Element constraint : xml::children(constraints_section(context.snapshot.cib))) {
    const std::string_view kind = constraint.name();
    const std::size_t first_new = relations.size();
    if (constraint.id().empty()) {
      report_error(context, text_of("Ignoring <", kind, "> constraint without id"));
    } else if (kind == "rsc_location") {
      unpack_location(context, constraint);
    } else if (kind == "rsc_colocation") {
      unpack_colocation(context, constraint);
    } else if (kind == "rsc_ticket") {
      unpack_ticket(context, constraint);
    } else if (kind == "rsc_order") {
      unpack_order(context, constraint);
    } else {
      report_error(context, text_of("Unsupported constraint type: ", kind));
    }
    for (std::size_t i = first_new; i < relations.size(); ++i) {
      relations[i].constraint_id = constraint.id();
    }
  }
}

void ban_everywhere(Context& context, model::Resource& resource) {
  for (model::Node* node : context.snapshot.nodes_by_name) {
    model::adjust_score(resource, *node, -kInfinity, "ban");
  }
}

}  // namespace quorate::scheduler
