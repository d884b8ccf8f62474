#include "replica/replica.h"

#include <algorithm>

#include "base/planted.h"
#include "cib/edit.h"
#include "messages/cib_health.h"

namespace quorate::replica {
namespace {

constexpr std::int64_t kDiskRetryMs = 10'000;
// cib.xml follows what is safe when changes have paused so long, or have gone on for so long.
constexpr std::int64_t kPauseMs = 1'000;
constexpr std::int64_t kBehindMs = 10'000;

cib::Cib empty_cib(const ReplicaConfig& config) {
  return cib::Cib::empty(config.feature_set, config.validator != nullptr
                                                 ? config.validator->highest_schema()
                                                 : std::string("pacemaker-4.0"));
}

Copy initial_copy(const ReplicaConfig& config, Loaded& loaded) {
  if (loaded.cib)
    return Copy(std::move(*loaded.cib), loaded.lineage, loaded.proposed, loaded.quorate_order,
                std::move(loaded.answers));
  if (!config.files.empty()) loaded.reports.push_back("Continuing with an empty configuration");
  return Copy(empty_cib(config), loaded.lineage, loaded.proposed, loaded.quorate_order);
}

}  // namespace

Replica::Replica(ReplicaConfig config)
    : config_(std::move(config)), copy_(empty_cib(config_), 0, 0, 0) {
  Loaded loaded = load(config_.files);
  copy_ = initial_copy(config_, loaded);
  disk_ = DiskWriter(loaded.write);
  config_.files.clear();
  set_aside_files_ = std::move(loaded.set_aside);
  load_reports_ = std::move(loaded.reports);
}

void Replica::handle(const Event& event, Now now, Effects& effects) {
  now_ = now;
  effects_ = &effects;
  std::visit([this](const auto& e) { on(e); }, event);
  pump_transfer();
  pump_clients();
  pump_disk();
  end_if_done();
  effects_ = nullptr;
}

void Replica::log(LogLevel level, std::string text) {
  effects_->push_back(Log{{level, "CIB: " + std::move(text)}});
}

void Replica::broadcast(const ReplicaMessage& message) { broadcast_text(encode(message)); }

void Replica::broadcast_text(std::string text) {
  if (broadcast_allowed_) {
    effects_->push_back(Broadcast{std::move(text)});
  } else {
    outbox_.push_back(std::move(text));
  }
}

void Replica::on(const Started&) {
  for (const std::string& line : load_reports_) log(LogLevel::kError, line);
  for (const std::string& line : load_reports_) add_concern(line);
  for (StoredFile& file : set_aside_files_) {
    log(LogLevel::kWarning, "a damaged copy is kept as " + file.name);
    add_concern("a damaged copy is kept as " + file.name);
    effects_->push_back(WriteFile{0, file.name, std::move(file.content), 0});
  }
  set_aside_files_.clear();
  load_reports_.clear();
  if (config_.validator == nullptr) return;
  const std::vector<std::string> complaints = config_.validator->complaints(copy_.cib().root());
  if (complaints.empty()) return;
  sticky_ = complaints.front();
  suspect_ = true;
  log(LogLevel::kError,
      "Ignoring requests because cluster configuration is invalid (please repair and restart): " +
          sticky_);
}

void Replica::on(const ShutdownRequested&) {
  stopping_ = true;
  end_waits(waits_.size());
  disk_.close();
}

void Replica::end_if_done() {
  if (!stopping_ || disk_.busy() || (may_write() && !disk_.closed())) return;
  effects_->push_back(Exit{0, "asked to end"});
}

void Replica::on(const ClientConnected& event) {
  Client client;
  client.peer = event.peer;
  clients_[event.client] = std::move(client);
}

void Replica::on(const ClientGone& event) {
  const auto found = clients_.find(event.client);
  if (found == clients_.end()) return;
  for (const CibRequest& request : found->second.waiting) {
    --waiting_count_;
    waiting_bytes_ -= request.what.data.size();
  }
  clients_.erase(found);
  subscribers_.remove(event.client);
}

void Replica::on(const ClientMessage& event) {
  if (clients_.count(event.client) == 0) return;
  if (is_cib_health_question(event.payload)) return answer_health(event.client);
  auto message = decode_cib_client_message(event.payload);
  if (!message) {
    log(LogLevel::kWarning, "client sent what can't be used: " + message.error().message);
    effects_->push_back(DisconnectClient{event.client, message.error().message});
    on(ClientGone{event.client});
    return;
  }
  std::visit([&](auto& m) { on_client(event.client, std::move(m)); }, *message);
}

void Replica::on(const NodeMembership& event) {
  locally_quorate_ = event.quorate || (planted("quorum-of-former-ring") && locally_quorate_);
  check_waits();
}

void Replica::on(const BroadcastAllowed& event) {
  broadcast_allowed_ = event.allowed;
  while (broadcast_allowed_ && !outbox_.empty()) {
    effects_->push_back(Broadcast{std::move(outbox_.front())});
    outbox_.pop_front();
  }
}

void Replica::on(const TimerFired& event) {
  switch (event.timer) {
    case kCheckTimer: {
      check_timer_ = false;
      const NodeNumber dc = fact_ ? fact_->dc : 0;
      const NodeNumber starter = in_sync_.count(dc) != 0 ? dc
                                 : in_sync_.empty()      ? 0
                                                         : *in_sync_.begin();
      if (phase_ == Phase::kInSync && starter == config_.node && in_sync_.size() > 1) {
        broadcast(Checkpoint{round_});
      }
      break;
    }
    case kDurabilityTimer:
      check_waits();
      break;
    case kDiskTimer:
      disk_.retry();
      break;
    case kFilesTimer:
      files_timer_ = false;
      if (now_.monotonic_ms - last_synced_ms_ >= kPauseMs ||
          now_.monotonic_ms - files_behind_since_ms_ >= kBehindMs) {
        disk_.catch_up();
      } else {
        let_files_follow();
      }
      break;
    case kResettleTimer:
      if (phase_ == Phase::kJoining && resettle_due_) broadcast(Resettle{round_});
      break;
    case kTransferTimer:
      if (transfer_waits_) broadcast(Resettle{round_});
      break;
    default:
      break;
  }
}

void Replica::on(const FileWritten& event) {
  const bool was_failed = disk_.failed();
  if (!event.ok) disk_error_ = event.error;
  const bool advanced = disk_.written(event, *effects_);
  if (disk_.failed()) effects_->push_back(SetTimer{kDiskTimer, kDiskRetryMs});
  if (advanced && was_failed) log(LogLevel::kNotice, "writing to disk works again");
  if (!advanced) return;
  last_synced_ms_ = now_.monotonic_ms;
  if (disk_.is_behind() && !files_timer_) {
    files_behind_since_ms_ = now_.monotonic_ms;
    let_files_follow();
  }
  announce_synced();
}

void Replica::let_files_follow() {
  files_timer_ = true;
  effects_->push_back(SetTimer{kFilesTimer, kPauseMs});
}

void Replica::add_concern(std::string text) {
  constexpr std::size_t kMostConcerns = 10;
  concerns_.push_back(std::move(text));
  if (concerns_.size() > kMostConcerns) concerns_.pop_front();
}

void Replica::answer_health(ClientId client) {
  CibHealth health;
  if (!sticky_.empty()) {
    health.concerns.push_back(
        "every change is refused because the configuration is invalid (repair it and restart): " +
        sticky_);
  }
  if (disk_.failed()) {
    health.concerns.push_back("writing to disk failed: " + disk_error_ +
                              "; this node's copy doesn't count as safe until a write succeeds");
  }
  health.concerns.insert(health.concerns.end(), concerns_.begin(), concerns_.end());
  effects_->push_back(Reply{client, encode(health)});
}

/// While it is open whose copy wins, what is on disk stays.
bool Replica::may_write() const {
  return sticky_.empty() && phase_ != Phase::kSettling && phase_ != Phase::kJoining;
}

void Replica::pump_disk() {
  if (may_write()) disk_.pump(copy_, *effects_);
}

void Replica::on(const Delivered& event) {
  auto message = decode_replica_message(event.payload);
  if (!message) {
    log(LogLevel::kWarning, "node " + std::to_string(event.sender) +
                                " sent what can't be used: " + message.error().message);
    return;
  }
  if (auto* request = std::get_if<OrderedRequest>(&*message)) {
    on_ordered(event.sender, std::move(*request), event.payload.size());
    return;
  }
  if (auto* fact = std::get_if<OrderedFact>(&*message)) {
    if (fact->members == members_text_) {
      on_ordered(event.sender, std::move(*fact), event.payload.size());
    }
    return;
  }
  const auto of_this_round = [this](const auto& m) {
    if constexpr (requires { m.round; }) {
      return m.round == round_;
    } else {
      return false;
    }
  };
  if (!std::visit(of_this_round, *message)) return;
  if (auto* report = std::get_if<ReplicaReport>(&*message)) {
    on_report(event.sender, std::move(*report));
  } else if (const auto* piece = std::get_if<StatePiece>(&*message)) {
    on_piece(event.sender, *piece);
  } else if (std::holds_alternative<InSync>(*message)) {
    on_in_sync(event.sender);
  } else if (const auto* synced = std::get_if<Synced>(&*message)) {
    on_synced(event.sender, *synced);
  } else if (std::holds_alternative<Checkpoint>(*message)) {
    on_checkpoint();
  } else if (const auto* check = std::get_if<CheckAnswer>(&*message)) {
    on_check_answer(event.sender, *check);
  } else if (std::holds_alternative<Resettle>(*message)) {
    begin_round();
  }
}

}  // namespace quorate::replica
