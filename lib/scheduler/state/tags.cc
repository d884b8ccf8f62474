#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/state/reading.h"

/// Tags (spec/03 §5.12) and the check of fencing topology (§19.2).
namespace quorate::scheduler {

using model::MessageClass;

namespace {
void read_tag(Context& context, xml::Element element) {
  model::Snapshot& snapshot = context.snapshot;
  const auto missing_id = [&](std::string text) {
    snapshot.report(MessageClass::kConfigError, std::move(text));
  };
  if (element.id().empty()) {
    return missing_id(concat({"Ignoring <", element.name(), "> without id"}));
  }
  model::Tag& tag = snapshot.tags[element.id()];
  tag.id = element.id();
  for (xml::Element reference : xml::children(element, "obj_ref")) {
    if (reference.id().empty()) {
      missing_id(concat({"Ignoring <", reference.name(), "> for tag '", tag.id, "' without id"}));
      continue;
    }
    if (std::find(tag.members.begin(), tag.members.end(), reference.id()) == tag.members.end()) {
      tag.members.push_back(reference.id());
    }
  }
}
}  // namespace

void read_tags(Context& context) {
  for (xml::Element element : xml::children(context.snapshot.sections.tags, "tag")) {
    read_tag(context, element);
  }
}

void check_fencing_topology(Context& context) {
  const auto report = [&](std::string text) {
    context.snapshot.report(MessageClass::kConfigError, std::move(text));
  };
  for (xml::Element level :
       xml::children(context.snapshot.sections.fencing_topology, "fencing-level")) {
    const std::string_view id = level.id();
    if (id.empty()) {
      report("Ignoring fencing level without ID");
      continue;
    }
    const auto index = to_integer(level.get_or("index", {}));
    if (!index) {
      report(concat({"Ignoring fencing level ", id, " with invalid index"}));
    } else if (*index < 1 || *index > 9) {
      report(concat(
          {"Ignoring fencing level ", id, " with out-of-range index ", std::to_string(*index)}));
    }
  }
}

}  // namespace quorate::scheduler
