#include "fencer/fencer.h"

#include <algorithm>

#include "agents/fence_metadata.h"
#include "agents/outcome.h"
#include "base/text.h"

namespace quorate::fencer {

Fencer::Fencer(FencerConfig config)
    : config_(std::move(config)),
      random_(config_.random_seed),
      table_(config_),
      executions_(table_) {}

void Fencer::handle(const Event& event, Now now, Effects& effects) {
  Context context{now, effects, next_id_};
  std::visit([&](const auto& specific) { on(context, specific); }, event);
}

void Fencer::on(Context&, const ClientConnected& event) {
  clients_[event.client] = {event.peer, false};
}

void Fencer::on(Context&, const ClientGone& event) {
  clients_.erase(event.client);
  for (auto& [operation, callers] : callers_) {
    std::erase_if(callers, [&](const Caller& caller) { return caller.client == event.client; });
  }
}

void Fencer::on(Context& context, const ClientMessage& event) {
  if (!clients_.contains(event.client)) return;
  const auto request = decode_request(event.payload);
  if (!request) {
    context.log(LogLevel::kWarning, "Ignoring a message of client " + std::to_string(event.client) +
                                        ": " + request.error().message);
    answer(context, {event.client, 0},
           {ocf::kInvalidParameter, ExecutionStatus::kCannotExecute, request.error().message});
    return;
  }
  std::visit(
      [&](const auto& specific) {
        Caller caller{event.client, 0};
        if constexpr (requires { specific.request; }) caller.request = specific.request;
        serve(context, caller, specific);
      },
      *request);
}

void Fencer::on(Context& context, const GroupView& event) {
  members_ = event.members;
  joined_ = true;
  for (const NodeNumber node : event.left) {
    std::vector<std::string> ids;
    for (auto& [id, entry] : coordinated_) {
      entry.machine.peer_left(node);
      ids.push_back(id);
    }
    for (const std::string& id : ids) advance(context, id);
    for (auto& [timer, gathering] : gatherings_) gathering.outstanding.erase(node);
  }
  fail_orphans(context);
  std::vector<std::uint64_t> gatherings;
  for (const auto& [id, gathering] : gatherings_) gatherings.push_back(id);
  for (const std::uint64_t id : gatherings) gathered(context, id);

  // Of those that were here before, the first tells the joiners what has happened.
  const auto old_member = std::find_if(members_.begin(), members_.end(), [&](const Member& one) {
    return std::find(event.joined.begin(), event.joined.end(), one.node) == event.joined.end();
  });
  const bool tells = old_member != members_.end() && old_member->node == config_.node;
  if (tells && !event.joined.empty() && !history_.all().empty()) {
    broadcast(context, HistoryShare{history_.of({}), false});
  }
  if (may_broadcast_) on(context, BroadcastAllowed{true});
}

void Fencer::on(Context& context, const Delivered& event) {
  const auto message = decode_peer_message(event.payload);
  if (!message) {
    context.log(LogLevel::kWarning, "Ignoring a message of the fencer on node " +
                                        std::to_string(event.sender) + ": " +
                                        message.error().message);
    return;
  }
  std::visit([&](const auto& specific) { take(context, event.sender, specific); }, *message);
}

void Fencer::on(Context& context, const BroadcastAllowed& event) {
  may_broadcast_ = event.allowed;
  if (!may_broadcast_ || !joined_) return;
  for (std::string& payload : std::exchange(outbox_, {})) {
    context.effects.push_back(Broadcast{std::move(payload)});
  }
}

void Fencer::broadcast(Context& context, const PeerMessage& message) {
  std::string payload = encode(message);
  if (may_broadcast_ && joined_) {
    context.effects.push_back(Broadcast{std::move(payload)});
    return;
  }
  outbox_.push_back(std::move(payload));
  if (outbox_.size() > kMaxOutbox) {
    outbox_.pop_front();
    context.log(LogLevel::kError,
                "Dropping the oldest message to other fencers, since the cluster layer takes "
                "none; check the cluster layer");
  }
}

void Fencer::on(Context& context, const TimerFired& event) {
  if (table_.handle(context, event) || coordination_timer(context, event.timer)) return;
  for (auto& [id, gathering] : gatherings_) {
    if (gathering.timer != event.timer) continue;
    gathering.outstanding.clear();
    gathered(context, id);
    return;
  }
}

void Fencer::on(Context& context, const ProcessEnded& event) {
  if (table_.handle(context, event)) return;
  const auto query = agent_queries_.find(event.request);
  if (query == agent_queries_.end()) return;
  const auto [caller, agent] = query->second;
  agent_queries_.erase(query);
  Reply reply;
  reply.result = agents::outcome(agents::Standard::kStonith, "metadata", agent, 0, event.result);
  reply.output = agents::output_of(event.result);
  if (reply.result.succeeded() && reply.output.find("<resource-agent") != std::string::npos) {
    auto shown = agents::shown_fence_metadata(event.result.out, agent);
    if (shown) {
      reply.output = std::move(*shown);
    } else {
      reply.result = {ocf::kError, ExecutionStatus::kError, shown.error().message};
    }
  }
  answer(context, caller, std::move(reply));
}

void Fencer::on(Context& context, const ComputeDone& event) {
  const auto query = agent_queries_.find(event.request);
  if (query == agent_queries_.end()) return;
  const Caller caller = query->second.first;
  agent_queries_.erase(query);
  Reply reply;
  reply.result = {ocf::kOk, ExecutionStatus::kDone, {}};
  for (const std::string_view name : split_words(event.output, '\n'))
    reply.names.emplace_back(name);
  answer(context, caller, std::move(reply));
}

/// Running agents go on; nothing would be gained by killing them half-way (spec/12 §26).
void Fencer::on(Context& context, const ShutdownRequested&) {
  context.effects.push_back(Exit{0, "shutdown was requested"});
}

std::string Fencer::new_operation_id() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id;
  for (int part = 0; part < 2; ++part) {
    std::uint64_t mixed = random_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    for (int i = 0; i < 16; ++i) id += kHex[mixed >> (4 * i) & 0xf];
  }
  for (const std::size_t at : {8, 13, 18, 23}) id.insert(at, "-");
  return id;
}

}  // namespace quorate::fencer
