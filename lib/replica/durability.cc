#include <algorithm>

#include "base/planted.h"
#include "replica/replica.h"

/// When a change counts as done (architecture, "What done means").
namespace quorate::replica {
namespace {

constexpr std::int64_t kWaitForFactMs = 5'000;
constexpr std::int64_t kWaitMs = 20'000;
constexpr std::int64_t kLookAgainMs = 1'000;

}  // namespace

void Replica::announce_synced() {
  if (phase_ != Phase::kInSync) return;
  std::uint64_t order = std::min(disk_.synced_order(), copy_.order());
  if (planted("ack-before-sync")) order = copy_.order();
  if (fact_ && fact_->dc == config_.node) {
    order = std::min(order, subscribers_.controller_seen(copy_.order()));
  }
  if (order <= announced_ || disk_.failed()) return;
  announced_ = order;
  broadcast(Synced{round_, order});
}

void Replica::on_synced(NodeNumber sender, const Synced& message) {
  std::uint64_t& order = synced_[sender];
  order = std::max(order, message.order);
  confirm_lineage();
  check_waits();
}

bool Replica::is_held(std::uint64_t order) const {
  const auto has_it = [&](NodeNumber node) {
    const auto found = synced_.find(node);
    return in_sync_.count(node) != 0 && found != synced_.end() && found->second >= order;
  };
  const std::size_t majority = fact_->configured_nodes / 2 + 1;
  const std::size_t needed =
      planted("ack-with-minority") ? std::size_t{1} : std::min(majority, members_.size());
  std::size_t holders = 0;
  for (const Member& member : members_) holders += has_it(member.node) ? 1 : 0;
  return holders >= needed && has_it(fact_->dc);
}

bool Replica::is_safe(std::uint64_t order) const {
  if (!fact_ || !fact_->quorate || !locally_quorate_) return false;
  if (copy_.lineage() != copy_.proposed()) return false;
  return is_held(std::max(order, lineage_order_));
}

void Replica::confirm_lineage() {
  if (!fact_ || !fact_->quorate || fact_->dc != config_.node) return;
  if (copy_.lineage() == copy_.proposed() || confirming_ == copy_.proposed()) return;
  if (!is_held(lineage_order_)) return;
  confirming_ = copy_.proposed();
  OrderedFact fact = *fact_;
  fact.confirmed = copy_.proposed();
  broadcast(fact);
}

void Replica::end_waits(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Wait& wait = waits_.front();
    wait.reply.durability = Durability::kApplied;
    answer(wait.client, wait.reply);
    waits_.pop_front();
  }
}

void Replica::check_waits() {
  std::deque<Wait> left;
  for (Wait& wait : waits_) {
    const std::int64_t waited_ms = now_.monotonic_ms - wait.since_ms;
    const bool hopeless = !locally_quorate_ || (fact_ && !fact_->quorate) ||
                          waited_ms >= (fact_ ? kWaitMs : kWaitForFactMs);
    if (is_safe(wait.order)) {
      wait.reply.durability = Durability::kDurable;
      answer(wait.client, wait.reply);
    } else if (hopeless) {
      wait.reply.durability = Durability::kApplied;
      answer(wait.client, wait.reply);
    } else {
      left.push_back(std::move(wait));
    }
  }
  waits_ = std::move(left);
  if (!waits_.empty()) effects_->push_back(SetTimer{kDurabilityTimer, kLookAgainMs});
}

}  // namespace quorate::replica
