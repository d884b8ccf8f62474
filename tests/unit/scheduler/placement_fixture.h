#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/actions/actions.h"
#include "scheduler/placement/placement.h"
#include "scheduler/state/state.h"

namespace quorate::scheduler {

/// A small cluster described by a test, placed.
class PlacedCluster {
 public:
  struct Config {
    std::vector<std::string> nodes;
    std::string options = {};      ///< nvpairs
    std::string resources = {};    ///< content of <resources>
    std::string constraints = {};  ///< content of <constraints>
    /// Active resources as {node, history name}.
    std::vector<std::pair<std::string, std::string>> active = {};
    std::string node_content = {};  ///< added to each <node>, %N replaced by the node's number
    std::string tickets = {};
    std::string tags = {};
  };

  explicit PlacedCluster(const Config& config, bool utilization = false) {
    auto parsed = xml::Document::parse(text_of(config));
    REQUIRE(parsed);
    document = std::move(*parsed);
    snapshot.cib = document.root();
    snapshot.now_seconds = 1'000'000;
    REQUIRE(read_state(context));
    apply_node_health(context);
    unpack_constraints(context);
    apply_node_criteria(context);
    for (model::Resource* resource : snapshot.resources) {
      create_implicit_colocations(context, *resource);
    }
    listing.scores = true;
    listing.utilization = utilization;
    place_resources(context, &listing);
  }

  /// The newest line that begins with this text and `: `, without both; `-` if there is none.
  std::string line(const std::string& beginning) const {
    for (auto at = listing.lines.rbegin(); at != listing.lines.rend(); ++at) {
      if (at->rfind(beginning + ": ", 0) == 0) return at->substr(beginning.size() + 2);
    }
    return "-";
  }
  std::string score(const std::string& resource, const std::string& node) const {
    return line("pcmk__primitive_assign: " + resource + " allocation score on " + node);
  }
  /// Name of the node a resource got, empty if none.
  std::string node_of(const std::string& id) {
    const model::Resource* resource = snapshot.find_resource(id);
    REQUIRE(resource != nullptr);
    const model::Node* node = model::placed_node(*resource);
    return node == nullptr ? "" : std::string(node->name);
  }
  bool said(const std::string& text) const {
    for (const model::Message& message : snapshot.messages) {
      if (message.text == text) return true;
    }
    return false;
  }

  xml::Document document;  ///< outlives what points into it
  model::Snapshot snapshot;
  graph::ActionGraph graph;
  Context context{snapshot, graph};
  ScoreListing listing;

 private:
  static std::string history(const Config& config, const std::string& node) {
    std::string text;
    for (const auto& [where, name] : config.active) {
      if (where != node) continue;
      text += "<lrm_resource id='" + name + "' class='ocf' provider='pacemaker' type='Stateful'>" +
              "<lrm_rsc_op id='" + name + "_last_0' operation_key='" + name +
              "_start_0' operation='start' transition-key='1:0:0:x' transition-magic='0:0;1:0:0:x'"
              " call-id='1' rc-code='0' op-status='0' interval='0'/></lrm_resource>";
    }
    return text;
  }

  static std::string text_of(const Config& config) {
    std::string nodes;
    std::string states;
    int number = 0;
    for (const std::string& name : config.nodes) {
      const std::string id = std::to_string(++number);
      std::string content = config.node_content;
      for (auto at = content.find("%N"); at != std::string::npos; at = content.find("%N")) {
        content.replace(at, 2, id);
      }
      nodes += "<node id='" + id + "' uname='" + name + "'>" + content + "</node>";
      states += "<node_state id='" + id + "' uname='" + name +
                "' in_ccm='true' crmd='online' join='member' expected='member'><lrm id='" + id +
                "'><lrm_resources>" + history(config, name) + "</lrm_resources></lrm></node_state>";
    }
    return "<cib have-quorum='1'><configuration><crm_config><cluster_property_set id='o'>"
           "<nvpair id='o1' name='stonith-enabled' value='false'/>" +
           config.options + "</cluster_property_set></crm_config><nodes>" + nodes +
           "</nodes><resources>" + config.resources + "</resources><constraints>" +
           config.constraints + "</constraints><tags>" + config.tags +
           "</tags></configuration><status>" + config.tickets + states + "</status></cib>";
  }
};

inline std::string primitive(const std::string& id, const std::string& content = "") {
  return "<primitive id='" + id + "' class='ocf' provider='pacemaker' type='Stateful'>" + content +
         "</primitive>";
}
inline std::string meta(const std::string& name, const std::string& value) {
  static int number = 0;
  const std::string id = std::to_string(++number);
  return "<meta_attributes id='m" + id + "'><nvpair id='n" + id + "' name='" + name + "' value='" +
         value + "'/></meta_attributes>";
}
inline std::string colocation(const std::string& id, const std::string& dependent,
                              const std::string& primary, const std::string& score,
                              const std::string& more = "") {
  return "<rsc_colocation id='" + id + "' rsc='" + dependent + "' with-rsc='" + primary +
         "' score='" + score + "' " + more + "/>";
}
inline std::string location(const std::string& id, const std::string& resource,
                            const std::string& node, const std::string& score,
                            const std::string& more = "") {
  return "<rsc_location id='" + id + "' rsc='" + resource + "' node='" + node + "' score='" +
         score + "' " + more + "/>";
}

}  // namespace quorate::scheduler
