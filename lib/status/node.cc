#include "status/node.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"
#include "status/resource_lists.h"

namespace quorate::status {
namespace {

using model::Node;

std::string_view kind_word(const Node& node) {
  if (node.is_guest_or_bundle()) return "GuestNode";
  return node.is_remote_kind() ? "RemoteNode" : "Node";
}

std::string_view health_suffix(Health health) {
  switch (health) {
    case Health::kRed:
      return " (health is RED)";
    case Health::kYellow:
      return " (health is YELLOW)";
    case Health::kGreen:
      break;
  }
  return {};
}

bool shown_individually(const model::Snapshot& snapshot, const Node& node, const Show& show) {
  return node.unclean || node.pending || (node.standby_on_failure && node.online) || node.standby ||
         node.maintenance || show.group_by_node || show.detail ||
         node_health(snapshot, node) != Health::kGreen;
}

std::string node_line(const model::Snapshot& snapshot, const Node& node, const Show& show) {
  std::string line =
      fmt::format("{} {}: {}{}", kind_word(node), display_name(node, show.detail),
                  node_status_text(node), health_suffix(node_health(snapshot, node)));
  if (show.detail) {
    if (const auto set = feature_set(node)) line += fmt::format(", feature set {}", *set);
  }
  return line;
}

/// Names of the nodes not worth a line of their own.
struct SummaryLists {
  std::vector<std::string> online, offline, remote_online, remote_offline, guest_online;

  void add(const Node& node, std::string name) {
    if (node.is_guest_or_bundle()) {
      if (node.online) guest_online.push_back(std::move(name));
    } else if (node.is_remote_kind()) {
      (node.online ? remote_online : remote_offline).push_back(std::move(name));
    } else {
      (node.online ? online : offline).push_back(std::move(name));
    }
  }
  void write(ListWriter& out) const {
    const auto list = [&](std::string_view title, const std::vector<std::string>& names) {
      if (!names.empty()) out.item(bracketed(title, names));
    };
    list("Online", online);
    list("OFFLINE", offline);
    list("RemoteOnline", remote_online);
    list("RemoteOFFLINE", remote_offline);
    list("GuestOnline", guest_online);
  }
};

void write_grouped_node(ListWriter& out, const model::Snapshot& snapshot, const Node& node,
                        const Show& show) {
  Show inner = show;
  inner.resource_only = true;
  if (show.brief) {
    const auto counts = brief_lines(node.running, inner);
    if (counts.empty()) return;
    out.begin_list(node_line(snapshot, node, show));
    out.begin_list("Resources");
    for (const std::string& line : counts) out.item(line);
  } else {
    out.begin_list(node_line(snapshot, node, show));
    out.begin_list("Resources");
    for (const model::Resource* resource : node.running) {
      if (passes(show, *resource, true)) write_resource(out, snapshot, *resource, inner);
    }
  }
  out.end_list();
  out.end_list();
}

}  // namespace

Health node_health(const model::Snapshot& snapshot, const Node& node) {
  const model::Options& options = snapshot.options;
  if (options.health_strategy == model::HealthStrategy::kNone) return Health::kGreen;
  Health worst = Health::kGreen;
  for (const auto& [name, value] : node.attributes) {
    if (!name.starts_with("#health")) continue;
    const auto score = parse_score(value);
    if (iequals(value, "red") || (score && *score <= options.health_red)) return Health::kRed;
    if (iequals(value, "yellow") || (score && options.health_yellow != options.health_green &&
                                     *score <= options.health_yellow)) {
      worst = Health::kYellow;
    }
  }
  return worst;
}

std::string display_name(const Node& node, bool detail) {
  std::string name(node.name);
  if (!detail) return name;
  if (node.is_guest_or_bundle()) {
    name += '@';
    const Node* host = model::current_node(*node.connection->launcher);
    if (host != nullptr) name += host->name;
  }
  if (!iequals(node.id, node.name)) name += fmt::format(" ({})", node.id);
  return name;
}

std::string_view node_status_text(const Node& node) {
  if (node.unclean) {
    if (node.online) return "UNCLEAN (online)";
    return node.pending ? "UNCLEAN (pending)" : "UNCLEAN (offline)";
  }
  if (node.pending) return "pending";
  if (node.standby_on_failure && node.online) return "standby (on-fail)";
  if (node.standby) {
    if (!node.online) return "OFFLINE (standby)";
    return node.running.empty() ? "standby" : "standby (with active resources)";
  }
  if (node.maintenance) return node.online ? "maintenance" : "OFFLINE (maintenance)";
  return node.online ? "online" : "OFFLINE";
}

std::optional<std::string_view> feature_set(const Node& node) {
  if (node.is_remote_kind() || !node.online || !node.expected_up) return std::nullopt;
  return node.attributes.get_or("#feature-set", "<3.15.1");
}

bool write_nodes(ListWriter& out, const model::Snapshot& snapshot, const Show& show) {
  bool headed = false;
  SummaryLists lists;
  for (const Node* node : snapshot.nodes_by_name) {
    if (!show.wants_node(node->name)) continue;
    if (!headed) out.begin_list("Node List");
    headed = true;
    if (!shown_individually(snapshot, *node, show)) {
      lists.add(*node, display_name(*node, show.detail));
    } else if (show.group_by_node) {
      write_grouped_node(out, snapshot, *node, show);
    } else {
      out.item(node_line(snapshot, *node, show));
    }
  }
  lists.write(out);
  if (headed) out.end_list();
  return headed;
}

void write_nodes(xml::Writer& out, const model::Snapshot& snapshot, const Show& show) {
  static constexpr std::string_view kHealth[] = {"green", "yellow", "red"};
  out.open("nodes");
  for (const Node* node : snapshot.nodes_by_name) {
    if (!show.wants_node(node->name)) continue;
    out.open("node");
    out.attribute("name", node->name);
    out.attribute("id", node->id);
    out.attribute("online", node->online);
    out.attribute("standby", node->standby);
    out.attribute("standby_onfail", node->standby_on_failure);
    out.attribute("maintenance", node->maintenance);
    out.attribute("pending", node->pending);
    out.attribute("unclean", node->unclean);
    out.attribute("health", kHealth[static_cast<std::size_t>(node_health(snapshot, *node))]);
    out.attribute_if("feature_set", feature_set(*node));
    out.attribute("shutdown", node->shutdown);
    out.attribute("expected_up", node->expected_up);
    out.attribute("is_dc", node->is_dc);
    out.attribute("resources_running", static_cast<std::int64_t>(node->running.size()));
    out.attribute("type", node->is_remote_kind() ? "remote" : "member");
    if (node->is_guest_or_bundle()) {
      out.attribute("id_as_resource", node->connection->launcher->id);
    }
    if (show.group_by_node) {
      Show inner = show;
      inner.resource_only = true;
      for (const model::Resource* resource : node->running) {
        if (passes(show, *resource, true)) write_resource(out, snapshot, *resource, inner);
      }
    }
    out.close();
  }
  out.close();
}

}  // namespace quorate::status
