#include "quorate/demo/cluster_watch.h"

#include <fmt/format.h>

#include <ctime>

#include "base/text.h"
#include "io/ipc/endpoint.h"
#include "messages/fencer.h"
#include "quorate/demo/picture.h"
#include "quorate/demo/service_probe.h"

namespace quorate::demo {

namespace {

ipc::ClientOptions service(const std::string& run_directory, std::string_view name) {
  ipc::ClientOptions options;
  options.path = ipc::service_path(run_directory, name);
  return options;
}

}  // namespace

ClusterWatch::ClusterWatch(io::Loop& loop, const std::string& run_directory, Callbacks callbacks)
    : loop_(loop), callbacks_(std::move(callbacks)) {
  cli::CibFollower::Handlers follow;
  follow.document = [this] { take_document(); };
  follow.change = [this](const CibChange&, xml::Element patch) { take_change(patch); };
  follow.lost = [this] { picture_.readable = false; };
  cib_ = std::make_unique<cli::CibFollower>(
      loop, cli::CibFollower::Options{service(run_directory, "quorate-cib"), "quorate demo"},
      std::move(follow));
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

void ClusterWatch::take_document() {
  const cib::Cib& cib = *cib_->cib();
  for (xml::Element state : xml::children(cib.status(), "node_state")) {
    const std::string_view node = state.get_or("uname", state.id());
    const xml::Element history = state.first_child("lrm").first_child("lrm_resources");
    for (xml::Element resource : xml::children(history, "lrm_resource")) {
      for (xml::Element entry : xml::children(resource, "lrm_rsc_op")) {
        note_result(entry, node, seen_a_document_);
      }
    }
  }
  note_joins();
  seen_a_document_ = true;
  refresh_soon();
}

void ClusterWatch::take_change(xml::Element patch) {
  cli::for_each_new_result(*cib_->cib(), patch, [this](xml::Element entry, std::string_view node) {
    note_result(entry, node, true);
  });
  note_joins();
  refresh_soon();
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

void ClusterWatch::note_joins() {
  const std::int64_t now_us = monotonic_us();
  for (xml::Element state : xml::children(cib_->cib()->status(), "node_state")) {
    const std::string node(state.get_or("uname", state.id()));
    const std::string_view join = state.get_or("join", {});
    std::string& known = join_states_[node];
    if (known == join) continue;
    known = join;
    if (join == "member" && seen_a_document_) {
      callbacks_.happened(now_us, fmt::format("{} has joined the cluster", node));
    }
  }
}

/// A result of an agent that starts or stops something, for the timeline if it is news.
void ClusterWatch::note_result(xml::Element entry, std::string_view node, bool news) {
  const std::string_view task = entry.get_or("operation", {});
  if ((task != "start" && task != "stop") || entry.get("op-status") != "0") return;
  const std::string_view operation_key = entry.get_or("operation_key", {});
  const std::string key =
      fmt::format("{} {} {} {}", node, operation_key, entry.get_or("call-id", {}),
                  entry.get_or("last-rc-change", {}));
  if (!seen_results_.insert(key).second || !news) return;
  // RESOURCE_TASK_INTERVAL
  const std::string resource(
      operation_key.substr(0, operation_key.rfind(fmt::format("_{}_", task))));
  const std::int64_t exec_ms = to_integer(entry.get_or("exec-time", "0")).value_or(0);
  const std::int64_t now_us = monotonic_us();
  results_.push_back({now_us, {resource, std::string(task), std::string(node), exec_ms}});
  callbacks_.happened(now_us, fmt::format("{} {} on {} (its agent took {} ms)", resource,
                                          task == "start" ? "started" : "stopped", node, exec_ms));
}

void ClusterWatch::refresh_soon() {
  constexpr std::int64_t kTogetherMs = 15;
  if (!refresh_timer_.pending()) refresh_timer_ = loop_.after(kTogetherMs, [this] { refresh(); });
}

void ClusterWatch::refresh() {
  if (cib_->cib() == nullptr) return;
  auto copy = xml::Document::copy_of(cib_->cib()->root());
  picture_ = picture_of(copy, std::time(nullptr));
  callbacks_.changed(picture_);
}

}  // namespace quorate::demo
