#include "scheduler/state/history_index.h"

namespace quorate::scheduler {

namespace {
template <class Visitor>
void for_each_history(xml::Element node_state, Visitor&& visit) {
  for (xml::Element lrm : xml::children(node_state, "lrm")) {
    for (xml::Element resources : xml::children(lrm, "lrm_resources")) {
      for (xml::Element resource : xml::children(resources, "lrm_resource")) visit(resource);
    }
  }
}
}  // namespace

const std::vector<xml::Element>& HistoryIndex::find(xml::Element status, std::string_view node,
                                                    std::string_view resource) {
  static const std::vector<xml::Element> kNone;
  const auto [place, is_new] = nodes_.try_emplace(std::string(node));
  ByResource& histories = place->second;
  if (is_new) {
    for (xml::Element state : xml::children(status, "node_state")) {
      if (state.get("uname") != node) continue;
      for_each_history(state,
                       [&](xml::Element history) { histories[history.id()].push_back(history); });
    }
  }
  const auto found = histories.find(resource);
  return found == histories.end() ? kNone : found->second;
}

}  // namespace quorate::scheduler
