#include "explain/remedies.h"

#include <algorithm>

#include "base/text.h"
#include "explain/causes.h"
#include "explain/configuration.h"
#include "explain/text.h"
#include "graph/action.h"
#include "xml/xpath.h"

namespace quorate::explain {

using model::Node;
using model::Resource;
using scheduler::Cause;

namespace {

using Changes = std::vector<Change>;

Change remove_constraint(const Run& run, std::string_view id, const Resource* resource,
                         const Node& node) {
  const xml::Element constraint = constraint_of(run.document.root(), id);
  Change change;
  if (!constraint) return change;
  const std::string_view own = constraint.id();
  const std::string path = path_to(constraint.name(), "id", own);
  change.edits.push_back(deletion(path));
  if (own.starts_with("cli-ban-") && resource != nullptr) {
    change.text = say({"remove the ban ", own});
    change.command =
        say({"crm_resource --clear --resource ", shell_word(model::outermost_of(*resource).id),
             " --node ", shell_word(node.name)});
  } else {
    change.text = say({"remove the constraint ", own});
    change.command = say({"cibadmin --delete --xpath ", shell_word(path)});
  }
  return change;
}

Changes clean_up_everywhere(const Run& run, const Resource& resource, std::string_view entry) {
  Changes changes;
  for (const model::FailedOperation& failed : run.snapshot().failed_operations) {
    if (failed.node == nullptr || failed.resource != &resource) continue;
    if (!entry.empty() && failed.entry.id() != entry) continue;
    changes.push_back(clean_up(run, resource, *failed.node));
  }
  if (changes.empty()) {
    for (const Node* node : run.snapshot().nodes_by_name) {
      Change change = clean_up(run, resource, *node);
      if (!change.edits.empty()) changes.push_back(std::move(change));
    }
  }
  return changes;
}

/// All failures recorded on a node.
Changes clean_up_node(const Run& run, const Node& node) {
  Changes changes;
  std::vector<const Resource*> done;
  for (const model::FailedOperation& failed : run.snapshot().failed_operations) {
    if (failed.node != &node || failed.resource == nullptr) continue;
    if (std::find(done.begin(), done.end(), failed.resource) != done.end()) continue;
    done.push_back(failed.resource);
    changes.push_back(clean_up(run, *failed.resource, node));
  }
  return changes;
}

Changes for_node_state(const Run& run, const Finding& finding, const Node& node) {
  if (finding.detail == "standby") return {remove_node_attribute(node, "standby")};
  if (finding.detail == "maintenance") return {remove_node_attribute(node, "maintenance")};
  if (finding.detail == "shutdown") return {remove_node_attribute(node, "shutdown")};
  if (finding.detail == "standby-failure") return clean_up_node(run, node);
  if (node.is_remote_kind()) return clean_up_node(run, node);
  Changes changes{bring_online(run, node)};
  if (finding.detail == "unclean") {
    for (Change& change : clean_up_node(run, node)) changes.push_back(std::move(change));
  }
  return changes;
}

Changes for_ticket(const Run& run, std::string_view id) {
  const xml::Element constraint = constraint_of(run.document.root(), id);
  const std::string_view ticket = constraint.get_or("ticket", {});
  if (ticket.empty()) return {};
  Change change;
  change.text = say({"grant the ticket ", ticket});
  change.command = say({"crm_ticket --ticket ", shell_word(ticket), " --grant"});
  const std::string path = path_to("ticket_state", "id", ticket);
  Edit edit;
  const auto states = xml::find_all(run.document.root(), path);
  if (states && !states->empty()) {
    edit.operation = Edit::Operation::kModify;
    edit.xpath = path;
    edit.attributes = {{"granted", "true"}, {"standby", "false"}};
  } else {
    const bool any =
        static_cast<bool>(run.document.root().first_child("status").first_child("tickets"));
    const std::string state =
        say({"<ticket_state id=\"", xml::escape(ticket), "\" granted=\"true\"/>"});
    edit.operation = Edit::Operation::kCreate;
    edit.xpath = any ? "//status/tickets" : "//status";
    edit.xml = any ? state : say({"<tickets>", state, "</tickets>"});
  }
  change.edits.push_back(std::move(edit));
  return {change, remove_constraint(run, id, nullptr, *run.snapshot().nodes_by_name.front())};
}

Changes for_health(const Run& run, const Resource& resource, const Node& node) {
  Change change;
  change.text = say({"restore the health of ", node.name});
  for (const auto& [name, value] : node.attributes) {
    if (!name.starts_with("#health")) continue;
    const auto score = run.snapshot().parse_score(value);
    if (!score || *score >= 0) continue;
    for (Edit& edit : remove_node_attribute(node, name).edits) {
      change.edits.push_back(std::move(edit));
    }
    change.text += say({" (remove its attribute ", name, ")"});
  }
  return {change, set_meta(run, model::outermost_of(resource), "allow-unhealthy-nodes", "true")};
}

/// More capacity for the node: what is short for it alone, then as much as all resources need.
Changes for_capacity(const Run& run, const Resource& resource, const Node& node) {
  const std::string path = path_to("node", "uname", node.name);
  const auto owners = xml::find_all(run.document.root(), path);
  if (!owners || owners->empty()) return {};
  Changes changes;
  for (const bool all : {false, true}) {
    Change change;
    std::string amounts;
    model::NameValues wanted;
    if (all) {
      for (const Resource& other : run.snapshot().all_resources) {
        for (const auto& [name, amount] : other.utilization) wanted.add(name, amount);
      }
    } else {
      wanted = resource.utilization;
    }
    for (const auto& [name, text] : wanted) {
      std::int64_t need = to_integer(text).value_or(0);
      if (all) {
        need = 0;
        for (const Resource& other : run.snapshot().all_resources) {
          if (!other.children.empty()) continue;
          const std::int64_t more = to_integer(other.utilization.get_or(name, "0")).value_or(0);
          need += std::clamp<std::int64_t>(more, 0, 1'000'000'000);
        }
      }
      const std::int64_t left = to_integer(node.utilization.get_or(name, "0")).value_or(0);
      if (need <= left) continue;
      xml::Element present;
      for (xml::Element set : xml::children(owners->front(), "utilization")) {
        for (xml::Element pair : xml::children(set, "nvpair")) {
          if (pair.get_or("name", {}) == name) present = pair;
        }
      }
      const std::int64_t has = to_integer(present.get_or("value", "0")).value_or(0);
      const std::string value =
          std::to_string(std::min<std::int64_t>(has + need - left, std::int64_t{2'000'000'000}));
      amounts += say({" ", name, "=", value});
      if (present) {
        change.edits.push_back(modification(path_to("nvpair", "id", present.id()), "value", value));
        continue;
      }
      const std::string id = say(
          {"explain-", std::to_string(node.index.index), "-", std::to_string(change.edits.size())});
      Edit edit;
      edit.operation = Edit::Operation::kCreate;
      edit.xpath = path;
      edit.xml = say({"<utilization id=\"", id, "-set\"><nvpair id=\"", id, "\" name=\"",
                      xml::escape(name), "\" value=\"", value, "\"/></utilization>"});
      change.edits.push_back(std::move(edit));
    }
    if (change.edits.empty()) continue;
    change.text = say({"raise the capacity of ", node.name, " to", amounts});
    changes.push_back(std::move(change));
  }
  return changes;
}

Change exclusive_location(const Run& run, const Resource& resource, const Node& node) {
  Change change = preference(run, resource, node, 0);
  change.text = say({"add a location constraint for ", model::outermost_of(resource).id, " on ",
                     node.name, " with resource-discovery=exclusive"});
  change.command.clear();
  for (Edit& edit : change.edits) {
    const std::size_t end = edit.xml.rfind("/>");
    edit.xml.insert(end, " resource-discovery=\"exclusive\"");
  }
  return change;
}

Changes for_stickiness(const Run& run, const Resource& resource) {
  Change defaults;
  defaults.text = "set the default of the meta-attribute resource-stickiness to 0";
  defaults.command = "crm_attribute --type rsc_defaults --name resource-stickiness --update 0";
  const xml::Element section =
      run.document.root().first_child("configuration").first_child("rsc_defaults");
  for (xml::Element set : xml::children(section, "meta_attributes")) {
    for (xml::Element pair : xml::children(set, "nvpair")) {
      if (pair.get_or("name", {}) != "resource-stickiness" || pair.id().empty()) continue;
      defaults.edits.push_back(modification(path_to("nvpair", "id", pair.id()), "value", "0"));
    }
  }
  return {set_meta(run, resource, "resource-stickiness", "0"), defaults};
}

Changes for_score(const Run& run, const Finding& finding, const Node& node) {
  const scheduler::Reason& cause = finding.cause;
  const Resource& resource = *finding.resource;
  switch (cause.cause) {
    case Cause::kLocation:
      return {remove_constraint(run, cause.id, &resource, node)};
    case Cause::kHealth:
      return for_health(run, resource, node);
    case Cause::kTicket:
      return for_ticket(run, cause.id);
    case Cause::kStickiness:
      return for_stickiness(run, resource);
    case Cause::kFailureLimit:
      return {clean_up(run, *cause.other, node)};
    case Cause::kFailure:
      return clean_up_everywhere(run, *cause.other, cause.id);
    case Cause::kOnFail:
      return {clean_up(run, resource, node)};
    case Cause::kDiscovery:
      return {exclusive_location(run, resource, node)};
    case Cause::kShutdownLock:
      return {set_option(run, "shutdown-lock", "false")};
    case Cause::kColocation:
    case Cause::kDependent:
      if (cause.id.starts_with("#")) return {};
      return {remove_constraint(run, cause.id, nullptr, node)};
    case Cause::kCapacity: {
      Changes changes = for_capacity(run, resource, node);
      changes.push_back(set_option(run, "placement-strategy", "default"));
      return changes;
    }
    default:
      return {};
  }
}

Changes for_unmanaged(const Run& run, const Finding& finding) {
  const Resource& resource = *finding.resource;
  if (finding.detail == "maintenance-mode") {
    return {set_option(run, "maintenance-mode", "false")};
  }
  if (finding.detail == "maintenance") return {set_meta(run, resource, "maintenance", "false")};
  if (finding.detail == "is-managed") return {set_meta(run, resource, "is-managed", "true")};
  Changes changes;
  for (const Node* node : resource.active) {
    if (node->maintenance) changes.push_back(remove_node_attribute(*node, "maintenance"));
  }
  return changes;
}

Changes for_limit(const Run& run, const Finding& finding) {
  const Resource& collective = *finding.resource;
  const std::size_t nodes = run.snapshot().nodes_by_name.size();
  if (collective.is_bundle()) return {};
  return {set_meta(run, collective, "clone-max",
                   std::to_string(std::max<std::size_t>(
                       nodes, static_cast<std::size_t>(collective.clone->clone_max) + 1)))};
}

Changes for_quorum(const Run& run) {
  Change regain;
  regain.text = "regain quorum";
  regain.edits.push_back(modification("/cib", "have-quorum", "1"));
  return {regain, set_option(run, "no-quorum-policy", "ignore")};
}

Changes for_order(const Run& run, const Finding& finding, const Node& node) {
  Changes changes;
  for (const Finding& behind : state_findings(run, *finding.resource)) {
    for (Change& change : remedies(run, behind, node)) changes.push_back(std::move(change));
  }
  if (!finding.reason.id.empty()) {
    changes.push_back(remove_constraint(run, finding.reason.id, nullptr, node));
  }
  return changes;
}

}  // namespace

std::vector<Change> remedies(const Run& run, const Finding& finding, const Node& node) {
  Changes changes;
  switch (finding.why) {
    case Why::kNodeState:
      changes = for_node_state(run, finding, finding.node != nullptr ? *finding.node : node);
      break;
    case Why::kTargetRole:
      changes = {set_meta(run, *finding.resource, "target-role", "Started")};
      break;
    case Why::kFailureState:
      changes = clean_up_everywhere(run, *finding.resource, {});
      break;
    case Why::kUnmanaged:
      changes = for_unmanaged(run, finding);
      break;
    case Why::kStopAll:
      changes = {set_option(run, "stop-all-resources", "false")};
      break;
    case Why::kNoFencing:
      changes = {set_option(run, "fencing-enabled", "false", "stonith-enabled")};
      break;
    case Why::kNoQuorum:
      changes = for_quorum(run);
      break;
    case Why::kScore:
      changes = for_score(run, finding, node);
      break;
    case Why::kNotAllowed:
      changes = {preference(run, *finding.resource, node, 0)};
      break;
    case Why::kOrder:
      changes = for_order(run, finding, node);
      break;
    case Why::kLimit:
      changes = for_limit(run, finding);
      break;
    case Why::kOutranked:
    case Why::kChosen:
    case Why::kRemoved:
      break;
  }
  std::erase_if(changes, [](const Change& change) { return change.edits.empty(); });
  return changes;
}

namespace {

/// What a constraint can name for it: the outermost resource, and for the connection of a guest,
/// which isn't in the configuration, what launches it.
const Resource& nameable(const Run& run, const Resource& resource) {
  const Resource& outermost = model::outermost_of(resource);
  if (outermost.launcher == nullptr || find_by_id(run.document.root(), outermost.id)) {
    return outermost;
  }
  return model::outermost_of(*outermost.launcher);
}

}  // namespace

Change preference(const Run& run, const Resource& resource, const Node& node, Score score) {
  const Resource& named = nameable(run, resource);
  std::string id = "explain-prefer";
  while (find_by_id(run.document.root(), id)) id += "-";
  Change change;
  change.text = say({"add a location constraint for ", named.id, " on ", node.name, " with score ",
                     format_score(score)});
  Edit edit;
  edit.operation = Edit::Operation::kCreate;
  edit.xpath = "//constraints";
  edit.xml = say({"<rsc_location id=\"", id, "\" rsc=\"", xml::escape(named.id), "\" node=\"",
                  xml::escape(node.name), "\" score=\"", format_score(score), "\"/>"});
  if (score >= kInfinity) {
    change.command = say({"crm_resource --move --resource ", shell_word(named.id), " --node ",
                          shell_word(node.name)});
  } else {
    change.command =
        say({"cibadmin --create --scope constraints --xml-text ", shell_word(edit.xml)});
  }
  if (find_by_id(run.document.root(), named.id)) change.edits.push_back(std::move(edit));
  return change;
}

}  // namespace quorate::explain
