#include "scheduler_service/scheduler_service.h"

#include <utility>

#include "base/planted.h"
#include "scheduler_service/planner.h"

namespace quorate {

void SchedulerService::handle(const Event& event, Now, Effects& effects) {
  effects_ = &effects;
  std::visit([this](const auto& e) { on(e); }, event);
  effects_ = nullptr;
}

void SchedulerService::log(LogLevel level, std::string text) {
  effects_->push_back(Log{{level, std::move(text)}});
}

void SchedulerService::on(const ShutdownRequested&) {
  effects_->push_back(Exit{0, "asked to stop"});
}

void SchedulerService::on(const SiblingUp& event) {
  if (event.daemon != Daemon::kCib) return;
  cib_up_ = true;
  want_copy();
}

void SchedulerService::on(const SiblingDown& event) {
  // Until the service is back the copy can't be known to be current.
  if (event.daemon != Daemon::kCib) return;
  cib_up_ = subscribed_ = false;
  drop_copy();
}

void SchedulerService::subscribe() {
  CibSubscribe request;
  request.client = "quorate-scheduler";
  request.long_changes = LongChanges::kRequest;
  effects_->push_back(SendSibling{Daemon::kCib, encode(request)});
  subscribed_ = true;
}

void SchedulerService::want_copy() {
  const bool wanted = !standby_.empty() || !waiting_.empty();
  if (!cib_up_ || wanted == subscribed_) return;
  if (wanted) return subscribe();
  effects_->push_back(SendSibling{Daemon::kCib, encode(CibUnsubscribe{})});
  subscribed_ = false;
  drop_copy();
}

void SchedulerService::on(const SiblingMessage& event) {
  if (event.daemon != Daemon::kCib) return;
  Result<CibServerMessage> message = decode_cib_server_message(event.payload);
  if (!message) {
    return log(LogLevel::kWarning, "Message of quorate-cib ignored: " + message.error().message);
  }
  if (!subscribed_) return;  // sent before it knew
  if (auto* snapshot = std::get_if<CibSnapshot>(&*message)) return take(*snapshot);
  if (auto* change = std::get_if<CibChange>(&*message)) return take(*change);
  if (std::holds_alternative<CibResync>(*message)) {
    drop_copy();
    subscribe();
  }
}

void SchedulerService::give(std::string_view task, std::string input, Work work) {
  work.copy = copy_;
  const std::uint64_t number = ++last_work_;
  work_.emplace(number, std::move(work));
  effects_->push_back(ComputeAside{number, std::string(task), std::move(input)});
}

void SchedulerService::drop_copy() {
  if (!position_) return;
  ++copy_;
  position_.reset();
  held_.clear();
  give(Planner::kDropTask, {}, {});
}

void SchedulerService::take(CibSnapshot& snapshot) {
  ++copy_;
  position_ = seen_ = snapshot.position;
  held_.clear();
  give(Planner::kTakeTask, std::move(snapshot.document),
       {.position = snapshot.position, .whole = true});
  plan_what_can_be();
}

void SchedulerService::take(CibChange& change) {
  if (!position_ || change.position <= *position_) return;
  position_ = change.position;
  if (planted("scheduler-misses-changes") && !planned_for_.empty()) return;
  constexpr std::uint64_t kTellEach = 50;
  const bool tells = change.position >= seen_ + kTellEach || is_long(change);
  if (tells) seen_ = change.position;
  const bool at_once = tells || held_.size() + 1 >= kMaxHeld;
  Work work{.position = change.position, .tells = tells};
  if (change.request.empty()) {
    held_.push_back({Planner::kChangeTask, std::move(change.patch), std::move(work)});
  } else {
    held_.push_back({Planner::kRepeatTask, cib::to_text(change.version) + "\n" + change.request,
                     std::move(work)});
  }
  if (at_once || !change.request.empty()) give_held();
  plan_what_can_be();
}

void SchedulerService::give_held() {
  for (Held& held : std::exchange(held_, {})) {
    give(held.task, std::move(held.input), std::move(held.work));
  }
}

/// A snapshot or change has reached the planner's copy, or hasn't.
void SchedulerService::changed(const Work& work, const ComputeDone& event) {
  if (event.failed) {
    return work.whole ? refuse_copy(work, event.output) : lost_copy(work, event.output);
  }
  if (work.copy != copy_ || !work.tells) return;
  effects_->push_back(SendSibling{Daemon::kCib, encode(CibSeen{work.position})});
}

/// What was to be planned for it waits for the next one.
void SchedulerService::lost_copy(const Work& lost, const std::string& why) {
  for (auto it = work_.begin(); it != work_.end();) {
    Work& work = it->second;
    if (work.copy == lost.copy && work.request) {
      planned_for_.erase(work.client);
      waiting_.try_emplace(work.client, std::move(*work.request));
      it = work_.erase(it);
    } else {
      ++it;
    }
  }
  if (lost.copy == copy_ && position_) {
    log(LogLevel::kWarning, "Change " + std::to_string(lost.position) +
                                " can't be made in the scheduler's copy of the CIB (" + why +
                                "): fetching it anew");
    ++copy_;
    position_.reset();
    held_.clear();
    subscribe();
  }
  plan_what_can_be();
}

/// A document that can't be read won't be better the next time: nobody waits for that. Whoever asks
/// again causes another attempt.
void SchedulerService::refuse_copy(const Work& refused, const std::string& why) {
  log(LogLevel::kError, "No copy of the CIB: " + why);
  if (refused.copy != copy_) return;
  for (const auto& [client, request] : waiting_) answer(client, request.id, why);
  waiting_.clear();
  if (!subscribed_) return;
  effects_->push_back(SendSibling{Daemon::kCib, encode(CibUnsubscribe{})});
  subscribed_ = false;
  ++copy_;
  position_.reset();
  held_.clear();
}

void SchedulerService::on(const ClientMessage& event) {
  Result<SchedulerMessage> message = decode_scheduler_message(event.payload);
  if (!message) {
    ScheduleReply refused;
    refused.error = message.error().message;
    effects_->push_back(Reply{event.client, encode(refused)});
    return;
  }
  std::visit([&](auto& m) { take(event.client, std::move(m)); }, *message);
}

void SchedulerService::take(ClientId client, ScheduleRequest request) {
  waiting_[client] = std::move(request);
  want_copy();
  plan_what_can_be();
}

void SchedulerService::take(ClientId client, const ScheduleStandby& standby) {
  if (standby.ready) {
    standby_.insert(client);
  } else {
    standby_.erase(client);
  }
  want_copy();
}

void SchedulerService::on(const ClientGone& event) {
  standby_.erase(event.client);
  waiting_.erase(event.client);
  planned_for_.erase(event.client);
  std::erase_if(work_, [&](const auto& entry) {
    return entry.second.request && entry.second.client == event.client;
  });
  want_copy();
}

void SchedulerService::plan_what_can_be() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    // One at a time for each client: the next is the latest it has asked for by then.
    if (!position_ || it->second.position > *position_ || planned_for_.contains(it->first)) {
      ++it;
      continue;
    }
    Work work{.position = *position_, .client = it->first, .request = std::move(it->second)};
    it = waiting_.erase(it);
    planned_for_.insert(work.client);
    give_held();
    std::string question = encode(*work.request);
    give(Planner::kPlanTask, std::move(question), std::move(work));
  }
  want_copy();
}

void SchedulerService::on(const ComputeDone& event) {
  if (archive_ && archive_->compute_done(event, *effects_)) return;
  const auto found = work_.find(event.request);
  if (found == work_.end()) return;
  const Work work = std::move(found->second);
  work_.erase(found);
  if (work.request) {
    planned_for_.erase(work.client);
    planned(work, event);
    plan_what_can_be();
  } else {
    changed(work, event);
  }
}

void SchedulerService::answer(ClientId client, std::uint64_t id, std::string error) {
  ScheduleReply reply;
  reply.id = id;
  reply.error = std::move(error);
  effects_->push_back(Reply{client, encode(reply)});
}

void SchedulerService::planned(const Work& work, const ComputeDone& event) {
  if (event.failed) return answer(work.client, work.request->id, event.output);
  Result<PlanOutput> output = decode_plan_output(event.output);
  if (!output) return answer(work.client, work.request->id, output.error().message);
  Result<ScheduleReply> reply = decode_schedule_reply(output->reply);
  if (!reply) return answer(work.client, work.request->id, reply.error().message);
  reply->position = work.position;
  // First the answer: what is kept of it can wait.
  Effects kept;
  if (archive_ && !reply->series.empty()) {
    const bool is_long = output->input.empty();
    reply->source =
        archive_->keep(reply->series, reply->series_max, std::move(output->input), kept);
    log(LogLevel::kNotice,
        !reply->source.empty() ? "Calculated a transition, saving inputs in " + reply->source
        : is_long ? "Calculated a transition; its input is too long to be saved (over " +
                        std::to_string(InputArchive::kMaxInputBytes >> 20) + " MiB)"
                  : "Calculated a transition");
  }
  effects_->push_back(Reply{work.client, encode(*reply)});
  for (Effect& effect : kept) effects_->push_back(std::move(effect));
}

void SchedulerService::on(const FileWritten& event) {
  if (archive_) archive_->file_written(event, *effects_);
}

}  // namespace quorate
