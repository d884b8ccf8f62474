#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <vector>

#include "executor/executor.h"
#include "messages/fencer.h"

/// An executor with a simulated clock, one subscribed client (1), and processes that end when the
/// test says so.
struct Host {
  using Effects = quorate::Effects;

  quorate::executor::Executor core;
  quorate::Now now{1'000'000, 1'700'000'000'000};
  std::map<quorate::TimerId, std::int64_t> timers;
  std::vector<quorate::RunProcess> processes;
  std::vector<std::uint64_t> killed;
  std::vector<quorate::UnitCall> unit_calls;
  std::vector<quorate::ComputeAside> asides;
  std::vector<std::pair<quorate::ClientId, quorate::executor::Answer>> answers;
  std::vector<quorate::fencer::Request> to_fencer;
  std::optional<quorate::Exit> exit;
  std::uint64_t next_request = 0;

  explicit Host(quorate::executor::ExecutorConfig config = {}) : core(std::move(config)) {
    connect(1);
    say(1, quorate::executor::Subscribe{});
  }

  void give(const quorate::Event& event) {
    Effects effects;
    core.handle(event, now, effects);
    for (const quorate::Effect& effect : effects) note(effect);
  }

  void connect(quorate::ClientId client, bool privileged = true) {
    quorate::PeerCredentials peer;
    peer.privileged = privileged;
    give(quorate::ClientConnected{client, peer});
  }

  void say(quorate::ClientId client, const quorate::executor::Request& request) {
    give(quorate::ClientMessage{client, quorate::executor::encode(request)});
  }

  /// Runs an action of a Dummy resource.
  void run(const std::string& resource, const std::string& task, std::int64_t interval_ms = 0,
           std::int64_t start_delay_ms = 0, const std::string& user_data = "") {
    quorate::executor::RunAction request;
    request.request = ++next_request;
    request.resource = resource;
    request.agent = {"ocf", "test", "Dummy"};
    request.task = task;
    request.interval_ms = interval_ms;
    request.timeout_ms = 20'000;
    request.start_delay_ms = start_delay_ms;
    request.user_data = user_data;
    say(1, request);
  }

  void cancel(const std::string& resource, const std::string& task, std::int64_t interval_ms) {
    say(1, quorate::executor::CancelAction{++next_request, resource, task, interval_ms});
  }

  /// The oldest process ends.
  void end_process(int status, std::string err = {}) {
    REQUIRE_FALSE(processes.empty());
    quorate::ProcessEnded ended;
    ended.request = processes.front().request;
    ended.result.status = status;
    ended.result.err = std::move(err);
    processes.erase(processes.begin());
    give(ended);
  }
  void end_process(quorate::ProcessResult::End end, int status) {
    REQUIRE_FALSE(processes.empty());
    quorate::ProcessEnded ended;
    ended.request = processes.front().request;
    ended.result.end = end;
    ended.result.status = status;
    processes.erase(processes.begin());
    give(ended);
  }

  /// Lets time pass, firing timers in order.
  void pass(std::int64_t ms) {
    const std::int64_t until = now.monotonic_ms + ms;
    for (;;) {
      auto first = timers.end();
      for (auto it = timers.begin(); it != timers.end(); ++it) {
        if (it->second <= until && (first == timers.end() || it->second < first->second)) {
          first = it;
        }
      }
      if (first == timers.end()) break;
      set_clock(first->second);
      const quorate::TimerId timer = first->first;
      timers.erase(first);
      give(quorate::TimerFired{timer});
    }
    set_clock(until);
  }

  /// Results passed on since the last call, to client 1.
  std::vector<quorate::executor::ActionEnded> take_results() {
    std::vector<quorate::executor::ActionEnded> results;
    for (const auto& [client, answer] : take_answers()) {
      const auto* ended = std::get_if<quorate::executor::ActionEnded>(&answer);
      if (ended != nullptr && client == 1) results.push_back(*ended);
    }
    return results;
  }
  quorate::executor::Done last_done() {
    for (auto it = answers.rbegin(); it != answers.rend(); ++it) {
      if (const auto* done = std::get_if<quorate::executor::Done>(&it->second)) return *done;
    }
    FAIL("no reply");
    return {};
  }
  quorate::executor::State state() {
    say(1, quorate::executor::ListState{++next_request, ""});
    auto state = std::get<quorate::executor::State>(answers.back().second);
    answers.pop_back();
    return state;
  }
  std::vector<std::pair<quorate::ClientId, quorate::executor::Answer>> take_answers() {
    return std::exchange(answers, {});
  }
  std::string running() const {
    std::string text;
    for (const auto& process : processes) text += process.describe + "; ";
    return text;
  }

 private:
  void set_clock(std::int64_t monotonic_ms) {
    now.wall_ms += monotonic_ms - now.monotonic_ms;
    now.monotonic_ms = monotonic_ms;
  }

  void note(const quorate::Effect& effect) {
    using namespace quorate;
    if (const auto* run = std::get_if<RunProcess>(&effect)) processes.push_back(*run);
    if (const auto* kill = std::get_if<KillProcess>(&effect)) killed.push_back(kill->request);
    if (const auto* call = std::get_if<UnitCall>(&effect)) unit_calls.push_back(*call);
    if (const auto* aside = std::get_if<ComputeAside>(&effect)) asides.push_back(*aside);
    if (const auto* ending = std::get_if<Exit>(&effect)) exit = *ending;
    if (const auto* timer = std::get_if<SetTimer>(&effect)) {
      timers[timer->timer] = now.monotonic_ms + timer->delay_ms;
    }
    if (const auto* timer = std::get_if<CancelTimer>(&effect)) timers.erase(timer->timer);
    if (const auto* reply = std::get_if<Reply>(&effect)) {
      auto answer = executor::decode_answer(reply->payload);
      REQUIRE(answer);
      answers.emplace_back(reply->client, std::move(*answer));
    }
    if (const auto* sent = std::get_if<SendSibling>(&effect)) {
      REQUIRE(sent->daemon == Daemon::kFencer);
      auto request = fencer::decode_request(sent->payload);
      REQUIRE(request);
      to_fencer.push_back(std::move(*request));
    }
  }
};
