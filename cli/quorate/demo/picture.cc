#include "quorate/demo/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scheduler/schedule.h"
#include "status/history.h"
#include "status/list_writer.h"
#include "status/node.h"
#include "status/primitive.h"

namespace quorate::demo {

namespace {

Picture::ResourceLine& line_of(Picture& picture, std::string_view name) {
  for (auto& line : picture.resources) {
    if (line.name == name) return line;
  }
  picture.resources.push_back({std::string(name), "Stopped", {}, {}});
  return picture.resources.back();
}

void add_resources(Picture& picture, const std::vector<model::Resource*>& resources) {
  for (const model::Resource* resource : resources) {
    if (!resource->children.empty()) {
      add_resources(picture, resource->children);
      continue;
    }
    const model::Node* node = model::current_node(*resource);
    auto& line = line_of(picture, resource->printable_id());
    if (node == nullptr && line.state != "Stopped") continue;
    std::string state(model::role_name(resource->role));
    if (resource->failed) state = "FAILED";
    const std::string_view pending = status::pending_text(*resource);
    if (!pending.empty()) state = std::string(pending);
    line.state = state;
    if (node == nullptr) continue;
    line.places.emplace_back(node->name);
    picture.runs_on[std::string(resource->id)] = std::string(node->name);
  }
}

void append(std::string& text, std::string_view more) {
  if (!text.empty()) text += "; ";
  text += more;
}

std::string because(std::string_view reason) {
  return reason.empty() ? std::string() : fmt::format(" ({})", reason);
}

std::string words_of(const scheduler::ResourceChange& change) {
  const std::string word = to_lower(change.word);
  std::string where;
  if (change.origin != nullptr && change.destination != nullptr && !change.same_host()) {
    where = fmt::format(" from {} to {}", change.origin->name, change.destination->name);
  } else if (const model::Node* node =
                 change.destination != nullptr ? change.destination : change.origin) {
    where = fmt::format(" on {}", node->name);
  }
  return fmt::format("{}{}{}{}", word, where, because(change.reason),
                     change.runnable ? "" : ", which isn't possible now");
}

void add_plans(Picture& picture, const scheduler::Summary& summary) {
  for (const scheduler::NodeChange& change : summary.nodes) {
    for (auto& line : picture.nodes) {
      if (change.node == nullptr || line.name != change.node->name) continue;
      append(line.plan, to_lower(change.task) + because(change.reason));
    }
  }
  for (const scheduler::ResourceChange& change : summary.resources) {
    append(line_of(picture, change.resource->printable_id()).plan, words_of(change));
  }
}

/// The failed actions as crm_mon has them.
std::vector<std::string> failures_of(const model::Snapshot& snapshot) {
  status::TextWriter out(false);
  if (!status::write_failures(out, snapshot, status::Show{})) return {};
  std::vector<std::string> lines;
  for (const std::string_view line : split_words(out.text(), '\n')) lines.emplace_back(line);
  return lines;
}

}  // namespace

Picture picture_of(xml::Document& cib, std::int64_t now_seconds) {
  Picture picture;
  scheduler::Input input;
  input.cib = cib.root();
  input.now_seconds = now_seconds;
  input.want_graph = false;
  const auto schedule = scheduler::schedule(input);
  if (!schedule) return picture;
  const model::Snapshot& snapshot = *schedule->snapshot;
  picture.readable = true;
  picture.has_dc = snapshot.dc_node != nullptr;
  for (const model::Node* node : snapshot.nodes_by_name) {
    picture.nodes.push_back({std::string(node->name),
                             std::string(status::node_status_text(*node)),
                             node == snapshot.dc_node,
                             {}});
  }
  add_resources(picture, snapshot.resources);
  add_plans(picture, schedule->summary);
  picture.failures = failures_of(snapshot);
  for (const graph::Action& action : schedule->actions->actions) {
    if (action.required() && action.runnable() && !action.pseudo()) ++picture.planned;
  }
  return picture;
}

}  // namespace quorate::demo
