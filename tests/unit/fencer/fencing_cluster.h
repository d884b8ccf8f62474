#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fencer/fencer.h"

/// Fencers on nodes 1 to N ("node1" ...) with a simulated clock, group and fence agents. Client 1
/// of each node is subscribed. Fence agents take `agent_ms` and do what `agent` says.
class FencingCluster {
 public:
  using Effects = quorate::Effects;
  struct Node {
    std::string name;
    std::unique_ptr<quorate::fencer::Fencer> core;
    bool up = true;
    std::map<quorate::TimerId, std::int64_t> timers;
    std::vector<quorate::fencer::Reply> replies;  ///< to client 1
    std::vector<quorate::fencer::Notification> notifications;
    std::vector<quorate::SendSibling> to_siblings;
    std::vector<std::string> log;
  };
  /// A run of an agent: "off" etc. and the lines of its input.
  struct Call {
    std::string node;
    std::string agent;
    std::string action;
    std::map<std::string, std::string> input;
  };
  struct Running {
    std::int64_t ends_ms = 0;
    quorate::NodeNumber node = 0;
    std::uint64_t request = 0;
    quorate::ProcessResult result;
  };

  std::map<quorate::NodeNumber, Node> nodes;
  std::int64_t now_ms = 1'000;
  std::int64_t agent_ms = 100;
  /// Exit status of an agent's action; nullopt: it never ends by itself.
  std::function<std::optional<int>(const Call&)> agent = [](const Call&) { return 0; };
  std::string list_output;
  std::string metadata =
      "<resource-agent name='f'><version>1.1</version><parameters><parameter name='port'/>"
      "</parameters><actions><action name='on'/><action name='off'/><action name='reboot'/>"
      "<action name='status'/><action name='list'/><action name='monitor'/></actions>"
      "</resource-agent>";
  std::vector<Call> calls;  ///< other than metadata

  explicit FencingCluster(unsigned count) {
    for (quorate::NodeNumber n = 1; n <= count; ++n) start(n, n);
    for (auto& [number, node] : nodes) joined_.push_back(number);
    show_view({});
  }

  /// (Re)starts a node's fencer; the view comes with show_view() or join().
  void start(quorate::NodeNumber n, std::uint64_t seed) {
    Node& node = nodes[n];
    node = Node{};
    node.name = "node" + std::to_string(n);
    quorate::fencer::FencerConfig config;
    config.node = n;
    config.node_name = node.name;
    config.random_seed = seed * 1'000'003;
    node.core = std::make_unique<quorate::fencer::Fencer>(config);
    quorate::PeerCredentials peer;
    peer.privileged = true;
    peer.pid = 42;
    give(n, quorate::ClientConnected{1, peer});
    say(n, quorate::fencer::Subscribe{});
  }
  void join(quorate::NodeNumber n, std::uint64_t seed = 99) {
    start(n, seed);
    joined_ = {n};
    show_view({});
    settle();
  }
  /// The node is gone from the group; it gets nothing more.
  void lose(quorate::NodeNumber n) {
    nodes.at(n).up = false;
    std::erase_if(running_, [&](const Running& run) { return run.node == n; });
    show_view({n});
    settle();
  }

  void add_device(quorate::NodeNumber n, const std::string& id,
                  std::map<std::string, std::string> parameters,
                  const std::string& agent_name = "fence_test") {
    say(n, quorate::fencer::AddDevice{1, id, agent_name, std::move(parameters), false});
    settle();
    nodes.at(n).replies.clear();
  }
  void monitor(quorate::NodeNumber n, const std::string& id) {
    say(n, quorate::fencer::RunDevice{1, id, "monitor", "", 20});
    pass(agent_ms + 1);
    calls.clear();
    nodes.at(n).replies.clear();
  }

  void fence(quorate::NodeNumber from, const std::string& target, const std::string& action,
             std::int64_t timeout_s = 60, const std::string& client = "test",
             std::uint64_t incarnation = 0) {
    quorate::fencer::Fence request;
    request.request = ++next_request_;
    request.target = target;
    request.action = action;
    request.timeout_s = timeout_s;
    request.client = client;
    request.incarnation = incarnation;
    say(from, request);
    settle();
  }

  void say(quorate::NodeNumber n, const quorate::fencer::Request& request) {
    give(n, quorate::ClientMessage{1, quorate::fencer::encode(request)});
  }
  void give(quorate::NodeNumber n, const quorate::Event& event) {
    Node& node = nodes.at(n);
    if (!node.up) return;
    Effects effects;
    node.core->handle(event, {now_ms, 1'700'000'000'000 + now_ms}, effects);
    for (quorate::Effect& effect : effects) note(n, node, effect);
  }

  /// Delivers what has been broadcast, until nothing is left, and fires timers that are due.
  void settle() { pass(0); }
  /// Lets time pass; agents end and timers fire in order.
  void pass(std::int64_t ms) {
    const std::int64_t until = now_ms + ms;
    for (;;) {
      deliver();
      const std::int64_t next = next_event_ms();
      if (next > until) break;
      now_ms = std::max(now_ms, next);
      fire_one();
    }
    now_ms = until;
  }

  /// The answer to the last request of node n's client, notices left out.
  std::optional<quorate::AgentResult> answer(quorate::NodeNumber n) const {
    for (auto it = nodes.at(n).replies.rbegin(); it != nodes.at(n).replies.rend(); ++it) {
      if (!it->more_to_come) return it->result;
    }
    return std::nullopt;
  }
  /// "node1:off node2:on": who ran which fencing action.
  std::string actions() const {
    std::string text;
    for (const Call& call : calls)
      text += (text.empty() ? "" : " ") + call.node + ":" + call.action;
    return text;
  }
  std::vector<quorate::fencer::Operation> history(quorate::NodeNumber n) {
    say(n, quorate::fencer::GetHistory{1, "", false});
    auto history = nodes.at(n).replies.back().history;
    nodes.at(n).replies.pop_back();
    return history;
  }
  bool all_settled() const { return running_.empty(); }

 private:
  void show_view(const std::vector<quorate::NodeNumber>& left) {
    deliver();
    quorate::GroupView view;
    view.view = ++view_;
    for (const auto& [number, node] : nodes) {
      if (node.up) view.members.push_back({number, node.name, 1});
    }
    view.joined = std::exchange(joined_, {});
    view.left = left;
    for (auto& [number, node] : nodes) {
      if (node.up) give(number, view);
    }
  }

  void deliver() {
    while (!group_.empty()) {
      const auto [sender, payload] = group_.front();
      group_.pop_front();
      for (auto& [number, node] : nodes) {
        if (node.up) give(number, quorate::Delivered{++position_, sender, payload});
      }
    }
  }

  std::int64_t next_event_ms() const {
    std::int64_t next = INT64_MAX;
    for (const Running& run : running_) next = std::min(next, run.ends_ms);
    for (const auto& [number, node] : nodes) {
      if (!node.up) continue;
      for (const auto& [timer, at] : node.timers) next = std::min(next, at);
    }
    return next;
  }

  void fire_one() {
    for (auto run = running_.begin(); run != running_.end(); ++run) {
      if (run->ends_ms > now_ms) continue;
      const Running ended = *run;
      running_.erase(run);
      give(ended.node, quorate::ProcessEnded{ended.request, ended.result});
      return;
    }
    for (auto& [number, node] : nodes) {
      for (const auto& [timer, at] : node.timers) {
        if (!node.up || at > now_ms) continue;
        const quorate::TimerId fired = timer;
        node.timers.erase(fired);
        give(number, quorate::TimerFired{fired});
        return;
      }
    }
  }

  void run(quorate::NodeNumber n, const quorate::RunProcess& process) {
    Call call;
    call.node = nodes.at(n).name;
    call.agent = process.program.substr(process.program.rfind('/') + 1);
    std::size_t at = 0;
    while (at < process.input.size()) {
      const std::size_t end = process.input.find('\n', at);
      const std::string line = process.input.substr(at, end - at);
      call.input[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
      at = end + 1;
    }
    call.action = call.input["action"];
    Running running{now_ms, n, process.request, {}};
    if (call.action == "metadata") {
      running.result.out = metadata;
      running_.push_back(running);
      return;
    }
    calls.push_back(call);
    const std::optional<int> status = agent(call);
    running.ends_ms = now_ms + agent_ms;
    if (call.action == "list") running.result.out = list_output;
    running.result.status = status.value_or(0);
    if (!status || agent_ms > process.timeout_ms) {
      running.ends_ms = now_ms + process.timeout_ms;
      running.result.end = quorate::ProcessResult::End::kTimedOut;
    }
    running_.push_back(running);
  }

  void note(quorate::NodeNumber n, Node& node, quorate::Effect& effect) {
    using namespace quorate;
    if (auto* sent = std::get_if<Broadcast>(&effect)) group_.emplace_back(n, sent->payload);
    if (auto* process = std::get_if<RunProcess>(&effect)) run(n, *process);
    if (auto* timer = std::get_if<SetTimer>(&effect)) {
      node.timers[timer->timer] = now_ms + timer->delay_ms;
    }
    if (auto* timer = std::get_if<CancelTimer>(&effect)) node.timers.erase(timer->timer);
    if (auto* line = std::get_if<Log>(&effect)) node.log.push_back(line->record.text);
    if (auto* sent = std::get_if<SendSibling>(&effect)) node.to_siblings.push_back(*sent);
    if (auto* reply = std::get_if<quorate::Reply>(&effect)) {
      auto answer = fencer::decode_answer(reply->payload);
      REQUIRE(answer);
      if (auto* plain = std::get_if<fencer::Reply>(&*answer)) {
        node.replies.push_back(*plain);
      } else {
        node.notifications.push_back(std::get<fencer::Notification>(*answer));
      }
    }
  }

  std::deque<std::pair<quorate::NodeNumber, std::string>> group_;
  std::vector<Running> running_;
  std::vector<quorate::NodeNumber> joined_;
  std::uint64_t view_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t next_request_ = 100;
};
