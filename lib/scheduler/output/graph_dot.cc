#include <string>
#include <vector>

#include "scheduler/actions/operation.h"
#include "scheduler/output/action_element.h"
#include "scheduler/output/graph_xml.h"

/// The dot form of the graph (spec/06 §14).
namespace quorate::scheduler {

using graph::Action;
using graph::Edge;
namespace flag = graph::flag;

namespace {

/// Key by the name the history knows, with the notification as its pseudo-action has it.
std::string history_key(Context& context, Action& action) {
  std::string key(action.resource->history_id);
  key += '_';
  if (action.task == "notify" || action.task == "notified") {
    key += action_meta(context, action, "notify_key_type").value_or("");
    key += "_notify_";
    key += action_meta(context, action, "notify_key_operation").value_or("");
    return key += "_0";
  }
  key += action.task == "cancel" ? action.cancelled_task : action.task;
  key += '_';
  return key += std::to_string(action.interval_ms);
}

std::string dot_name(Context& context, Action& action) {
  std::string host;
  if (action.node != nullptr) {
    host = action.node->name;
  } else if (!action.pseudo()) {
    host = "<none>";
  }
  const std::string prefix = action.task == "cancel" ? "Cancel " : "";
  const auto with_host = [&](std::string_view name) {
    std::string text = prefix;
    text += name;
    if (!host.empty()) text.append(" ").append(host);
    return text;
  };
  if (action.resource != nullptr && !action.resource->history_id.empty()) {
    return with_host(history_key(context, action));
  }
  if (action.task == "stonith") {
    return std::string("stonith '")
        .append(action.meta.get_or("stonith_action", {}))
        .append("' ")
        .append(host);
  }
  if (host.empty()) return std::string(action.key);
  return with_host(action.resource != nullptr ? action.key : action.task);
}

struct Style {
  std::string_view style = "dashed";
  std::string_view color;
  std::string_view font;
  bool always = true;
};

Style style_of(const Action& action) {
  const std::string_view font = action.pseudo() ? "orange" : "black";
  if (action.has(flag::kGraphed)) return {"bold", "green", font, true};
  if (action.resource != nullptr && !action.resource->managed) {
    return {"dashed", "red", "purple", false};
  }
  if (!action.required()) return {"dashed", "blue", font, false};
  return {"dashed", "red", font, true};
}

}  // namespace

std::string write_graph_dot(Context& context, bool all_actions) {
  std::string text = " digraph \"g\" {\n";
  std::vector<std::string> names(context.graph.actions.size() + 1);
  std::vector<bool> marked(names.size());
  const auto name_of = [&](Action& action) -> const std::string& {
    std::string& name = names[static_cast<std::size_t>(action.number)];
    if (name.empty()) name = dot_name(context, action);
    return name;
  };
  for (Action* action = context.graph.newest; action != nullptr; action = action->next) {
    const Style style = style_of(*action);
    if (!style.always && !all_actions) continue;
    marked[static_cast<std::size_t>(action->number)] = true;
    text.append("\"").append(name_of(*action)).append("\" [ style=").append(style.style);
    text.append(" color=\"").append(style.color).append("\" fontcolor=\"");
    text.append(style.font).append("\"]\n");
  }
  for (Action* then = context.graph.newest; then != nullptr; then = then->next) {
    for (const Edge* edge = then->before; edge != nullptr; edge = edge->next) {
      std::string_view style = "bold";
      if (!edge->is_input) {
        if (edge->tags == 0) continue;
        const bool both = marked[static_cast<std::size_t>(edge->other->number)] &&
                          marked[static_cast<std::size_t>(then->number)];
        if (!all_actions && (!both || edge->tags == graph::tag::kLoad)) continue;
        style = "dashed";
      }
      text.append("\"").append(name_of(*edge->other)).append("\" -> \"").append(name_of(*then));
      text.append("\" [ style = ").append(style).append("]\n");
    }
  }
  return text += "}\n";
}

}  // namespace quorate::scheduler
