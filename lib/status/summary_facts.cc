#include "status/summary_facts.h"

#include "status/node.h"

namespace quorate::status {
namespace {

std::optional<std::string_view> first_value(xml::Element within, std::string_view name) {
  std::optional<std::string_view> value;
  xml::for_each_descendant(within, [&](xml::Element element) {
    if (!value && element.name() == "nvpair" && element.get_or("name", {}) == name) {
      value = element.get("value");
    }
  });
  return value;
}

}  // namespace

std::optional<std::string_view> first_option(const model::Snapshot& snapshot,
                                             std::string_view name) {
  // The usual place comes first in a document, and the rest can be large.
  if (const auto value = first_value(snapshot.sections.crm_config, name)) return value;
  return first_value(snapshot.cib, name);
}

bool versions_differ(const model::Snapshot& snapshot) {
  std::optional<std::string_view> first;
  for (const model::Node& node : snapshot.nodes) {
    const auto set = feature_set(node);
    if (!set) continue;
    if (first && *first != *set) return true;
    first = set;
  }
  return false;
}

PolicyWords policy_words(model::QuorumPolicy policy) {
  switch (policy) {
    case model::QuorumPolicy::kFreeze:
      return {"freeze", "Freeze resources"};
    case model::QuorumPolicy::kStop:
      return {"stop", "Stop ALL resources"};
    case model::QuorumPolicy::kDemote:
      return {"demote", "Demote promotable resources and stop all other resources"};
    case model::QuorumPolicy::kIgnore:
      return {"ignore", "Ignore"};
    case model::QuorumPolicy::kFence:
      return {"fence", "Fence nodes in partition"};
  }
  return {};
}

}  // namespace quorate::status
