#include <nlohmann/json.hpp>

#include "quorate/explain/render.h"

namespace quorate::cli {
namespace {

using nlohmann::ordered_json;

ordered_json of(const explain::Reason& reason) {
  ordered_json json{{"kind", reason.kind}, {"text", reason.text}};
  if (!reason.id.empty()) json["id"] = reason.id;
  if (reason.score) json["score"] = format_score(*reason.score);
  return json;
}

ordered_json of(const std::vector<explain::Reason>& reasons) {
  ordered_json json = ordered_json::array();
  for (const explain::Reason& reason : reasons) json.push_back(of(reason));
  return json;
}

ordered_json of(const explain::Edit& edit) {
  ordered_json json{{"operation", explain::operation_name(edit.operation)}, {"xpath", edit.xpath}};
  if (edit.operation == explain::Edit::Operation::kCreate) json["xml"] = edit.xml;
  if (edit.operation == explain::Edit::Operation::kModify) {
    ordered_json attributes = ordered_json::object();
    for (const auto& [name, value] : edit.attributes) {
      attributes[name] = value ? ordered_json(*value) : ordered_json(nullptr);
    }
    json["attributes"] = std::move(attributes);
  }
  return json;
}

ordered_json of(const explain::Change& change) {
  ordered_json edits = ordered_json::array();
  for (const explain::Edit& edit : change.edits) edits.push_back(of(edit));
  ordered_json json{{"text", change.text}};
  if (!change.command.empty()) json["command"] = change.command;
  json["edits"] = std::move(edits);
  return json;
}

ordered_json of(const explain::NodeVerdict& verdict) {
  ordered_json json{{"node", verdict.node}, {"runs", verdict.chosen}};
  if (verdict.score) json["score"] = format_score(*verdict.score);
  json["reasons"] = of(verdict.reasons);
  if (!verdict.asked) return json;
  ordered_json changes = ordered_json::array();
  for (const explain::Change& change : verdict.changes) changes.push_back(of(change));
  json["changes"] = std::move(changes);
  return json;
}

ordered_json of(const explain::Explanation& answer) {
  ordered_json nodes = ordered_json::array();
  for (const explain::NodeVerdict& verdict : answer.nodes) nodes.push_back(of(verdict));
  return {{"resource", answer.resource},       {"kind", answer.kind},
          {"runs-on", answer.runs_on},         {"will-run-on", answer.will_run_on},
          {"promoted-on", answer.promoted_on}, {"reasons", of(answer.state)},
          {"nodes", std::move(nodes)}};
}

ordered_json of(const explain::PlannedAction& action) {
  ordered_json json{{"number", action.number}, {"key", action.key}, {"task", action.task}};
  if (!action.resource.empty()) json["resource"] = action.resource;
  if (!action.node.empty()) json["node"] = action.node;
  json["pseudo"] = action.pseudo;
  json["reason"] = action.reason;
  ordered_json inputs = ordered_json::array();
  for (const explain::PlannedAction::Input& input : action.waits_for) {
    ordered_json one{{"number", input.number}, {"action", input.text}};
    if (!input.constraint.empty()) one["constraint"] = input.constraint;
    inputs.push_back(std::move(one));
  }
  json["waits-for"] = std::move(inputs);
  return json;
}

std::string printed(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string json_of(const std::vector<explain::Explanation>& answers) {
  ordered_json list = ordered_json::array();
  for (const explain::Explanation& answer : answers) list.push_back(of(answer));
  return printed({{"resources", std::move(list)}});
}

std::string json_of(const std::vector<explain::PlannedAction>& plan) {
  ordered_json list = ordered_json::array();
  for (const explain::PlannedAction& action : plan) list.push_back(of(action));
  return printed({{"actions", std::move(list)}});
}

}  // namespace quorate::cli
