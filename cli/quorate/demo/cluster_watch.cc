#include "quorate/demo/cluster_watch.h"

#include <fmt/format.h>

#include <ctime>

#include "base/text.h"
#include "cib/apply.h"
#include "io/ipc/endpoint.h"
#include "messages/cib.h"
#include "messages/fencer.h"
#include "quorate/demo/service_probe.h"
#include "scheduler/schedule.h"
#include "status/node.h"
#include "status/primitive.h"

namespace quorate::demo {

namespace {

ipc::ClientOptions service(const std::string& run_directory, std::string_view name) {
  ipc::ClientOptions options;
  options.path = ipc::service_path(run_directory, name);
  return options;
}

void collect(const model::Snapshot& snapshot, const std::vector<model::Resource*>& resources,
             Picture& picture) {
  for (const model::Resource* resource : resources) {
    if (!resource->children.empty()) {
      collect(snapshot, resource->children, picture);
      continue;
    }
    const model::Node* node = model::current_node(*resource);
    if (node != nullptr) picture.runs_on[std::string(resource->id)] = std::string(node->name);
    std::string state(model::role_name(resource->role));
    if (resource->failed) state = "FAILED";
    const std::string_view pending = status::pending_text(*resource);
    if (!pending.empty()) state = std::string(pending);
    if (node != nullptr) state += " " + std::string(node->name);
    picture.resources.push_back({std::string(resource->id), state});
  }
}

}  // namespace

ClusterWatch::ClusterWatch(io::Loop& loop, std::string run_directory, Callbacks callbacks)
    : loop_(loop), callbacks_(std::move(callbacks)) {
  cib_ = std::make_unique<ipc::Client>(
      loop, service(run_directory, "quorate-cib"),
      ipc::Client::Handlers{[this](std::int32_t) { subscribe(); }, [](const std::string&) {},
                            [this](const std::string& text) { cib_message(text); }});
  fencer_ = std::make_unique<ipc::Client>(
      loop, service(run_directory, "quorate-fencer"),
      ipc::Client::Handlers{[this](std::int32_t) {
                              fencer_->send(fencer::encode(fencer::Request(fencer::Subscribe{})));
                            },
                            [](const std::string&) {},
                            [this](const std::string& text) { fencer_message(text); }});
}

std::vector<AgentTime> ClusterWatch::agent_times(std::int64_t from_us) const {
  std::vector<AgentTime> times;
  for (const Result& result : results_) {
    if (result.at_us >= from_us) times.push_back(result.time);
  }
  return times;
}

void ClusterWatch::cib_message(const std::string& text) {
  const std::int64_t now_us = monotonic_us();
  auto message = decode_cib_server_message(text);
  if (!message) return;
  if (const auto* snapshot = std::get_if<CibSnapshot>(&*message)) {
    document_ = snapshot->document;
  } else if (const auto* change = std::get_if<CibChange>(&*message)) {
    CibSeen seen;
    seen.position = change->position;
    cib_->send(encode(seen));
    if (!apply_patch(change->patch)) return subscribe();
  } else if (std::holds_alternative<CibResync>(*message)) {
    return subscribe();
  } else {
    return;
  }
  note_results(now_us);
  // Several changes come at once: one picture of them is enough.
  if (!refresh_timer_.pending()) refresh_timer_ = loop_.after(15, [this] { refresh(); });
}

bool ClusterWatch::apply_patch(const std::string& text) {
  auto cib = cib::Cib::parse(document_);
  if (!cib) return false;
  cib::Request patch;
  patch.operation = cib::Operation::kPatch;
  patch.data = text;
  if (cib::apply(*cib, patch, {}, nullptr).code != cib::Code::kOk) return false;
  document_ = cib->to_string();
  return true;
}

void ClusterWatch::subscribe() {
  CibSubscribe subscribe;
  subscribe.client = "quorate demo";
  cib_->send(encode(subscribe));
}

void ClusterWatch::fencer_message(const std::string& text) {
  const std::int64_t now_us = monotonic_us();
  const auto answer = fencer::decode_answer(text);
  if (!answer) return;
  const auto* notification = std::get_if<fencer::Notification>(&*answer);
  if (notification == nullptr || notification->what != fencer::Notification::What::kFenced) return;
  const fencer::Operation& operation = notification->operation;
  callbacks_.happened(now_us, fmt::format("fencing of {} by {} {}", operation.target,
                                          operation.delegate.empty() ? "?" : operation.delegate,
                                          operation.result.succeeded() ? "succeeded" : "failed"));
}

/// New results of agents and joins of nodes, for the timeline.
void ClusterWatch::note_results(std::int64_t at_us) {
  const auto parsed = xml::Document::parse(document_, "the CIB");
  if (!parsed) return;
  for (xml::Element state : xml::children(parsed->root().first_child("status"), "node_state")) {
    const std::string node(state.get_or("uname", {}));
    std::string& join = join_states_[node];
    const std::string now_join(state.get_or("join", {}));
    if (join != now_join && now_join == "member") {
      callbacks_.happened(at_us, fmt::format("{} has joined the cluster", node));
    }
    join = now_join;
    const xml::Element history = state.first_child("lrm").first_child("lrm_resources");
    for (xml::Element resource : xml::children(history, "lrm_resource")) {
      for (xml::Element entry : xml::children(resource, "lrm_rsc_op")) {
        const std::string_view task = entry.get_or("operation", {});
        if ((task != "start" && task != "stop") || entry.get("op-status") != "0") continue;
        const std::string key =
            fmt::format("{} {} {} {}", node, entry.get_or("operation_key", {}),
                        entry.get_or("call-id", {}), entry.get_or("last-rc-change", {}));
        if (!seen_results_.insert(key).second) continue;
        const std::int64_t exec_ms = to_integer(entry.get_or("exec-time", "0")).value_or(0);
        results_.push_back({at_us, {std::string(resource.id()), std::string(task), node, exec_ms}});
        callbacks_.happened(at_us,
                            fmt::format("{} {} on {} (its agent took {} ms)", resource.id(),
                                        task == "start" ? "started" : "stopped", node, exec_ms));
      }
    }
  }
}

void ClusterWatch::refresh() {
  Picture picture;
  const auto parsed = xml::Document::parse(document_, "the CIB");
  if (parsed) {
    scheduler::Input input;
    input.cib = parsed->root();
    input.now_seconds = std::time(nullptr);
    input.want_graph = false;
    const auto schedule = scheduler::schedule(input);
    if (schedule) {
      const model::Snapshot& snapshot = *schedule->snapshot;
      picture.readable = true;
      picture.has_dc = snapshot.dc_node != nullptr;
      for (const model::Node* node : snapshot.nodes_by_name) {
        picture.nodes.push_back(
            {std::string(node->name), std::string(status::node_status_text(*node))});
      }
      collect(snapshot, snapshot.resources, picture);
      for (const graph::Action& action : schedule->actions->actions) {
        if (action.required() && action.runnable() && !action.pseudo()) ++picture.planned;
      }
    }
  }
  picture_ = std::move(picture);
  callbacks_.changed(picture_);
}

}  // namespace quorate::demo
