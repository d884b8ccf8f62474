#include "simulate/show.h"

#include <fmt/format.h>

#include <string>

#include "base/score.h"
#include "base/text.h"
#include "common/local_time.h"
#include "status/attributes.h"
#include "status/history.h"
#include "status/node.h"
#include "status/resource_lists.h"

namespace quorate::cli::simulate {
namespace {

/// An informational message that belongs among the scores (spec/07 §13.3).
bool belongs_to_listing(const model::Message& message) {
  return message.text.starts_with("Only 'private' parameters to ") ||
         message.text.starts_with("Unfencing node ");
}

std::string listing_title(const Settings& settings) {
  if (!settings.show_utilization) return "Assignment Scores";
  if (!settings.show_scores) return "Utilization Information";
  return "Assignment Scores and Utilization Information";
}

std::string_view listing_element(const Settings& settings) {
  if (!settings.show_utilization) return "allocations";
  return settings.show_scores ? "allocations_utilizations" : "utilizations";
}

/// Attributes ` k=v k2=v2` behind a colon.
void write_pairs(xml::Writer& out, std::string_view pairs) {
  for (const std::string_view pair : split_words(pairs)) {
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos) {
      out.attribute(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }
}

/// Splits `text` at the first `separator` into what is before and after; after is empty without.
std::pair<std::string_view, std::string_view> cut(std::string_view text,
                                                  std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + separator.size())};
}

/// One line of the listing as an element.
void write_listing_element(xml::Writer& out, std::string_view line) {
  if (const auto [label, rest] = cut(line, ": "); line.find(" allocation score on ") != line.npos) {
    const auto [resource, place] = cut(rest, " allocation score on ");
    const auto [node, score] = cut(place, ": ");
    out.open("node_weight");
    out.attribute("function", label);
    out.attribute("node", node);
    out.attribute("score", score);
    out.attribute("id", resource);
  } else if (line.find(" promotion score ") != line.npos) {
    const auto [resource, place] = cut(line, " promotion score ");
    const auto [where, score] = cut(place, ": ");
    out.open("promotion_score");
    out.attribute("id", resource);
    out.attribute("score", score);
    if (where.starts_with("on ")) out.attribute("node", where.substr(3));
  } else if (line.find(" capacity:") != line.npos) {
    const auto [node, pairs] = cut(rest, " capacity:");
    out.open("capacity");
    out.attribute("node", node);
    out.attribute("comment", label);
    write_pairs(out, pairs);
  } else {
    const auto [resource, place] = cut(rest, " utilization on ");
    const auto [node, pairs] = cut(place, ":");
    out.open("utilization");
    out.attribute("resource", resource);
    out.attribute("node", node);
    out.attribute("function", label);
    write_pairs(out, pairs);
  }
  out.close();
}

}  // namespace

void show_cluster(Output& output, ClusterView view, std::string_view title,
                  std::string_view element, bool pending) {
  status::Show show;
  show.pending = pending;
  show.zone = local_utc_offset;
  const model::Snapshot& snapshot = view.context.snapshot;
  status::TextWriter& text = output.text();
  text.begin_list(title);
  if (status::write_nodes(text, snapshot, show)) text.gap();
  status::write_resources(text, snapshot, show);
  text.gap();
  status::Show detailed = show;
  detailed.detail = true;
  if (view.attributes && status::write_node_attributes(text, view.context, show)) text.gap();
  if (view.fail_counts) {
    if (status::write_node_history(text, view.context, show, {})) text.gap();
    status::write_failures(text, snapshot, detailed);
  }
  text.end_list();
  if (!output.structured()) return;
  xml::Writer& xml = output.xml();
  xml.open(element);
  if (!snapshot.nodes.empty()) status::write_nodes(xml, snapshot, show);
  status::write_resources(xml, snapshot, show);
  if (view.attributes) status::write_node_attributes(xml, view.context, show);
  if (view.fail_counts) {
    status::write_node_history(xml, view.context, show, {});
    status::write_failures(xml, snapshot, show);
  }
  xml.close();
}

void show_listing(Output& output, const Settings& settings, const scheduler::Schedule& run) {
  status::TextWriter& text = output.text();
  const bool plain = settings.show_scores && output.quiet();
  text.set_fancy(!plain);
  text.begin_list(listing_title(settings));
  for (const model::Message& message : run.snapshot->messages) {
    if (belongs_to_listing(message)) output.info(message.text);
  }
  for (const std::string& line : run.listing.lines) text.item(line);
  text.end_list();
  text.set_fancy(true);
  if (!output.structured()) return;
  output.xml().open(listing_element(settings));
  for (const std::string& line : run.listing.lines) write_listing_element(output.xml(), line);
  output.xml().close();
}

}  // namespace quorate::cli::simulate
