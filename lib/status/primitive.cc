#include "status/primitive.h"

#include <fmt/format.h>

#include <vector>

#include "base/agent_result.h"
#include "base/text.h"

namespace quorate::status {
namespace {

using model::Node;
using model::Resource;
using model::Role;

Role target_role(const Resource& resource) {
  const auto text = resource.meta.get("target-role");
  return text ? model::parse_role(*text) : Role::kUnknown;
}

bool has_promotable_top(const Resource& resource) { return model::top_of(resource).promotable; }

std::string state_text(const Resource& resource, const Show& show) {
  std::string state;
  if (resource.removed) state += " ORPHANED";
  const Role role = display_role(resource);
  if (resource.failed) {
    state += " FAILED";
    if (role == Role::kPromoted) state += " Promoted";
    return state;
  }
  const std::string_view pending = show.pending ? pending_text(resource) : std::string_view{};
  state += ' ';
  state += pending.empty() ? model::role_name(role) : pending;
  return state;
}

std::string flags_text(const Resource& resource, const Show& show, const Node* node) {
  std::vector<std::string> flags;
  if (node != nullptr && !node->online && node->unclean) flags.emplace_back("UNCLEAN");
  if (node != nullptr && node == resource.lock_node) flags.emplace_back("LOCKED");
  if (show.pending && pending_monitor(resource)) flags.emplace_back("Monitoring");
  const Role target = target_role(resource);
  if (target == Role::kStopped) {
    flags.emplace_back("disabled");
  } else if (target == Role::kUnpromoted && has_promotable_top(resource)) {
    flags.push_back(fmt::format("target-role:{}", *resource.meta.get("target-role")));
  }
  if (resource.blocked) {
    flags.emplace_back("blocked");
  } else if (resource.maintenance) {
    flags.emplace_back("maintenance");
  } else if (!resource.managed) {
    flags.emplace_back("unmanaged");
  }
  if (resource.failure_ignored) flags.emplace_back("failure ignored");
  if (flags.empty()) return {};
  return fmt::format(" ({})", fmt::join(flags, ", "));
}

/// Where the line says it is: see spec/13 §9.1 NODE.
const Node* shown_node(const Resource& resource) {
  if (const Node* node = model::current_node(resource)) return node;
  if (resource.pending.node != nullptr) return resource.pending.node;
  return resource.lock_node;
}

}  // namespace

std::string agent_text(const Resource& resource) {
  if (resource.provider.empty()) return fmt::format("{}:{}", resource.standard, resource.type);
  return fmt::format("{}:{}:{}", resource.standard, resource.provider, resource.type);
}

Role display_role(const Resource& resource) {
  const Role role = model::role_of(resource);
  return role == Role::kStarted && has_promotable_top(resource) ? Role::kUnpromoted : role;
}

bool is_disabled(const Resource& resource) {
  const Role target = target_role(resource);
  return target == Role::kStopped || (target == Role::kUnpromoted && has_promotable_top(resource));
}

bool is_implicit(const Resource& resource) {
  if (resource.is_primitive() && resource.parent != nullptr && resource.parent->is_bundle()) {
    return true;
  }
  const auto marked = resource.meta.get("internal_rsc");
  return marked && parse_boolean(*marked).value_or(false);
}

std::string_view pending_text(const Resource& resource) {
  const std::string_view task = resource.pending.task;
  if (task == "start") return "Starting";
  if (task == "stop") return "Stopping";
  if (task == "migrate_to" || task == "migrate_from") return "Migrating";
  if (task == "promote") return "Promoting";
  if (task == "demote") return "Demoting";
  return {};
}

bool pending_monitor(const Resource& resource) { return resource.pending.task == "monitor"; }

bool is_masked_probe(xml::Element entry) {
  const std::string_view task = entry.get_or("operation", {});
  if (task != "monitor") return false;
  if (to_integer(entry.get_or("interval", "0")).value_or(0) != 0) return false;
  const auto code = to_integer(entry.get_or("rc-code", {}));
  const auto status = to_integer(entry.get_or("op-status", {}));
  return code == ocf::kNotInstalled || code == ocf::kInvalidParameter ||
         status == static_cast<int>(ExecutionStatus::kNotInstalled);
}

std::string_view masked_probe_text(const model::Snapshot& snapshot, const Resource& resource,
                                   const Node* node) {
  const bool instance = model::top_of(resource).is_clone() || resource.is_clone();
  for (const model::FailedOperation& failed : snapshot.failed_operations) {
    if (node != nullptr && !iequals(failed.node_name, node->name)) continue;
    if (!is_masked_probe(failed.entry)) continue;
    const std::string_view wanted = resource.is_clone()
                                        ? resource.clone->child_xml.id()
                                        : (instance ? resource.xml_id : resource.id);
    const std::string_view recorded = failed.resource_id;
    if (recorded != wanted && !(instance && model::base_name(recorded) == wanted)) continue;
    return exit_code_text(
        static_cast<int>(to_integer(failed.entry.get_or("rc-code", {})).value_or(-1)));
  }
  return {};
}

Role configured_role(const Resource& resource) {
  if (resource.meta.has("target-role")) return target_role(resource);
  return resource.children.empty() ? Role::kUnknown : target_role(*resource.children.front());
}

std::string primitive_line(const model::Snapshot& snapshot, const Resource& resource,
                           const Show& show, std::string_view name, const Node* node) {
  std::string line =
      fmt::format("{}\t({}):\t{}", name, agent_text(resource), state_text(resource, show));
  const bool several = resource.active.size() > 1;
  if (several || show.resource_only) node = nullptr;
  if (node != nullptr) line += fmt::format(" {}", node->name);
  if (display_role(resource) == Role::kStopped) {
    const auto text = masked_probe_text(snapshot, resource, node);
    if (!text.empty()) line += fmt::format(" ({}) ", text);
  }
  line += flags_text(resource, show, node);
  if (show.resource_only || show.descriptions || show.detail || several) {
    const auto description = resource.xml.get("description");
    if (description) line += fmt::format(" ({})", *description);
  }
  if (several && !show.resource_only) {
    line += " [";
    for (const Node* active : resource.active) line += fmt::format(" {}", active->name);
    line += " ]";
  }
  return line;
}

std::string primitive_line(const model::Snapshot& snapshot, const Resource& resource,
                           const Show& show) {
  return primitive_line(snapshot, resource, show, resource.printable_id(), shown_node(resource));
}

std::string_view primitive_style(const Resource& resource) {
  if (!resource.managed) return "rsc-managed";
  if (resource.failed || resource.active.empty()) return "rsc-failed";
  if (resource.active.size() > 1) return "rsc-multiple";
  return resource.failure_ignored ? "rsc-failure-ignored" : "rsc-ok";
}

}  // namespace quorate::status
