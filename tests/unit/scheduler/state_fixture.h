#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "graph/action.h"
#include "model/snapshot.h"
#include "scheduler/state/state.h"
#include "xml/document.h"

namespace quorate::scheduler::testing {

/// A small CIB read by the state stage, with what tests ask of it.
struct State {
  explicit State(const std::string& text, std::int64_t now = 1'700'000'000)
      : document(xml::Document::parse(text).value()), context{snapshot, graph} {
    snapshot.cib = document.root();
    snapshot.now_seconds = now;
    read = read_state(context).has_value();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  model::Node& node(std::string_view name) { return *snapshot.find_node_by_name(name); }
  model::Resource& resource(std::string_view id) { return *snapshot.find_resource(id); }
  bool exists(std::string_view id) { return snapshot.find_resource(id) != nullptr; }
  bool said(std::string_view part) const {
    return std::any_of(snapshot.messages.begin(), snapshot.messages.end(),
                       [&](const auto& m) { return m.text.find(part) != std::string::npos; });
  }
  Score score(std::string_view resource_id, std::string_view node_name) {
    const auto* entry = resource(resource_id).allowed.find(node(node_name));
    return entry == nullptr ? 12345 : entry->score;
  }
  std::string active(std::string_view id) {
    std::string names;
    for (const model::Node* at : resource(id).active) names += std::string(at->name) + " ";
    return names;
  }
  /// `key@node` of every action, in order of creation, `?` behind optional ones.
  std::string actions() const {
    std::string text;
    for (const graph::Action& action : graph.actions) {
      text += std::string(action.key) + "@" +
              (action.node == nullptr ? "" : std::string(action.node->name)) +
              (action.required() ? " " : "? ");
    }
    return text;
  }

  xml::Document document;
  model::Snapshot snapshot;
  graph::ActionGraph graph;
  Context context;
  bool read = false;
};

/// Parts of a CIB put together.
struct CibParts {
  std::string options = {};  ///< nvpairs of crm_config
  std::string nodes = {};    ///< node elements; default: n1 and n2
  std::string resources = {};
  std::string defaults = {};  ///< after resources: rsc_defaults, op_defaults, tags ...
  std::string status = {};
  std::string root = R"(have-quorum="1" dc-uuid="1")";
};

inline std::string option(const std::string& name, const std::string& value) {
  return "<nvpair id=\"o-" + name + "\" name=\"" + name + "\" value=\"" + value + "\"/>";
}

inline std::string cib(const CibParts& parts) {
  const std::string nodes =
      parts.nodes.empty() ? R"(<node id="1" uname="n1"/><node id="2" uname="n2"/>)" : parts.nodes;
  return "<cib crm_feature_set=\"3.20.5\" " + parts.root +
         "><configuration><crm_config><cluster_property_set id=\"cib-bootstrap-options\">" +
         parts.options + "</cluster_property_set></crm_config><nodes>" + nodes +
         "</nodes><resources>" + parts.resources + "</resources><constraints/>" + parts.defaults +
         "</configuration><status>" + parts.status + "</status></cib>";
}

/// node_state of an online member with histories inside.
inline std::string online(int id, const std::string& histories = "",
                          const std::string& attributes = "") {
  const std::string number = std::to_string(id);
  std::string text = "<node_state id=\"" + number + "\" uname=\"n" + number +
                     "\" in_ccm=\"true\" crmd=\"online\" join=\"member\" expected=\"member\">";
  if (!attributes.empty()) {
    text += "<transient_attributes id=\"" + number + "\"><instance_attributes id=\"s" + number +
            "\">" + attributes + "</instance_attributes></transient_attributes>";
  }
  return text + "<lrm id=\"" + number + "\"><lrm_resources>" + histories +
         "</lrm_resources></lrm></node_state>";
}

inline std::string history(const std::string& id, const std::string& entries,
                           const std::string& extra = "") {
  return "<lrm_resource id=\"" + id + "\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\" " +
         extra + ">" + entries + "</lrm_resource>";
}

struct Op {
  std::string id = {};
  std::string task = {};
  int interval_ms = 0;
  int call = 1;
  int code = 0;
  int expected = 0;
  int status = 0;
  std::string extra = {};
};

inline std::string op(const Op& o) {
  const std::string rc = std::to_string(o.code);
  const std::string target = std::to_string(o.expected);
  const std::string status = std::to_string(o.status);
  return "<lrm_rsc_op id=\"" + o.id + "\" operation_key=\"" + o.id + "\" operation=\"" + o.task +
         "\" interval=\"" + std::to_string(o.interval_ms) + "\" call-id=\"" +
         std::to_string(o.call) + "\" rc-code=\"" + rc + "\" op-status=\"" + status +
         "\" transition-key=\"3:7:" + target + ":uuid\" transition-magic=\"" + status + ":" + rc +
         ";3:7:" + target + ":uuid\" " + o.extra + "/>";
}

inline std::string dummy(const std::string& id, const std::string& inside = "") {
  return "<primitive id=\"" + id + "\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\">" +
         inside + "</primitive>";
}

inline std::string meta(const std::string& owner, const std::string& name,
                        const std::string& value) {
  return "<meta_attributes id=\"" + owner + "-meta\"><nvpair id=\"" + owner + "-" + name +
         "\" name=\"" + name + "\" value=\"" + value + "\"/></meta_attributes>";
}

}  // namespace quorate::scheduler::testing
