#include "scheduler_service/scheduler_service.h"

#include "base/planted.h"
#include "cib/edit.h"
#include "cib/patch.h"
#include "scheduler_service/plan_task.h"

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
  cib_.reset();
}

void SchedulerService::subscribe() {
  CibSubscribe request;
  request.client = "quorate-scheduler";
  effects_->push_back(SendSibling{Daemon::kCib, encode(request)});
  subscribed_ = true;
}

void SchedulerService::want_copy() {
  const bool wanted = !standby_.empty() || !waiting_.empty();
  if (!cib_up_ || wanted == subscribed_) return;
  if (wanted) return subscribe();
  effects_->push_back(SendSibling{Daemon::kCib, encode(CibUnsubscribe{})});
  subscribed_ = false;
  cib_.reset();
}

void SchedulerService::on(const SiblingMessage& event) {
  if (event.daemon != Daemon::kCib) return;
  const Result<CibServerMessage> message = decode_cib_server_message(event.payload);
  if (!message) {
    return log(LogLevel::kWarning, "Message of quorate-cib ignored: " + message.error().message);
  }
  if (!subscribed_) return;  // sent before it knew
  if (const auto* snapshot = std::get_if<CibSnapshot>(&*message)) return take(*snapshot);
  if (const auto* change = std::get_if<CibChange>(&*message)) return take(*change);
  if (std::holds_alternative<CibResync>(*message)) {
    cib_.reset();
    subscribe();
  }
}

void SchedulerService::take(const CibSnapshot& snapshot) {
  Result<cib::Cib> copy = cib::Cib::parse(snapshot.document, "snapshot of the CIB");
  if (!copy) return log(LogLevel::kError, "No copy of the CIB: " + copy.error().message);
  cib_.emplace(std::move(*copy));
  position_ = seen_ = snapshot.position;
  plan_what_can_be();
}

void SchedulerService::take(const CibChange& change) {
  if (!cib_ || change.position <= position_) return;
  if (planted("scheduler-misses-changes") && !computing_.empty()) {
    position_ = change.position;
    return;
  }
  constexpr std::uint64_t kTellEach = 50;
  const Result<xml::Document> patch = xml::Document::parse(change.patch, "patch");
  bool applied = false;
  if (patch) {
    cib::Edit edit(*cib_);
    applied = cib::apply_patch(edit, patch->root(), false) == cib::Code::kOk;
    if (applied) edit.commit();
  }
  if (!applied) {
    log(LogLevel::kWarning, "Change " + std::to_string(change.position) +
                                " doesn't fit the scheduler's copy of the CIB: fetching it anew");
    cib_.reset();
    return subscribe();
  }
  position_ = change.position;
  if (position_ >= seen_ + kTellEach || is_long(change)) {
    seen_ = position_;
    effects_->push_back(SendSibling{Daemon::kCib, encode(CibSeen{position_})});
  }
  plan_what_can_be();
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
  std::erase_if(computing_, [&](const auto& entry) { return entry.second.client == event.client; });
  want_copy();
}

void SchedulerService::plan_what_can_be() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (!cib_ || it->second.position > position_) {
      ++it;
      continue;
    }
    const std::uint64_t number = ++last_computation_;
    std::string input = plan_task_input(it->second, position_, cib_->to_string());
    computing_[number] = {it->first,
                          archive_ && InputArchive::takes(input) ? input : std::string()};
    effects_->push_back(ComputeAside{number, std::string(kPlanTask), std::move(input)});
    it = waiting_.erase(it);
  }
  want_copy();
}

void SchedulerService::on(const ComputeDone& event) {
  if (archive_ && archive_->compute_done(event, *effects_)) return;
  const auto found = computing_.find(event.request);
  if (found == computing_.end()) return;
  Computing done = std::move(found->second);
  computing_.erase(found);
  Result<ScheduleReply> reply = decode_schedule_reply(event.output);
  if (!archive_ || !reply || reply->series.empty()) {
    effects_->push_back(Reply{done.client, event.output});
    return;
  }
  // First the answer: what is kept of it can wait.
  Effects kept;
  reply->source = archive_->keep(reply->series, reply->series_max, std::move(done.input), kept);
  log(LogLevel::kNotice,
      "Calculated a transition" +
          (reply->source.empty() ? std::string() : ", saving inputs in " + reply->source));
  effects_->push_back(Reply{done.client, encode(*reply)});
  for (Effect& effect : kept) effects_->push_back(std::move(effect));
}

void SchedulerService::on(const FileWritten& event) {
  if (archive_) archive_->file_written(event, *effects_);
}

}  // namespace quorate
