#include "status/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "scheduler/state/state.h"
#include "status/html_writer.h"
#include "status/node.h"

namespace quorate::status {
namespace {

using model::Node;
using model::Resource;

bool is_hidden(std::string_view name) {
  static constexpr std::string_view kPrefixes[] = {"fail-count-", "last-failure-", "shutdown",
                                                   "terminate",   "standby",       "#"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

std::map<std::string_view, std::string_view> shown_attributes(const Node& node) {
  std::map<std::string_view, std::string_view> shown;
  for (const auto& [name, value] : node.attributes) {
    if (!is_hidden(name)) shown.emplace(name, value);
  }
  return shown;
}

/// What a ping resource running on the node promises for the attribute, if one maintains it.
std::optional<std::int64_t> expected_connectivity(scheduler::Context& context, const Node& node,
                                                  std::string_view attribute) {
  for (Resource* resource : node.running) {
    if (!iequals(resource->type, "ping") && !iequals(resource->type, "pingd")) continue;
    const model::NameValues& parameters = scheduler::parameters_of(context, *resource, &node);
    if (!iequals(parameters.get_or("name", "pingd"), attribute)) continue;
    const auto hosts = split_words(parameters.get_or("host_list", {})).size();
    const auto multiplier = to_integer(parameters.get_or("multiplier", "1")).value_or(1);
    return static_cast<std::int64_t>(hosts) * multiplier;
  }
  return std::nullopt;
}

enum class Connectivity { kFull, kDegraded, kLost };

Connectivity connectivity_of(std::optional<std::int64_t> expected, std::string_view value) {
  if (!expected) return Connectivity::kFull;
  const std::int64_t score = to_integer(value).value_or(0);
  if (score <= 0) return Connectivity::kLost;
  return score < *expected ? Connectivity::kDegraded : Connectivity::kFull;
}

std::string attribute_line(std::string_view name, std::string_view value,
                           std::optional<std::int64_t> expected) {
  std::string line = fmt::format("{:<32}\t: {:<10}", name, value);
  const Connectivity connectivity = connectivity_of(expected, value);
  if (connectivity == Connectivity::kLost) line += "\t: Connectivity is lost";
  if (connectivity == Connectivity::kDegraded) {
    line += fmt::format("\t: Connectivity is degraded (Expected={})", *expected);
  }
  return line;
}

std::vector<HtmlWriter::Span> attribute_spans(std::string_view name, std::string_view value,
                                              std::optional<std::int64_t> expected) {
  std::vector<HtmlWriter::Span> spans = {{"", fmt::format("{}: {}", name, value)}};
  const Connectivity connectivity = connectivity_of(expected, value);
  if (connectivity == Connectivity::kLost) spans.push_back({"bold", " (connectivity is lost)"});
  if (connectivity == Connectivity::kDegraded) {
    spans.push_back({"bold", fmt::format(" (connectivity is degraded -- expected {})", *expected)});
  }
  return spans;
}

/// Calls visit(node, attributes) for each node that has something to show.
template <class Visitor>
void for_each_node(const model::Snapshot& snapshot, const Show& show, const Visitor& visit) {
  for (const Node* node : snapshot.nodes_by_name) {
    if (!node->online || !show.wants_node(node->name)) continue;
    const auto attributes = shown_attributes(*node);
    if (!attributes.empty()) visit(*node, attributes);
  }
}

}  // namespace

bool write_node_attributes(ListWriter& out, scheduler::Context& context, const Show& show) {
  bool headed = false;
  for_each_node(context.snapshot, show, [&](const Node& node, const auto& attributes) {
    if (!headed) out.begin_list("Node Attributes");
    headed = true;
    const std::string shown_name = display_name(node, show.detail);
    auto* page = dynamic_cast<HtmlWriter*>(&out);
    out.begin_list(page != nullptr ? shown_name + ":" : "Node: " + shown_name);
    for (const auto& [name, value] : attributes) {
      const auto expected = expected_connectivity(context, node, name);
      if (page != nullptr) {
        page->item(attribute_spans(name, value, expected));
      } else {
        out.item(attribute_line(name, value, expected));
      }
    }
    out.end_list();
  });
  if (headed) out.end_list();
  return headed;
}

bool write_node_attributes(xml::Writer& out, scheduler::Context& context, const Show& show) {
  bool headed = false;
  for_each_node(context.snapshot, show, [&](const Node& node, const auto& attributes) {
    if (!headed) out.open("node_attributes");
    headed = true;
    out.open("node");
    out.attribute("name", node.name);
    for (const auto& [name, value] : attributes) {
      out.open("attribute");
      out.attribute("name", name);
      out.attribute("value", value);
      if (const auto expected = expected_connectivity(context, node, name)) {
        out.attribute("expected", *expected);
      }
      out.close();
    }
    out.close();
  });
  if (headed) out.close();
  return headed;
}

}  // namespace quorate::status
