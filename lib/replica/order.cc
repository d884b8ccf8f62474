#include <algorithm>

#include "cib/access.h"
#include "replica/replica.h"

/// What happens at a place of the order, alike on every replica.
namespace quorate::replica {
namespace {

constexpr std::size_t kMaxQueueBytes = std::size_t{64} << 20;
constexpr std::int64_t kCheckDelayMs = 5'000;

}  // namespace

void Replica::on_ordered(NodeNumber sender, Ordered what, std::size_t bytes) {
  // Before the round is decided nobody has a state to apply it to: all drop it, its sender
  // broadcasts it again.
  if (phase_ == Phase::kSettling || phase_ == Phase::kOutside) return;
  if (phase_ == Phase::kJoining) {
    if (resettle_due_) return;
    queue_bytes_ += bytes + sizeof(Queued);
    if (queue_bytes_ > kMaxQueueBytes) {
      return resettle("more changes came than this node can queue while it is joining");
    }
    queue_.push_back({sender, std::move(what)});
    return;
  }
  if (const auto* request = std::get_if<OrderedRequest>(&what)) {
    apply_request(sender, *request);
  } else {
    apply_fact(sender, std::get<OrderedFact>(what));
  }
}

void Replica::apply_request(NodeNumber sender, const OrderedRequest& request) {
  auto mine = sender == config_.node ? pending_.find(request.serial) : pending_.end();
  // A former process of this node may have used the number, too.
  if (mine != pending_.end() && mine->second.name != request_name(request)) mine = pending_.end();
  const cib::Prepared* const prepared =
      mine != pending_.end() && mine->second.what ? &*mine->second.what : nullptr;
  const std::optional<cib::Outcome> outcome =
      copy_.apply(request, prepared, config_.validator, fact_ && fact_->quorate,
                  {subscribers_.extent(request.what), config_.long_patch_bytes});
  if (outcome && outcome->changed) {
    CibChange change;
    change.position = copy_.order();
    change.version = outcome->version;
    change.operation = std::string(cib::operation_name(request.what.operation));
    change.client = request.client;
    change.user = request.user;
    change.node = request.node;
    change.request_id = request.request_id;
    change.session = request.session;
    change.configuration_changed = outcome->configuration_changed;
    if (outcome->configuration_changed) {
      drop_limited_subscribers();
      const bool by_daemon = request.client.starts_with("quorate-");
      if (!(fact_ && fact_->quorate) && !by_daemon) {
        unsafe_change_ = request.client + " (" + request.user + ") on " + request.node;
      }
    }
    subscribers_.publish(change, outcome->patch, request, *effects_);
    last_change_ = change.position;
    if (outcome->to_disk) disk_.want(copy_.order());
    if (!check_timer_) {
      check_timer_ = true;
      effects_->push_back(SetTimer{kCheckTimer, kCheckDelayMs});
    }
  }
  if (mine == pending_.end()) return;
  const Pending pending = std::move(mine->second);
  pending_.erase(mine);
  pending_bytes_ -= pending.message.size();
  const auto client = clients_.find(pending.client);
  if (client != clients_.end() && client->second.outstanding > 0) --client->second.outstanding;
  if (outcome) {
    answer_applied(pending, outcome->code, &*outcome, copy_.order(),
                   outcome->changed && outcome->to_disk);
  } else if (const Answer* before = copy_.answers().find(request_name(request))) {
    answer_applied(pending, before->code, nullptr, before->order, before->to_disk);
  }
}

void Replica::drop_limited_subscribers() {
  if (subscribers_.size() == 0 || !cib::acls_enabled(copy_.cib())) return;
  for (auto at = clients_.begin(); at != clients_.end();) {
    const auto& [id, client] = *at++;
    if (client.peer.privileged || !subscribers_.has(id)) continue;
    effects_->push_back(DisconnectClient{id, "access control was switched on"});
    on(ClientGone{id});
  }
}

void Replica::broadcast_own_fact() {
  broadcast(
      OrderedFact{members_text_, own_fact_->quorate, own_fact_->dc, own_fact_->configured_nodes});
}

void Replica::apply_fact(NodeNumber sender, const OrderedFact& fact) {
  if (fact.members != members_text_ || fact.dc != sender) return;
  if (fact.confirmed != 0) {
    if (!fact_ || !fact_->quorate || fact_->dc != sender) return;
    if (fact.confirmed != copy_.proposed() || copy_.lineage() == copy_.proposed()) return;
    copy_.confirm_lineage();
    lineage_order_ = copy_.order();
    disk_.want(copy_.order());
    return check_waits();
  }
  const bool new_dc = !fact_ || fact_->dc != fact.dc;
  const bool begins = fact.quorate && (!fact_ || !fact_->quorate);
  fact_ = fact;
  if (begins) {
    unsafe_change_.clear();
    copy_.propose_lineage();
    lineage_order_ = copy_.order();
    disk_.want(copy_.order());
    log(LogLevel::kInfo, "lineage " + std::to_string(copy_.proposed()) +
                             " begins with the quorate view of " + std::to_string(members_.size()) +
                             " nodes");
  }
  // A new DC's copy counts only with what its controller has seen.
  if (new_dc) {
    synced_.erase(fact.dc);
    if (fact.dc == config_.node) announced_ = 0;
  }
  announce_synced();
  check_waits();
}

void Replica::on_checkpoint() {
  if (phase_ == Phase::kSettling || check_) return;
  check_ = Check{in_sync_, {}};
  if (phase_ == Phase::kInSync && in_sync_.count(config_.node) != 0) {
    broadcast(CheckAnswer{round_, copy_.order(), copy_.chain()});
  }
}

void Replica::on_check_answer(NodeNumber sender, const CheckAnswer& answer) {
  if (!check_ || check_->expected.count(sender) == 0) return;
  check_->chains[sender] = answer.chain;
  if (check_->chains.size() == check_->expected.size()) conclude_check();
}

void Replica::conclude_check() {
  const Check check = std::move(*check_);
  check_.reset();
  std::map<std::string, std::size_t> holders;
  for (const auto& [node, chain] : check.chains) ++holders[chain];
  if (holders.size() <= 1) return;
  const auto preferred = check.chains.find(fact_ ? fact_->dc : 0);
  const auto best =
      std::max_element(holders.begin(), holders.end(), [&](const auto& a, const auto& b) {
        if (a.second != b.second) return a.second < b.second;
        const std::string& tie =
            preferred != check.chains.end() ? preferred->second : check.chains.begin()->second;
        return a.first != tie && b.first == tie;
      });
  const auto own = check.chains.find(config_.node);
  if (own != check.chains.end() && own->second != best->first) {
    log(LogLevel::kError,
        "this node's copy differs from what most nodes hold; it is set aside "
        "and the cluster's fetched");
    add_concern("this node's copy differed from what most nodes hold; it is kept as " +
                set_aside("differs from the cluster's"));
    suspect_ = true;
  }
  begin_round();
}

}  // namespace quorate::replica
