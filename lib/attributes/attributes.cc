#include "attributes/attributes.h"

#include <algorithm>

#include "base/text.h"

namespace quorate {

using attributes::Table;
using attributes::Touched;

namespace {
constexpr TimerId kWaitTimers = TimerId{1} << 40;  ///< plus the request's number
constexpr TimerId kAwayTimers = TimerId{1} << 20;  ///< plus the node's number
constexpr std::int64_t kAwayMs = 3'000;
constexpr std::size_t kMaxOutbox = 10'000;
constexpr std::string_view kProtocolName = "#attrd-protocol";
constexpr std::string_view kProtocolValue = "7";
}  // namespace

Attributes::Attributes(AttributesConfig config) : config_(std::move(config)) {
  AttributeChange own;
  own.node = config_.name;
  own.node_id = std::to_string(config_.node);
  AttributeChange::Part part;
  part.name = kProtocolName;
  part.creates = part.sets_value = true;
  part.value = kProtocolValue;
  part.traits.is_private = true;
  own.parts.push_back(std::move(part));
  std::vector<LogRecord> unused;
  table_.apply(own, config_.name, unused);
  same_state_ = {config_.node};
}

void Attributes::handle(const Event& event, Now now, Effects& effects) {
  effects_ = &effects;
  now_ = now;
  std::visit([this](const auto& e) { on(e); }, event);
  effects_ = nullptr;
}

void Attributes::log(LogLevel level, std::string text) {
  effects_->push_back(Log{{level, std::move(text)}});
}

void Attributes::set_timer(TimerId timer, std::int64_t delay_ms) {
  effects_->push_back(SetTimer{timer, delay_ms});
}

void Attributes::on(const Started&) {
  node_ids_[to_lower(config_.name)] = std::to_string(config_.node);
}

void Attributes::on(const ShutdownRequested&) {
  stopping_ = true;
  // Nobody needs to wait whether this manager comes back.
  AttributePurge own;
  own.node = config_.name;
  own.cause = "shutdown";
  broadcast(own);
  effects_->push_back(Exit{0, "asked to stop"});
}

void Attributes::on(const SiblingUp& event) {
  if (event.daemon != Daemon::kCib) return;
  cib_up_ = true;
  seen_position_ = 0;
  subscribe();
  if (is_writer()) write_all();
}

void Attributes::on(const SiblingDown& event) {
  if (event.daemon != Daemon::kCib) return;
  cib_up_ = false;
  write_requests_.clear();
  for (auto& [name, writing] : writing_) writing.request = 0;
}

void Attributes::on(const TimerFired& timer) {
  if (timer.timer >= kWaitTimers) {
    const auto found = waiting_.find(timer.timer - kWaitTimers);
    if (found == waiting_.end()) return;
    AttributeReply late;
    late.id = found->second.asking.id;
    late.ok = false;
    late.error = ErrorKind::kTimeout;
    late.message = "not all attribute managers confirmed the change within 15 s";
    reply(found->second.asking.client, std::move(late));
    waiting_.erase(found);
    return;
  }
  if (timer.timer >= kAwayTimers) {
    const auto away = away_.find(static_cast<NodeNumber>(timer.timer - kAwayTimers));
    if (away == away_.end()) return;
    away->second.late = true;
    // Until somebody's purge has come.
    set_timer(timer.timer, kAwayMs);
    return judge_away();
  }
  const auto found = timer_names_.find(timer.timer);
  if (found == timer_names_.end()) return;
  writing_[found->second].timer_runs = false;
  if (is_writer()) write(std::string(found->second));
}

// ---- Membership and the agreed order ------------------------------------------------------------

bool Attributes::is_writer() const {
  return merged_once_ && !merging_.active() && !members_.empty() && !stopping_ &&
         members_.begin()->first == config_.node;
}

std::string Attributes::member_name(NodeNumber node) const {
  const auto found = members_.find(node);
  return found == members_.end() ? std::to_string(node) : found->second;
}

std::string Attributes::node_id_of(std::string_view name) const {
  const auto found = node_ids_.find(to_lower(name));
  return found == node_ids_.end() ? std::string() : found->second;
}

void Attributes::learn_node(const Member& member) {
  if (member.name.empty()) return;
  const std::string id = std::to_string(member.node);
  node_ids_[to_lower(member.name)] = id;
  for (const std::string& name : table_.learn_id(member.name, id)) {
    if (is_writer()) write(name);
  }
}

void Attributes::on(const NodeMembership& membership) {
  for (const Member& member : membership.members) learn_node(member);
  for (const Member& member : membership.configured) learn_node(member);
  layer_ring_ = membership.ring;
  layer_members_.clear();
  for (const Member& member : membership.members) layer_members_.insert(member.node);
  judge_away();
}

void Attributes::on(const GroupView& view) {
  std::map<NodeNumber, std::string> members;
  for (const Member& member : view.members) members[member.node] = member.name;
  for (const Member& member : view.members) learn_node(member);
  std::vector<NodeNumber> gone = view.left;
  for (const auto& [node, name] : members_) {
    if (!members.contains(node)) gone.push_back(node);
  }
  for (const NodeNumber node : gone) member_gone(node);
  const bool unfinished = merging_.active();
  view_ = view.view;
  view_ring_ = view.ring;
  members_ = std::move(members);
  std::erase_if(same_state_, [&](NodeNumber node) {
    return node != config_.node &&
           (!members_.contains(node) || std::find(gone.begin(), gone.end(), node) != gone.end());
  });
  if (!merged_once_ || unfinished || !view.joined.empty()) {
    begin_merge();
  } else {
    became_or_stopped_writer();
  }
  judge_away();
}

void Attributes::member_gone(NodeNumber node) {
  const auto found = members_.find(node);
  if (found == members_.end() || node == config_.node) return;
  away_[node] = {found->second, false, false};
  set_timer(kAwayTimers + node, kAwayMs);
  std::vector<std::uint64_t> all;
  for (const auto& [request, waiting] : waiting_) all.push_back(request);
  for (const std::uint64_t request : all) seen(node, request);
}

/// The first member looks after nodes whose managers are gone: their values are forgotten, by all
/// at one place of the order, when the node is lost or its manager doesn't come back.
void Attributes::judge_away() {
  const bool known = layer_ring_ != 0 && layer_ring_ >= view_ring_;
  for (auto& [node, away] : away_) {
    away.node_lost = away.node_lost || (known && !layer_members_.contains(node));
    if (members_.empty() || members_.begin()->first != config_.node) continue;
    if (members_.contains(node)) continue;  // back; the merge decides about its values
    if (!away.node_lost && !away.late) continue;
    AttributePurge purge;
    purge.node = away.name;
    purge.unless_member = true;
    purge.cause = "node loss";
    away.late = false;  // not again before its timer
    broadcast(purge);
  }
}

void Attributes::begin_merge() {
  merging_.begin(view_, members_);
  const bool speaks = *same_state_.begin() == config_.node;
  // Who shares this state speaks for its own node. Of who was away, this state's values count only
  // if the node surely was there all the time.
  std::set<std::string> left_out;
  for (const NodeNumber node : same_state_) {
    if (members_.contains(node)) left_out.insert(to_lower(members_.at(node)));
  }
  for (const auto& [node, away] : away_) {
    const bool known = layer_ring_ >= view_ring_ && layer_members_.contains(node);
    if (members_.contains(node) && (away.node_lost || !known)) left_out.insert(to_lower(away.name));
  }
  const std::string own = to_lower(config_.name);
  std::vector<AttributeSync> pieces = table_.pieces(speaks, [&](const std::string& key) {
    return key == own || (speaks && !left_out.contains(key));
  });
  for (AttributeSync& piece : pieces) {
    piece.view = view_;
    piece.speaks_for_others = speaks;
    piece.fresh = !merged_once_;
    broadcast(std::move(piece));
  }
}

void Attributes::finish_merge() {
  attributes::Merging::Outcome outcome = merging_.finish();
  table_ = std::move(outcome.table);
  same_state_.clear();
  for (const auto& [node, name] : members_) same_state_.insert(node);
  merged_once_ = true;
  std::erase_if(away_, [&](const auto& entry) { return members_.contains(entry.first); });
  was_writer_ = false;  // whoever writes now writes everything
  for (const NodeNumber node : outcome.empty_nodes) absent_ids_.insert(std::to_string(node));
  for (const auto& [node, name] : members_) {
    for (const std::string& touched : table_.learn_id(name, std::to_string(node))) (void)touched;
  }
  for (const attributes::Merging::Kept& kept : outcome.kept) {
    if (const auto* change = std::get_if<AttributeChange>(&kept.message)) {
      std::vector<LogRecord> told_before;
      table_.apply(*change, member_name(kept.sender), told_before);
    } else if (const auto* purge = std::get_if<AttributePurge>(&kept.message)) {
      if (!is_obsolete(*purge)) table_.purge(purge->node);
    }
  }
  became_or_stopped_writer();
}

void Attributes::on(const BroadcastAllowed& event) {
  broadcast_allowed_ = event.allowed;
  while (broadcast_allowed_ && !outbox_.empty()) {
    effects_->push_back(Broadcast{std::move(outbox_.front())});
    outbox_.pop_front();
  }
}

void Attributes::broadcast(const AttributeMessage& message) {
  if (broadcast_allowed_) {
    effects_->push_back(Broadcast{encode(message)});
  } else if (outbox_.size() < kMaxOutbox) {
    outbox_.push_back(encode(message));
  } else {
    log(LogLevel::kError,
        "Attribute change dropped: the cluster layer has refused messages for too long");
  }
}

void Attributes::on(const Delivered& delivered) {
  const Result<AttributeMessage> message = decode_attribute_message(delivered.payload);
  if (!message) {
    log(LogLevel::kWarning,
        "Message of " + member_name(delivered.sender) + " ignored: " + message.error().message);
    return;
  }
  deliver(delivered.sender, *message);
}

void Attributes::deliver(NodeNumber sender, const AttributeMessage& message) {
  if (const auto* sync = std::get_if<AttributeSync>(&message)) {
    if (!merging_.active()) return;
    merging_.take(sender, *sync);
    if (merging_.complete()) finish_merge();
    return;
  }
  if (const auto* confirmed = std::get_if<AttributeSeen>(&message)) {
    if (confirmed->origin == config_.node) seen(sender, confirmed->request);
    return;
  }
  if (merging_.active()) merging_.keep({sender, message});
  if (const auto* change = std::get_if<AttributeChange>(&message)) {
    apply(sender, *change);
  } else if (const auto* purge = std::get_if<AttributePurge>(&message)) {
    apply(*purge);
  }
  if (merging_.active() && merging_.complete()) finish_merge();
}

void Attributes::apply(NodeNumber sender, const AttributeChange& change) {
  std::vector<LogRecord> records;
  const std::vector<Touched> touched = table_.apply(change, member_name(sender), records);
  for (LogRecord& record : records) effects_->push_back(Log{std::move(record)});
  for (const Touched& one : touched) changed(one);
  if (change.confirm) broadcast(AttributeSeen{sender, change.request});
  answer_waiting(change, sender);
}

bool Attributes::is_obsolete(const AttributePurge& purge) const {
  return purge.unless_member &&
         std::any_of(members_.begin(), members_.end(),
                     [&](const auto& member) { return iequals(member.second, purge.node); });
}

void Attributes::apply(const AttributePurge& purge) {
  if (is_obsolete(purge)) return;
  std::erase_if(away_, [&](const auto& entry) { return iequals(entry.second.name, purge.node); });
  if (!table_.purge(purge.node).empty()) {
    log(LogLevel::kNotice, "Removing all " + purge.node + " attributes for " +
                               (purge.cause.empty() ? std::string("request") : purge.cause));
  }
  const std::string known = node_id_of(purge.node);
  // A remote node's id is its name.
  const std::string id = known.empty() ? purge.node : known;
  absent_ids_.insert(id);
  if (is_writer()) {
    erase_node(id);
    absent_ids_.erase(id);
  }
  if (purge.forget_node) node_ids_.erase(to_lower(purge.node));
}

// ---- Waiting for effect (spec/10 §12) -----------------------------------------------------------

void Attributes::answer_waiting(const AttributeChange& change, NodeNumber sender) {
  if (sender != config_.node) return;
  const auto found = waiting_.find(change.request);
  if (found == waiting_.end()) return;
  found->second.delivered = true;
  if (found->second.asking.wait == AttributeWait::kCluster) {
    for (const auto& [node, name] : members_) found->second.missing.insert(node);
    return;
  }
  AttributeReply done;
  done.id = found->second.asking.id;
  reply(found->second.asking.client, std::move(done));
  waiting_.erase(found);
}

void Attributes::seen(NodeNumber sender, std::uint64_t request) {
  const auto found = waiting_.find(request);
  if (found == waiting_.end() || !found->second.delivered) return;
  found->second.missing.erase(sender);
  if (!found->second.missing.empty()) return;
  AttributeReply done;
  done.id = found->second.asking.id;
  reply(found->second.asking.client, std::move(done));
  effects_->push_back(CancelTimer{kWaitTimers + request});
  waiting_.erase(found);
}

void Attributes::send_change(AttributeChange change, const Asking& asking) {
  change.request = ++last_request_;
  change.confirm = asking.wait == AttributeWait::kCluster;
  if (asking.wait != AttributeWait::kNo) {
    constexpr std::int64_t kWaitMs = 15'000;
    waiting_[change.request] = Waiting{asking, {}, false};
    if (change.confirm) set_timer(kWaitTimers + change.request, kWaitMs);
  }
  broadcast(std::move(change));
}

}  // namespace quorate
