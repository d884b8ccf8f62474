#include "controller/node_table.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "controller/element_fields.h"

namespace quorate::controller {

std::string_view expected_text(Expected expected) {
  switch (expected) {
    case Expected::kUnset:
      return "";
    case Expected::kMember:
      return "member";
    case Expected::kDown:
      return "down";
    case Expected::kPending:
      return "pending";
    case Expected::kBanned:
      return "banned";
  }
  return "";
}

KnownClusterNode& NodeTable::get(NodeNumber node, std::string_view name) {
  KnownClusterNode& entry = nodes_[node];
  entry.number = node;
  if (!name.empty()) entry.name = name;
  return entry;
}

std::vector<NodeNumber> NodeTable::layer_changed(const NodeMembership& membership,
                                                 std::int64_t now_seconds) {
  if (!membership.configured.empty()) {
    for (auto& [number, node] : nodes_) node.configured = false;
    for (const Member& member : membership.configured) {
      get(member.node, member.name).configured = true;
    }
  }
  std::set<NodeNumber> present;
  for (const Member& member : membership.members) {
    present.insert(member.node);
    KnownClusterNode& node = get(member.node, member.name);
    if (!node.in_layer) node.layer_since = now_seconds;
    node.in_layer = node.seen = true;
  }
  std::vector<NodeNumber> left;
  for (auto& [number, node] : nodes_) {
    if (!node.in_layer || present.contains(number)) continue;
    node.in_layer = false;
    node.layer_left_by_controller = false;
    left.push_back(number);
  }
  return left;
}

void NodeTable::controller_appeared(const Member& member, std::uint64_t view,
                                    std::int64_t now_seconds) {
  KnownClusterNode& node = get(member.node, member.name);
  node.in_group = node.seen = true;
  node.group_since = now_seconds;
  if (node.layer_since == 0) node.layer_since = now_seconds;
  node.entered_view = view;
  node.layer_left_by_controller = false;
  node.joined = node.down_ordered = node.shutting_down = false;
}

void NodeTable::controller_left(NodeNumber number) {
  KnownClusterNode* node = find(number);
  if (node == nullptr) return;
  node->in_group = false;
  node->group_since = 0;
  node->joined = false;
  node->layer_left_by_controller = node->in_layer;
  if (node->down_ordered || node->shutting_down) node->expected = Expected::kDown;
}

void NodeTable::forget_sight(NodeNumber number) {
  KnownClusterNode* node = find(number);
  if (node != nullptr && node->entered_view == 0) node->seen = false;
}

KnownClusterNode* NodeTable::find(NodeNumber node) {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : &found->second;
}

const KnownClusterNode* NodeTable::find(NodeNumber node) const {
  return const_cast<NodeTable*>(this)->find(node);
}

KnownClusterNode* NodeTable::find(std::string_view name) {
  for (auto& [number, node] : nodes_) {
    if (!node.name.empty() && iequals(node.name, name)) return &node;
  }
  return nullptr;
}

const KnownClusterNode* NodeTable::find(std::string_view name) const {
  return const_cast<NodeTable*>(this)->find(name);
}

bool NodeTable::all_configured_present() const {
  bool any = false;
  for (const auto& [number, node] : nodes_) {
    if (!node.configured) continue;
    any = true;
    if (!node.in_layer || !node.in_group) return false;
  }
  return any;
}

namespace {

/// A controller that was in the group and is gone, without anybody knowing whether a DC had
/// integrated its node, may have left resources running: as if one had.
Expected expected_of(const KnownClusterNode& node) {
  const bool may_have_joined = !node.in_group && node.entered_view != 0;
  if (node.expected == Expected::kUnset && may_have_joined) return Expected::kMember;
  return node.expected;
}

}  // namespace

void add_node_state(xml::Element status, const KnownClusterNode& node,
                    const NodeStateFields& fields) {
  if (!node.seen && node.expected == Expected::kUnset) return;
  xml::Element state = status.add("node_state");
  state.set("id", std::to_string(node.number));
  field::put(state, "uname", node.name);
  if (fields.membership) {
    // A controller in the group is proof of the node's membership, whichever stream came first.
    const bool member = node.in_layer || node.in_group;
    const std::string since = node.layer_left_by_controller
                                  ? "1"
                                  : std::to_string(std::max<std::int64_t>(node.layer_since, 2));
    state.set("in_ccm", member ? since : "0");
    state.set("crmd", node.in_group ? std::to_string(node.group_since) : "0");
  }
  state.set("crm-debug-origin", "quorate-controller");
  if (fields.join) state.set("join", node.joined ? "member" : "down");
  if (fields.expected) field::put(state, "expected", expected_text(expected_of(node)));
}

void add_node_entry(xml::Element nodes, const KnownClusterNode& node) {
  if (node.name.empty()) return;
  xml::Element entry = nodes.add("node");
  entry.set("id", std::to_string(node.number));
  field::put(entry, "uname", node.name);
}

}  // namespace quorate::controller
