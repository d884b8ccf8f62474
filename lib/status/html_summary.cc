#include <fmt/format.h>

#include "status/html_writer.h"
#include "status/node.h"
#include "status/summary_facts.h"

/// The Cluster Summary as a page has it (spec/13 §17).
namespace quorate::status {
namespace {

using Spans = std::vector<HtmlWriter::Span>;

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void write_stack(HtmlWriter& out, const model::Snapshot& snapshot, const LiveFacts& live) {
  std::string stack(first_option(snapshot, "cluster-infrastructure").value_or("unknown"));
  if (live.launcher_state) stack += fmt::format(" ({})", launcher_state_text(*live.launcher_state));
  out.item(Spans{{"bold", "Stack: "}, {"", stack}});
}

void write_dc(HtmlWriter& out, const model::Snapshot& snapshot, const Show& show) {
  const model::Node* dc = snapshot.dc_node;
  if (dc == nullptr) {
    out.item(Spans{{"bold", "Current DC: "}, {"warning", "NONE"}});
    return;
  }
  Spans spans = {{"bold", "Current DC: "},
                 {"", fmt::format("{} (version {}) -", display_name(*dc, show.detail),
                                  first_option(snapshot, "dc-version").value_or("unknown"))}};
  if (versions_differ(snapshot)) spans.push_back({"warning", " MIXED-VERSION"});
  spans.push_back({"", " partition"});
  spans.push_back(snapshot.quorate ? HtmlWriter::Span{"", " with"}
                                   : HtmlWriter::Span{"warning", " WITHOUT"});
  spans.push_back({"", " quorum"});
  out.item(spans);
}

void write_times(HtmlWriter& out, xml::Element cib, const Show& show, const LiveFacts& live) {
  out.item(Spans{{"bold", "Last updated: "},
                 {"", ctime_text(live.now_seconds, show.zone) +
                          (live.local_node ? " on " + *live.local_node : std::string())}});
  std::string change(cib.get_or("cib-last-written", {}));
  const auto add = [&](std::string_view word, std::string_view attribute) {
    const std::string_view value = cib.get_or(attribute, {});
    if (!value.empty()) change += fmt::format(" {} {}", word, value);
  };
  add("by", "update-user");
  add("via", "update-client");
  add("on", "update-origin");
  out.item(Spans{{"bold", "Last change: "}, {"", change}});
}

void write_counts(HtmlWriter& out, const model::Snapshot& snapshot) {
  out.item(counted(snapshot.nodes.size(), "node") + " configured");
  const model::ResourceCounts& counts = snapshot.counts;
  Spans spans = {
      {"", counted(static_cast<std::size_t>(counts.total), "resource instance") + " configured"}};
  if (counts.disabled > 0 || counts.blocked > 0) {
    spans.push_back({"", " ("});
    if (counts.disabled > 0) {
      spans.push_back({"", fmt::format("{} ", counts.disabled)});
      spans.push_back({"bold", "DISABLED"});
    }
    if (counts.disabled > 0 && counts.blocked > 0) spans.push_back({"", ", "});
    if (counts.blocked > 0) {
      spans.push_back({"", fmt::format("{} ", counts.blocked)});
      spans.push_back({"bold", "BLOCKED"});
      spans.push_back({"", " from further action due to failure"});
    }
    spans.push_back({"", ")"});
  }
  out.item(spans);
}

void write_options(HtmlWriter& out, const model::Options& options) {
  out.begin_list("Config Options");
  out.item(
      fmt::format("Fencing of failed nodes {}", options.fencing_enabled ? "enabled" : "disabled"));
  out.item(fmt::format("Cluster is {}", options.symmetric_cluster ? "symmetric" : "asymmetric"));
  out.item(fmt::format("No quorum policy: {}", policy_words(options.quorum_policy).text));
  if (options.maintenance_mode) {
    out.item(Spans{{"", "Resource management: "},
                   {"bold", "DISABLED"},
                   {"", " (the cluster will not attempt to start, stop, or recover services)"}});
  } else if (options.stop_all_resources) {
    out.item(Spans{{"", "Resource management: "},
                   {"bold", "STOPPED"},
                   {"", " (the cluster will keep all resources stopped)"}});
  } else {
    out.item("Resource management: enabled");
  }
  out.end_list();
}

}  // namespace

bool write_cluster_summary_html(HtmlWriter& out, const model::Snapshot& snapshot, const Show& show,
                                const SummaryParts& parts, const LiveFacts& live) {
  if (parts.stack || parts.dc || parts.times || parts.counts) {
    out.begin_list("Cluster Summary");
    if (parts.stack) write_stack(out, snapshot, live);
    if (parts.dc) write_dc(out, snapshot, show);
    if (parts.times) write_times(out, snapshot.cib, show, live);
    if (parts.counts) write_counts(out, snapshot);
    out.end_list();
  }
  if (parts.options) write_options(out, snapshot.options);
  return parts.any_item();
}

}  // namespace quorate::status
