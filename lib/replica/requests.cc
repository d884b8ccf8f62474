#include <algorithm>

#include "base/planted.h"
#include "cib/access.h"
#include "replica/parts.h"
#include "replica/replica.h"
#include "rules/ctime_text.h"

/// What clients ask for: answered at once, or tried out here and broadcast.
namespace quorate::replica {
namespace {

constexpr std::size_t kMaxPending = 1000;
constexpr std::size_t kMaxPendingBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxPreparedBytes = std::size_t{64} << 10;  // of text: parsed it is larger
constexpr std::size_t kMaxWaiting = 10'000;
constexpr std::size_t kMaxWaitingBytes = std::size_t{128} << 20;

bool is_superuser(std::string_view user) { return user == "root" || user == "hacluster"; }

/// spec/08 §12.3.
std::string user_of(const PeerCredentials& peer, const CibRequest& request) {
  return peer.privileged && !request.user.empty() ? request.user : peer.user;
}

}  // namespace

void Replica::answer(ClientId client, const CibReply& reply) {
  if (clients_.count(client) != 0) effects_->push_back(Reply{client, encode(reply)});
}

void Replica::answer_failure(ClientId client, std::uint64_t id, cib::Code code,
                             std::string message) {
  CibReply reply;
  reply.id = id;
  reply.code = code;
  reply.position = copy_.order();
  reply.version = copy_.cib().version();
  reply.message = std::move(message);
  answer(client, reply);
}

OrderedRequest Replica::resolve(const Client& client, ClientId id,
                                const CibRequest& request) const {
  OrderedRequest ordered;
  ordered.session = request.session;
  if (ordered.session.empty()) {
    std::uint64_t incarnation = 0;
    for (const Member& member : members_) {
      if (member.node == config_.node) incarnation = member.incarnation;
    }
    ordered.session = "@" + std::to_string(config_.node) + "." + std::to_string(incarnation) + "." +
                      std::to_string(id);
  }
  ordered.request_id = request.id;
  ordered.client = request.client.empty() ? std::to_string(client.peer.pid) : request.client;
  ordered.user = user_of(client.peer, request);
  // The groups known are those of the connection's user.
  if (ordered.user == client.peer.user) ordered.groups = client.peer.groups;
  ordered.enforce_access =
      !ordered.user.empty() && !is_superuser(ordered.user) && cib::acls_enabled(copy_.cib());
  ordered.node = config_.node_name;
  ordered.written = config_.format_time ? config_.format_time(now_.wall_seconds())
                                        : rules::ctime_text(now_.wall_seconds(), 0);
  ordered.feature_set = config_.feature_set;
  ordered.what = request.what;
  if (ordered.what.operation == cib::Operation::kUpgrade && ordered.what.section.empty() &&
      config_.validator != nullptr) {
    ordered.what.section = config_.validator->highest_schema();
  }
  return ordered;
}

void Replica::on_client(ClientId client, CibRequest request) {
  if (!sticky_.empty()) {
    CibReply reply;
    reply.id = request.id;
    reply.code = cib::Code::kSchemaValidation;
    reply.version = copy_.cib().version();
    reply.message = sticky_;
    if (clients_[client].peer.privileged) reply.data = copy_.cib().to_string();
    answer(client, reply);
    return;
  }
  if (!cib::modifies(request.what.operation)) return answer_query(client, request);
  if (request.what.options.dry_run) return answer_dry_run(client, request);
  const std::size_t bytes = request.what.data.size();
  if (bytes > kMaxPendingBytes) {
    return answer_failure(client, request.id, cib::Code::kInvalidArgument,
                          "request of " + std::to_string(bytes) + " bytes is too large");
  }
  if (stopping_ || waiting_count_ >= kMaxWaiting || waiting_bytes_ + bytes > kMaxWaitingBytes) {
    return answer_failure(client, request.id, cib::Code::kBusy,
                          "too many requests are waiting on this node; try again");
  }
  ++waiting_count_;
  waiting_bytes_ += bytes;
  clients_[client].waiting.push_back(std::move(request));
}

void Replica::answer_query(ClientId client, const CibRequest& request) {
  const OrderedRequest resolved = resolve(clients_[client], client, request);
  cib::Context context;
  context.user = resolved.user;
  context.groups = resolved.groups;
  context.enforce_access = resolved.enforce_access;
  cib::Outcome outcome = cib::query(copy_.cib(), request.what, context);
  CibReply reply;
  reply.id = request.id;
  reply.code = outcome.code;
  reply.position = copy_.order();
  reply.version = outcome.version;
  reply.message = std::move(outcome.message);
  reply.data = std::move(outcome.data);
  answer(client, reply);
}

void Replica::answer_dry_run(ClientId client, const CibRequest& request) {
  cib::Outcome outcome = copy_.try_out(resolve(clients_[client], client, request),
                                       cib::Prepared(request.what), config_.validator);
  CibReply reply;
  reply.id = request.id;
  reply.code = outcome.code;
  reply.position = copy_.order();
  reply.version = outcome.version;
  reply.message = std::move(outcome.message);
  reply.data = std::move(outcome.data);
  answer(client, reply);
}

void Replica::on_client(ClientId client, const CibSubscribe& subscribe) {
  const PeerCredentials& peer = clients_[client].peer;
  // A subscriber sees everything: nobody may be one whose reading access control limits.
  if (!peer.privileged && (subscribe.controller || cib::acls_enabled(copy_.cib()))) {
    effects_->push_back(DisconnectClient{client, "user '" + peer.user + "' may not subscribe"});
    on(ClientGone{client});
    return;
  }
  subscribers_.add(client, subscribe.controller, subscribe.long_changes, subscribe.without_results);
  // Of the last change: others would wait for ever to hear of a place where nothing changed.
  CibSnapshot snapshot{last_change_, copy_.cib().version(), {}};
  if (subscribe.part == CibPart::kWhole) snapshot.document = copy_.text();
  if (subscribe.part == CibPart::kConfiguration) snapshot.document = copy_.configuration_part();
  if (subscribe.part == CibPart::kHistory) snapshot.document = history_part(copy_.cib());
  if (subscribe.part == CibPart::kFencing) snapshot.document = fencing_part(copy_.cib());
  effects_->push_back(Reply{client, encode(snapshot)});
  if (phase_ == Phase::kInSync || phase_ == Phase::kJoining) {
    CibView view{view_, ring_, {}, in_sync()};
    for (const Member& member : members_) view.members.push_back(member.node);
    effects_->push_back(Reply{client, encode(view)});
  }
  announce_synced();
}

void Replica::on_client(ClientId client, const CibSeen& seen) {
  subscribers_.seen(client, seen.position);
  announce_synced();
}

void Replica::on_client(ClientId client, const CibClusterFact& fact) {
  if (!clients_[client].peer.privileged) {
    effects_->push_back(DisconnectClient{client, "only a controller may state cluster facts"});
    on(ClientGone{client});
    return;
  }
  if (fact.view != view_) return;
  own_fact_ = fact;
  if (phase_ != Phase::kSettling && phase_ != Phase::kOutside) broadcast_own_fact();
}

void Replica::pump_clients() {
  if (phase_ != Phase::kInSync || waiting_count_ == 0) return;
  bool progress = true;
  while (progress) {
    progress = false;
    for (auto& [id, client] : clients_) {
      if (client.waiting.empty()) continue;
      if (!broadcast_allowed_ || pending_.size() >= kMaxPending ||
          pending_bytes_ > kMaxPendingBytes) {
        return;
      }
      progress = pump_one(id, client) || progress;
    }
  }
}

bool Replica::pump_one(ClientId id, Client& client) {
  const CibRequest& request = client.waiting.front();
  OrderedRequest ordered = resolve(client, id, request);
  Pending pending{id, request.id, request.what.options.discard_reply, {}, {}, {}};
  pending.name = request_name(ordered);
  const Answer* before = planted("apply-twice") ? nullptr : copy_.answers().find(pending.name);
  bool finished = true;
  if (before != nullptr) {
    answer_applied(pending, before->code, nullptr, before->order, before->to_disk);
  } else {
    pending.what.emplace(ordered.what);
    const cib::Outcome tried = copy_.try_out(ordered, *pending.what, config_.validator);
    const bool failed = tried.code != cib::Code::kOk;
    // It may need what the client asked for before and hasn't come round yet.
    if (failed && client.outstanding > 0) return false;
    if (failed || (!tried.changed && client.outstanding == 0)) {
      answer_applied(pending, tried.code, &tried, copy_.order(), false);
    } else {
      finished = false;
      if (tried.changed && !tried.only_status && config_.validator != nullptr &&
          cib::depends_on_configuration_only(ordered.what)) {
        ordered.valid_for = copy_.configuration_chain();
      }
    }
  }
  --waiting_count_;
  waiting_bytes_ -= request.what.data.size();
  client.waiting.pop_front();
  if (finished) return true;
  // One long one is kept as it was read, others aren't: parsed they are larger.
  if (ordered.what.data.size() > kMaxPreparedBytes && !pending_.empty()) pending.what.reset();
  ordered.serial = next_serial_++;
  pending.message = encode(ReplicaMessage(ordered));
  pending_bytes_ += pending.message.size();
  ++client.outstanding;
  effects_->push_back(Broadcast{pending.message});
  if (planted("apply-before-order")) {
    (void)copy_.apply(ordered, nullptr, config_.validator, fact_ && fact_->quorate);
  }
  pending_.emplace(ordered.serial, std::move(pending));
  return true;
}

void Replica::answer_applied(const Pending& pending, cib::Code code, const cib::Outcome* outcome,
                             std::uint64_t order, bool to_disk) {
  CibReply reply;
  reply.id = pending.id;
  reply.code = code;
  // A request that changes nothing takes a place in the order but no subscriber hears of it: who
  // waits for its position would wait for ever.
  reply.position = std::min(order, last_change_);
  reply.version = copy_.cib().version();
  if (outcome != nullptr) {
    reply.message = outcome->message;
    reply.data = outcome->data;
  } else if (code != cib::Code::kOk) {
    reply.message = std::string(cib::message_of(code));
  }
  if (pending.silent) return;
  if (code != cib::Code::kOk || !to_disk) return answer(pending.client, reply);
  if (clients_.count(pending.client) == 0) return;
  if (waits_.size() >= kMaxWaiting) end_waits(1);
  waits_.push_back({pending.client, std::move(reply), order, now_.monotonic_ms});
  check_waits();
}

}  // namespace quorate::replica
