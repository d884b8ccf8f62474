#include <algorithm>

#include "base/text.h"
#include "controller/controller.h"

/// Requests of tools (spec/09 §18, §24).
namespace quorate {

using namespace controller;

void Controller::on(const ClientConnected& event) { clients_[event.client] = event.peer; }

void Controller::on(const ClientGone& event) {
  clients_.erase(event.client);
  std::erase_if(relayed_, [&](const auto& entry) { return entry.second.client == event.client; });
}

void Controller::on(const ClientMessage& event) {
  const Result<ControllerRequest> request = decode_controller_request(event.payload);
  if (!request) return refuse(event.client, 0, request.error().kind, request.error().message);
  const auto peer = clients_.find(event.client);
  handle_request(*request, event.client, peer == clients_.end() ? PeerCredentials{} : peer->second);
}

void Controller::refuse(ClientId client, std::uint64_t id, ErrorKind kind, std::string message) {
  ControllerReply reply;
  reply.id = id;
  reply.ok = false;
  reply.error = kind;
  reply.message = std::move(message);
  ports_.reply(client, reply);
}

KnownNode Controller::describe(const KnownClusterNode& node) const {
  KnownNode known;
  known.id = std::to_string(node.number);
  known.name = node.name;
  if (node.seen) known.state = node.in_layer || node.in_group ? "member" : "lost";
  return known;
}

void Controller::handle_request(const ControllerRequest& request, ClientId client,
                                const PeerCredentials& peer) {
  ControllerReply reply;
  reply.id = request.id;
  reply.node = config_.name;
  switch (request.kind) {
    case ControllerRequest::Kind::kStatus:
    case ControllerRequest::Kind::kWaitIdle: {
      const bool waits = request.kind == ControllerRequest::Kind::kWaitIdle;
      const bool here = !waits && (request.node.empty() || iequals(request.node, config_.name));
      reply.state = state();
      if (here) return ports_.reply(client, reply);
      const NodeNumber to = waits ? membership_.dc() : membership_.find(request.node);
      if (to == 0) {
        return refuse(client, request.id, ErrorKind::kNotFound,
                      waits ? "no DC at the moment: try again"
                            : "node " + request.node + " is no active member of the cluster");
      }
      const std::uint64_t number = ports_.next_request();
      relayed_[number] = {client, request.id, request.kind, to, 1, 0, {}};
      return ports_.broadcast(RelayedQuery{to, number, waits});
    }
    case ControllerRequest::Kind::kDcLookup:
      if (membership_.dc() == 0) {
        return refuse(client, request.id, ErrorKind::kNotFound, "no DC at the moment");
      }
      reply.node = membership_.name_of(membership_.dc());
      return ports_.reply(client, reply);
    case ControllerRequest::Kind::kNodes:
      for (const auto& [number, node] : nodes_.all()) reply.nodes.push_back(describe(node));
      return ports_.reply(client, reply);
    case ControllerRequest::Kind::kNodeInfo: {
      const KnownClusterNode* node = nullptr;
      if (!request.node.empty())
        node = nodes_.find(request.node);
      else if (!request.node_id.empty())
        node = nodes_.find(static_cast<NodeNumber>(to_integer(request.node_id).value_or(0)));
      else
        node = nodes_.find(config_.node);
      if (node == nullptr) {
        return refuse(client, request.id, ErrorKind::kNotFound,
                      "node " + request.node + request.node_id + " is not known to the cluster");
      }
      reply.quorate = quorate_;
      reply.nodes.push_back(describe(*node));
      return ports_.reply(client, reply);
    }
    case ControllerRequest::Kind::kForgetNode:
      if (const std::string active = active_member(request); !active.empty()) {
        return refuse(client, request.id, ErrorKind::kInvalid,
                      active + " is an active member of the cluster: stop it first");
      }
      ports_.broadcast(ForgetNode{request.node, request.node_id});
      return ports_.reply(client, reply);
    case ControllerRequest::Kind::kHistory:
      return history_wish(request, client, peer);
  }
}

std::string Controller::active_member(const ControllerRequest& request) const {
  const KnownClusterNode* node =
      request.node_id.empty()
          ? nodes_.find(request.node)
          : nodes_.find(static_cast<NodeNumber>(to_integer(request.node_id).value_or(0)));
  return node != nullptr && membership_.find(node->name) != 0 ? node->name : std::string();
}

// ---- History ------------------------------------------------------------------------------------

void Controller::history_wish(const ControllerRequest& request, ClientId client,
                              const PeerCredentials& peer) {
  HistoryWish wish = request.wish;
  wish.privileged = peer.privileged && wish.user.empty();
  if (!peer.privileged || wish.user.empty()) wish.user = peer.user;
  std::vector<NodeNumber> targets;
  if (wish.node.empty() && wish.kind != HistoryWish::Kind::kFail) {
    for (const auto& [number, member] : membership_.peers()) {
      if (!member.left_out) targets.push_back(number);
    }
  } else if (const NodeNumber node = membership_.find(wish.node)) {
    targets.push_back(node);
  } else if (nodes_.find(wish.node) != nullptr && wish.kind != HistoryWish::Kind::kFail) {
    targets.push_back(config_.node);  // an inactive node's: this controller changes the CIB itself
  }
  if (targets.empty()) {
    return refuse(client, request.id, ErrorKind::kNotFound,
                  "node " + wish.node + " is not known to the cluster");
  }
  const std::uint64_t number = ports_.next_request();
  relayed_[number] = {client, request.id, request.kind, 0, targets.size(), 0, {}};
  for (const NodeNumber node : targets) ports_.broadcast(RelayedWish{node, number, wish});
}

void Controller::take(NodeNumber sender, const RelayedWish& message) {
  if (message.to != config_.node) return;
  carry_out_wish(message.wish,
                 [this, sender, request = message.request](int rc, std::string reason) {
                   ports_.broadcast(RelayedAnswer{sender, request, rc, std::move(reason)});
                 });
}

void Controller::carry_out_wish(const HistoryWish& wish, LocalActions::Answered answered) {
  if (wish.node.empty() || iequals(wish.node, config_.name)) {
    return local_.wish(wish, std::move(answered));
  }
  // For a node without controller only the CIB is to be changed.
  const KnownClusterNode* node = nodes_.find(wish.node);
  const std::string id = node == nullptr ? wish.node : std::to_string(node->number);
  if (wish.kind == HistoryWish::Kind::kClearFailures) {
    local_.clear_failures(wish.node, wish.resource, wish.operation, wish.interval_ms);
    return answered(0, {});
  }
  const std::string xpath = wish.resource.empty() ? "/cib/status/node_state[@id='" + id + "']/lrm"
                                                  : lrm_resource_xpath(id, wish.resource);
  ports_.write_cib(
      {CibStep::remove(xpath)},
      [answered](const CibOutcome& outcome) {
        answered(outcome.ok ? ocf::kOk : ocf::kInsufficientPrivileges, outcome.error.message);
      },
      wish.privileged ? std::string() : wish.user);
}

void Controller::take(NodeNumber, const RelayedAnswer& message) {
  const auto found = message.to == config_.node ? relayed_.find(message.request) : relayed_.end();
  if (found == relayed_.end()) return;
  Relayed& relayed = found->second;
  if (message.rc != 0) {
    relayed.rc = message.rc;
    relayed.reason = message.reason;
  }
  if (--relayed.answers_missing > 0) return;
  ControllerReply reply;
  reply.id = relayed.id;
  reply.rc = relayed.rc;
  reply.message = relayed.reason;
  if (relayed.rc != 0) {
    reply.ok = false;
    reply.error =
        relayed.rc == ocf::kInsufficientPrivileges ? ErrorKind::kPermission : ErrorKind::kInternal;
  }
  ports_.reply(relayed.client, reply);
  relayed_.erase(found);
}

// ---- States of others ---------------------------------------------------------------------------

void Controller::take(NodeNumber sender, const RelayedQuery& message) {
  if (message.to != config_.node) return;
  constexpr std::size_t kMaxWaiters = 1'000;
  if (message.when_idle && is_dc() && !idle() && idle_waiters_.size() < kMaxWaiters) {
    idle_waiters_.push_back({sender, message.request});
    return;
  }
  ports_.broadcast(RelayedState{sender, message.request, std::string(state())});
}

void Controller::answer_idle_waiters() {
  if (idle_waiters_.empty() || (is_dc() && !idle())) return;
  for (const IdleWaiter& waiter : std::exchange(idle_waiters_, {})) {
    ports_.broadcast(RelayedState{waiter.node, waiter.request, std::string(state())});
  }
}

void Controller::take(NodeNumber sender, const RelayedState& message) {
  const auto found = message.to == config_.node ? relayed_.find(message.request) : relayed_.end();
  if (found == relayed_.end()) return;
  ControllerReply reply;
  reply.id = found->second.id;
  reply.state = message.state;
  reply.node = membership_.name_of(sender);
  ports_.reply(found->second.client, reply);
  relayed_.erase(found);
}

}  // namespace quorate
