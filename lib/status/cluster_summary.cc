#include "status/cluster_summary.h"

#include <fmt/format.h>

#include "base/text.h"
#include "status/node.h"
#include "status/summary_facts.h"
#include "status/time_text.h"

namespace quorate::status {
namespace {

std::string counted(int count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string resource_count_text(const model::ResourceCounts& counts) {
  std::string text = counted(counts.total, "resource instance") + " configured";
  const std::string disabled = fmt::format("{} DISABLED", counts.disabled);
  const std::string blocked =
      fmt::format("{} BLOCKED from further action due to failure", counts.blocked);
  if (counts.disabled > 0 && counts.blocked > 0) {
    text += fmt::format(" ({}, {})", disabled, blocked);
  } else if (counts.disabled > 0) {
    text += fmt::format(" ({})", disabled);
  } else if (counts.blocked > 0) {
    text += fmt::format(" ({})", blocked);
  }
  return text;
}

std::string dc_text(const model::Snapshot& snapshot, const Show& show) {
  if (snapshot.dc_node == nullptr) return "Current DC: NONE";
  return fmt::format("Current DC: {} (version {}) - {}partition {} quorum",
                     display_name(*snapshot.dc_node, show.detail),
                     first_option(snapshot, "dc-version").value_or("unknown"),
                     versions_differ(snapshot) ? "MIXED-VERSION " : "",
                     snapshot.quorate ? "with" : "WITHOUT");
}

std::string last_change_text(xml::Element cib) {
  std::string text = fmt::format("Last change:  {}", cib.get_or("cib-last-written", {}));
  const auto add = [&](std::string_view word, std::string_view attribute) {
    const std::string_view value = cib.get_or(attribute, {});
    if (!value.empty()) text += fmt::format(" {} {}", word, value);
  };
  add("by", "update-user");
  add("via", "update-client");
  add("on", "update-origin");
  return text;
}

void write_options(ListWriter& out, const model::Options& options) {
  out.item(
      fmt::format("Fencing of failed nodes {}", options.fencing_enabled ? "enabled" : "disabled"));
  out.item(fmt::format("Cluster is {}", options.symmetric_cluster ? "symmetric" : "asymmetric"));
  out.item(fmt::format("No quorum policy: {}", policy_words(options.quorum_policy).text));
}

void write_options(xml::Writer& out, const model::Options& options) {
  out.open("cluster_options");
  out.attribute("fencing-enabled", options.fencing_enabled);
  out.attribute("fencing-timeout-ms", options.fencing_timeout_ms);
  out.attribute("symmetric-cluster", options.symmetric_cluster);
  out.attribute("no-quorum-policy", policy_words(options.quorum_policy).code);
  out.attribute("maintenance-mode", options.maintenance_mode);
  out.attribute("stop-all-resources", options.stop_all_resources);
  out.attribute("priority-fencing-delay-ms", options.priority_fencing_delay_ms);
  out.attribute("stonith-enabled", options.fencing_enabled);
  out.attribute("stonith-timeout-ms", options.fencing_timeout_ms);
  out.close();
}

void write_dc(xml::Writer& out, const model::Snapshot& snapshot, const Show& show) {
  out.open("current_dc");
  out.attribute("present", snapshot.dc_node != nullptr);
  if (const model::Node* dc = snapshot.dc_node) {
    out.attribute("version", first_option(snapshot, "dc-version").value_or(""));
    out.attribute("name", display_name(*dc, show.detail));
    out.attribute("id", dc->id);
    out.attribute("with_quorum", snapshot.quorate);
    out.attribute("mixed_version", versions_differ(snapshot));
  }
  out.close();
}

void write_times(xml::Writer& out, xml::Element cib, const Show& show, const LiveFacts& live) {
  out.open("last_update");
  out.attribute("time", ctime_text(live.now_seconds, show.zone));
  if (live.local_node) out.attribute("origin", *live.local_node);
  out.close();
  out.open("last_change");
  out.attribute("time", cib.get_or("cib-last-written", {}));
  out.attribute("user", cib.get_or("update-user", {}));
  out.attribute("client", cib.get_or("update-client", {}));
  out.attribute("origin", cib.get_or("update-origin", {}));
  out.close();
}

}  // namespace

std::string_view launcher_state_text(std::string_view code) {
  if (code == "init") return "Initializing pacemaker";
  if (code == "starting_daemons") return "Pacemaker daemons are starting";
  if (code == "wait_for_ping") return "Waiting for startup trigger from SBD";
  if (code == "running") return "Pacemaker is running";
  if (code == "shutting_down") return "Pacemaker daemons are shutting down";
  if (code == "shutdown_complete") return "Pacemaker daemons are shut down (reporting to SBD)";
  if (code == "remote") return "pacemaker-remoted is running (on a Pacemaker Remote node)";
  return "Invalid pacemakerd state";
}

std::string maintenance_text(const model::Snapshot& snapshot) {
  if (snapshot.options.maintenance_mode) {
    return "\n              *** Resource management is DISABLED ***\n"
           "  The cluster will not attempt to start, stop or recover services";
  }
  if (snapshot.options.stop_all_resources) {
    return "\n    *** Resource management is DISABLED ***\n"
           "  The cluster will keep all resources stopped";
  }
  return {};
}

bool write_cluster_summary(ListWriter& out, const model::Snapshot& snapshot, const Show& show,
                           const SummaryParts& parts, const LiveFacts& live) {
  if (!parts.any_item()) return false;
  out.begin_list("Cluster Summary");
  if (parts.stack) {
    std::string text = fmt::format(
        "Stack: {}", first_option(snapshot, "cluster-infrastructure").value_or("unknown"));
    if (live.launcher_state) {
      text += fmt::format(" ({})", launcher_state_text(*live.launcher_state));
    }
    out.item(text);
  }
  if (parts.dc) out.item(dc_text(snapshot, show));
  if (parts.times) {
    out.item(fmt::format("Last updated: {}{}", ctime_text(live.now_seconds, show.zone),
                         live.local_node ? " on " + *live.local_node : std::string()));
    out.item(last_change_text(snapshot.cib));
  }
  if (parts.counts) {
    out.item(counted(static_cast<int>(snapshot.nodes.size()), "node") + " configured");
    out.item(resource_count_text(snapshot.counts));
  }
  if (parts.options) write_options(out, snapshot.options);
  out.end_list();
  return true;
}

bool write_cluster_summary(xml::Writer& out, const model::Snapshot& snapshot, const Show& show,
                           const SummaryParts& parts, const LiveFacts& live) {
  if (!parts.any_item()) return false;
  out.open("summary");
  if (parts.stack) {
    out.open("stack");
    out.attribute("type", first_option(snapshot, "cluster-infrastructure").value_or("unknown"));
    if (live.launcher_state) out.attribute("pacemakerd-state", *live.launcher_state);
    out.close();
  }
  if (parts.dc) write_dc(out, snapshot, show);
  if (parts.times) write_times(out, snapshot.cib, show, live);
  if (parts.counts) {
    out.open("nodes_configured");
    out.attribute("number", static_cast<std::int64_t>(snapshot.nodes.size()));
    out.close();
    out.open("resources_configured");
    out.attribute("number", snapshot.counts.total);
    out.attribute("disabled", snapshot.counts.disabled);
    out.attribute("blocked", snapshot.counts.blocked);
    out.close();
  }
  if (parts.options) write_options(out, snapshot.options);
  out.close();
  return true;
}

}  // namespace quorate::status
