#include "fencer/cib_config.h"

#include <map>

#include "base/text.h"
#include "fencer/location.h"
#include "rules/rules.h"

namespace quorate::fencer {
namespace {

using Values = std::map<std::string, std::string>;

/// The first child of this name and id; null if there is none.
xml::Element child_with_id(xml::Element parent, std::string_view name, std::string_view id) {
  for (xml::Element child : xml::children(parent, name)) {
    if (child.id() == id) return child;
  }
  return {};
}

class Reader {
 public:
  Reader(xml::Element configuration, const std::string& local_node, std::int64_t now_seconds)
      : configuration_(configuration),
        resources_(configuration.first_child("resources")),
        constraints_(configuration.first_child("constraints")) {
    node_.name = local_node;
    node_.now_seconds = now_seconds;
  }

  CibConfig read() {
    read_nodes();
    const Values options = merged(configuration_.first_child("crm_config"), "cluster_property_set",
                                  "cib-bootstrap-options");
    const auto symmetric = options.find("symmetric-cluster");
    symmetric_ = symmetric == options.end() || parse_boolean(symmetric->second).value_or(true);
    defaults_ = merged(configuration_.first_child("rsc_defaults"), "meta_attributes");
    read_resources(resources_, {});
    read_topology();
    return std::move(config_);
  }

 private:
  void note(std::string text) { config_.notes.push_back(std::move(text)); }

  /// Pairs of an element's blocks for this node and time.
  Values merged(xml::Element parent, std::string_view block, std::string_view first = {},
                Values values = {}) const {
    if (!parent) return values;
    const std::function<std::optional<std::string_view>(std::string_view)> attribute =
        [&](std::string_view name) -> std::optional<std::string_view> {
      const auto found = node_.attributes.find(std::string(name));
      if (found == node_.attributes.end()) return std::nullopt;
      return std::string_view(found->second);
    };
    rules::RuleContext context;
    context.now_seconds = node_.now_seconds;
    context.node_attribute = &attribute;
    rules::BlockTarget target;
    target.store = [&](std::string_view name, std::string_view value) {
      values.try_emplace(std::string(name), value);
    };
    target.remove = [&](std::string_view name) { values.erase(std::string(name)); };
    rules::merge_blocks(parent, block, first, context, {}, target);
    return values;
  }

  void read_nodes() {
    for (xml::Element node : xml::children(configuration_.first_child("nodes"), "node")) {
      const std::string name(node.get_or("uname", {}));
      if (name.empty()) continue;
      Values attributes = merged(node, "instance_attributes");
      if (iequals(name, node_.name)) {
        node_.attributes = attributes;
        node_.attributes["#id"] = node.id();
      }
      config_.node_attributes[to_lower(name)] = std::move(attributes);
    }
    node_.attributes["#uname"] = node_.name;
    node_.attributes["#kind"] = "cluster";
  }

  /// Resources beneath `parent`, whose ancestors are `ancestors` (outermost first).
  void read_resources(xml::Element parent, const std::vector<xml::Element>& ancestors) {
    for (xml::Element child : xml::children(parent)) {
      const std::string_view kind = child.name();
      if (kind == "primitive") {
        read_primitive(child, ancestors);
      } else if (kind == "group" || kind == "clone" || kind == "master") {
        std::vector<xml::Element> inner = ancestors;
        inner.push_back(child);
        read_resources(child, inner);
      }
    }
  }

  void read_primitive(xml::Element primitive, const std::vector<xml::Element>& ancestors) {
    const xml::Element source =
        child_with_id(resources_, "template", primitive.get_or("template", {}));
    const auto own = [&](std::string_view name) {
      return std::string(primitive.has(name) || !source ? primitive.get_or(name, {})
                                                        : source.get_or(name, {}));
    };
    if (!iequals(own("class"), "stonith")) return;
    const std::string id(primitive.id());
    if (id.empty() || own("type").empty()) return;
    const std::string ignoring = "Ignoring fencing device " + id + " because ";

    Values meta = merged(source, "meta_attributes", {}, merged(primitive, "meta_attributes"));
    for (auto it = ancestors.rbegin(); it != ancestors.rend(); ++it) {
      meta = merged(*it, "meta_attributes", {}, std::move(meta));
    }
    meta.insert(defaults_.begin(), defaults_.end());
    if (iequals(meta["target-role"], "Stopped")) {
      note(ignoring + "it is disabled");
      return;
    }
    if (!allowed(id, ancestors, ignoring)) return;
    Values parameters =
        merged(source, "instance_attributes", {}, merged(primitive, "instance_attributes"));
    for (auto it = ancestors.rbegin(); it != ancestors.rend(); ++it) {
      parameters = merged(*it, "instance_attributes", {}, std::move(parameters));
    }
    config_.devices.emplace_back(id, own("type"), std::move(parameters),
                                 iequals(meta["provides"], "unfencing"));
  }

  bool allowed(const std::string& id, const std::vector<xml::Element>& ancestors,
               const std::string& ignoring) {
    std::vector<std::string_view> ids = {id};
    for (const xml::Element& ancestor : ancestors) ids.push_back(ancestor.id());
    bool among_allowed = false;
    Score total = 0;
    for (const std::string_view resource : ids) {
      if (const auto score = location_score(constraints_, resource, node_, symmetric_)) {
        among_allowed = true;
        total = add_scores(total, *score);
      }
    }
    if (!among_allowed) {
      note(ignoring + "local node is not allowed to run it");
    } else if (total < 0) {
      note(ignoring + "local node has preference " + format_score(total) + " for it");
    }
    return among_allowed && total >= 0;
  }

  void read_topology() {
    const xml::Element topology = configuration_.first_child("fencing-topology");
    for (xml::Element level : xml::children(topology, "fencing-level")) {
      const std::string id(level.id());
      if (id.empty()) {
        note("Topology level is invalid without ID");
        continue;
      }
      auto kind = Topology::Kind::kName;
      std::string target(level.get_or("target", {}));
      if (target.empty() && level.has("target-pattern")) {
        kind = Topology::Kind::kPattern;
        target = level.get_or("target-pattern", {});
      } else if (target.empty() && level.has("target-attribute")) {
        kind = Topology::Kind::kAttribute;
        target = std::string(level.get_or("target-attribute", {})) + "=" +
                 std::string(level.get_or("target-value", {}));
      }
      std::vector<std::string> devices;
      for (const std::string_view name : split_words(level.get_or("devices", {}), ',')) {
        devices.emplace_back(trim(name));
      }
      const auto added = config_.topology.add(
          kind, target, to_integer(level.get_or("index", {})).value_or(0), devices, true, id);
      if (!added) note(added.error().message);
    }
  }

  xml::Element configuration_;
  xml::Element resources_;
  xml::Element constraints_;
  NodeView node_;
  bool symmetric_ = true;
  Values defaults_;
  CibConfig config_;
};

}  // namespace

CibConfig read_cib_config(xml::Element configuration, const std::string& local_node,
                          std::int64_t now_seconds) {
  return Reader(configuration, local_node, now_seconds).read();
}

}  // namespace quorate::fencer
