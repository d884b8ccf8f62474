#include <algorithm>

#include "base/planted.h"
#include "cib/digest.h"
#include "replica/replica.h"

/// Rounds of settling: whose copy wins when members change, and how the others get it.
namespace quorate::replica {
namespace {

constexpr std::int64_t kResettleDelayMs = 1'000;
constexpr std::int64_t kTransferDelayMs = 1'000;
constexpr std::int64_t kFirstCheckMs = 5'000;

std::string text_of(const std::vector<Member>& members) {
  std::string text;
  for (const Member& member : members) {
    if (!text.empty()) text += ' ';
    text += std::to_string(member.node) + ":" + std::to_string(member.incarnation);
  }
  return text;
}

}  // namespace

void Replica::on(const GroupView& event) {
  view_ = event.view;
  ring_ = event.ring;
  members_ = event.members;
  members_text_ = text_of(members_);
  round_count_ = 0;
  own_fact_.reset();
  end_waits(waits_.size());
  begin_round();
}

void Replica::begin_round() {
  round_ = members_text_ + "@" + std::to_string(ring_) + "#" + std::to_string(++round_count_);
  phase_ = Phase::kSettling;
  fact_.reset();
  reports_.clear();
  in_sync_.clear();
  synced_.clear();
  announced_ = 0;
  confirming_ = 0;
  check_.reset();
  sender_.reset();
  receiver_.reset(false, false);
  queue_.clear();
  queue_bytes_ = 0;
  resettle_due_ = false;
  transfer_waits_ = false;
  outbox_.clear();
  ReplicaReport report;
  report.round = round_;
  report.order = copy_.order();
  report.chain = copy_.chain();
  report.lineage = copy_.lineage();
  report.proposed = copy_.proposed();
  report.quorate_order = copy_.quorate_order();
  report.version = copy_.cib().version();
  report.configuration_digest = copy_.configuration_digest();
  report.fresh = copy_.fresh();
  report.suspect = suspect_;
  broadcast(report);
}

void Replica::on_report(NodeNumber sender, ReplicaReport report) {
  if (phase_ != Phase::kSettling) return;
  reports_[sender] = std::move(report);
  const bool complete = std::all_of(members_.begin(), members_.end(), [this](const Member& member) {
    return reports_.count(member.node) != 0;
  });
  if (complete) conclude();
}

void Replica::conclude() {
  settlement_ = settle(reports_);
  for (const Member& member : members_) {
    if (settlement_.need_configuration.count(member.node) == 0 &&
        settlement_.need_status.count(member.node) == 0) {
      in_sync_.insert(member.node);
    }
  }
  const bool send_configuration =
      !settlement_.need_configuration.empty() && settlement_.configuration_from == config_.node;
  const bool send_status =
      !settlement_.need_status.empty() && settlement_.status_from == config_.node;
  transfer_waits_ = (send_configuration || send_status) && sends_later();
  if (transfer_waits_) {
    effects_->push_back(SetTimer{kTransferTimer, kTransferDelayMs});
  }
  if (send_configuration) {
    log(LogLevel::kNotice, "the configuration of this node, version " +
                               cib::to_text(copy_.cib().version()) + ", is the cluster's");
    if (!transfer_waits_) sender_.add_part(round_, false, copy_.configuration_part());
  }
  if (send_status && !transfer_waits_) {
    sender_.add_part(round_, true, copy_.status_part());
  }
  if (in_sync_.count(config_.node) != 0) {
    if (!settlement_.all_equal || copy_.order() != settlement_.order ||
        copy_.lineage() != settlement_.lineage || copy_.proposed() != settlement_.proposed ||
        copy_.quorate_order() != settlement_.quorate_order) {
      copy_.continue_at(settlement_);
      lineage_order_ = copy_.order();
      disk_.restart(copy_.order());
    }
    become_in_sync();
  } else {
    enter_joining();
  }
  if (own_fact_) broadcast_own_fact();
}

/// Not if this replica is itself to get what it lacks from another before it can do anything.
bool Replica::sends_later() const {
  return round_count_ == 1 && in_sync_.count(config_.node) != 0 &&
         copy_.cib().index().size() > config_.large_copy_elements;
}

void Replica::enter_joining() {
  phase_ = Phase::kJoining;
  receiver_.reset(settlement_.need_configuration.count(config_.node) != 0,
                  settlement_.need_status.count(config_.node) != 0);
  tell_view();
}

void Replica::become_in_sync() {
  phase_ = Phase::kInSync;
  suspect_ = !sticky_.empty();
  tell_view();
  announce_synced();
  // What was accepted here and lost with the old view, or dropped while settling.
  for (const auto& [serial, pending] : pending_) {
    if (!planted("request-lost-with-view")) broadcast_text(pending.message);
  }
  if (!check_timer_) {
    check_timer_ = true;
    effects_->push_back(SetTimer{kCheckTimer, kFirstCheckMs});
  }
}

void Replica::tell_view() {
  CibView view{view_, ring_, {}, in_sync()};
  for (const Member& member : members_) view.members.push_back(member.node);
  subscribers_.tell(view, *effects_);
}

void Replica::pump_transfer() {
  while (broadcast_allowed_) {
    const std::optional<StatePiece> piece = sender_.next();
    if (!piece) return;
    broadcast(*piece);
  }
}

void Replica::on_piece(NodeNumber sender, const StatePiece& piece) {
  if (sender == config_.node) sender_.delivered();
  if (phase_ != Phase::kJoining || resettle_due_) return;
  const NodeNumber expected =
      piece.is_status ? settlement_.status_from : settlement_.configuration_from;
  if (sender != expected) return;
  if (!receiver_.take(piece)) return resettle("a piece of the cluster's copy is missing");
  if (receiver_.complete()) finish_joining();
}

void Replica::finish_joining() {
  const auto configuration = receiver_.configuration();
  const auto status = receiver_.status();
  const bool configuration_lost = configuration && !copy_.fresh();
  if (configuration && copy_.cib().version().epoch > 0) {
    const std::string kept = set_aside(configuration_lost ? "lost against the cluster's"
                                                          : "is replaced by the cluster's");
    if (configuration_lost && !unsafe_change_.empty()) {
      add_concern("changes made without quorum, the last by " + unsafe_change_ +
                  ", were superseded by the cluster's; the configuration with them is kept as " +
                  kept);
    }
  }
  const auto adopted = copy_.adopt(configuration, status, settlement_.need_configuration.empty());
  if (!adopted) return resettle(adopted.error().message);
  copy_.continue_at(settlement_);
  lineage_order_ = copy_.order();
  disk_.restart(copy_.order());
  sticky_.clear();
  suspect_ = false;
  unsafe_change_.clear();
  subscribers_.resync_all(copy_.order(), *effects_);
  last_change_ = copy_.order();
  std::deque<Queued> queue = std::move(queue_);
  queue_.clear();
  queue_bytes_ = 0;
  if (planted("joiner-skips-queue")) queue.clear();
  for (Queued& queued : queue) {
    if (const auto* request = std::get_if<OrderedRequest>(&queued.what)) {
      apply_request(queued.sender, *request);
    } else {
      apply_fact(queued.sender, std::get<OrderedFact>(queued.what));
    }
  }
  log(LogLevel::kNotice, "this node holds the cluster's copy, version " +
                             cib::to_text(copy_.cib().version()) + ", now");
  become_in_sync();
  broadcast(InSync{round_});
}

void Replica::on_in_sync(NodeNumber sender) {
  in_sync_.insert(sender);
  check_waits();
}

std::string Replica::set_aside(const char* why) {
  const std::string name = "cib.replaced-" + std::to_string(next_aside_++ % 10) + ".xml";
  log(LogLevel::kNotice, "this node's configuration, version " +
                             cib::to_text(copy_.cib().version()) + ", " + why + "; it is kept as " +
                             name);
  effects_->push_back(WriteFile{0, name, copy_.stored_text(), 0});
  return name;
}

void Replica::resettle(const std::string& why) {
  log(LogLevel::kWarning, why + "; asking for the cluster's copy again");
  queue_.clear();
  queue_bytes_ = 0;
  resettle_due_ = true;
  effects_->push_back(SetTimer{kResettleTimer, kResettleDelayMs});
}

}  // namespace quorate::replica
