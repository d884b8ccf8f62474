#include "attributes/attributes.h"
#include "base/duration.h"
#include "base/text.h"

/// Requests of clients (spec/10 §3, §5, §6, §13.2).
namespace quorate {

using attributes::Attribute;
using attributes::NodeValue;

namespace {

std::string describe(AttributeRequest::Kind kind) {
  switch (kind) {
    case AttributeRequest::Kind::kUpdate:
      return "update";
    case AttributeRequest::Kind::kUpdateBoth:
      return "update-both";
    case AttributeRequest::Kind::kUpdateDelay:
      return "update-delay";
    case AttributeRequest::Kind::kDelete:
      return "delete";
    case AttributeRequest::Kind::kQuery:
      return "query";
    case AttributeRequest::Kind::kRefresh:
      return "refresh";
    case AttributeRequest::Kind::kClearFailures:
      return "clear-failure";
    case AttributeRequest::Kind::kPurge:
      return "peer-remove";
  }
  return "unknown";
}

}  // namespace

void Attributes::on(const ClientConnected& event) { clients_[event.client] = event.peer; }

void Attributes::on(const ClientGone& event) {
  clients_.erase(event.client);
  std::erase_if(waiting_,
                [&](const auto& entry) { return entry.second.asking.client == event.client; });
}

void Attributes::on(const ClientMessage& event) {
  const Result<AttributeRequest> request = decode_attribute_request(event.payload);
  if (!request) {
    AttributeReply refused;
    refused.ok = false;
    refused.error = request.error().kind;
    refused.message = request.error().message;
    reply(event.client, std::move(refused));
    return;
  }
  const auto peer = clients_.find(event.client);
  handle_request(*request, event.client, peer == clients_.end() ? PeerCredentials{} : peer->second);
}

void Attributes::reply(ClientId client, AttributeReply reply) {
  effects_->push_back(Reply{client, encode(reply)});
}

void Attributes::handle_request(const AttributeRequest& request, ClientId client,
                                const PeerCredentials& peer) {
  if (request.kind == AttributeRequest::Kind::kQuery) return answer_query(request, client);
  Asking asking{client, request.id, request.wait};
  const bool waits = request.kind != AttributeRequest::Kind::kRefresh &&
                     request.kind != AttributeRequest::Kind::kPurge &&
                     request.wait != AttributeWait::kNo;
  if (!waits) {
    asking.wait = AttributeWait::kNo;
    AttributeReply taken;
    taken.id = request.id;
    reply(client, std::move(taken));
  }
  switch (request.kind) {
    case AttributeRequest::Kind::kRefresh:
      write_all();
      break;
    case AttributeRequest::Kind::kPurge:
      if (!request.node.empty()) {
        broadcast(AttributePurge{request.node, request.forget_node, request.unless_member,
                                 request.client.empty() ? "request" : request.client});
      }
      break;
    case AttributeRequest::Kind::kClearFailures:
      clear_failures(request, asking);
      break;
    default:
      change(request, asking, peer);
  }
}

void Attributes::answer_query(const AttributeRequest& request, ClientId client) {
  AttributeReply answer;
  answer.id = request.id;
  answer.name = request.name;
  const Attribute* attribute = table_.find(request.name);
  if (attribute == nullptr) {
    answer.ok = false;
    answer.error = ErrorKind::kNotFound;
    answer.message = "Could not query value of " + request.name + ": attribute does not exist";
    return reply(client, std::move(answer));
  }
  if (request.all_nodes) {
    for (const auto& [key, entry] : attribute->values) {
      answer.values.push_back({entry.node, entry.value});
    }
    return reply(client, std::move(answer));
  }
  const bool local = request.node.empty() || iequals(request.node, "localhost");
  const std::string& node = local ? config_.name : request.node;
  const auto entry = attribute->values.find(to_lower(node));
  answer.values.push_back(entry == attribute->values.end()
                              ? AttributeValueOf{node, std::nullopt}
                              : AttributeValueOf{entry->second.node, entry->second.value});
  reply(client, std::move(answer));
}

void Attributes::clear_failures(const AttributeRequest& request, const Asking& asking) {
  std::string pattern = "^(fail-count|last-failure)-";
  if (!request.resource.empty()) {
    pattern += request.resource + "#";
    pattern += request.operation.empty()
                   ? "..*_[0-9][0-9]*$"
                   : request.operation + "_" + std::to_string(request.interval_ms) + "$";
  }
  AttributeChange cleared;
  cleared.node = request.node;
  const Result<std::vector<std::string>> names = table_.matching(pattern);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    AttributeChange::Part part;
    part.name = name;
    part.sets_value = true;
    cleared.parts.push_back(std::move(part));
  }
  send_change(std::move(cleared), asking);
}

/// What one request means for an attribute, its name apart. False if nothing is to be done.
bool Attributes::fill_part(const AttributeRequest& request, const PeerCredentials& peer,
                           AttributeChange::Part& part) {
  using Kind = AttributeRequest::Kind;
  part.traits.is_private = request.is_private;
  part.traits.set_id = request.set_id;
  if (!request.set_type.empty()) part.traits.set_type = request.set_type;
  if (part.traits.set_type != "instance_attributes" && part.traits.set_type != "utilization") {
    log(LogLevel::kWarning, "Attribute " + request.name + " not created: '" + request.set_type +
                                "' is neither instance_attributes nor utilization");
    return false;
  }
  part.traits.user = peer.privileged ? request.user : peer.user;
  part.creates = request.kind != Kind::kUpdateDelay;
  part.sets_value = request.kind != Kind::kUpdateDelay;
  if (request.kind != Kind::kDelete) part.value = request.value;
  part.sets_dampening = request.kind == Kind::kUpdateBoth || request.kind == Kind::kUpdateDelay;
  const std::optional<std::int64_t> delay = parse_interval_ms(request.dampening);
  if (delay && !request.dampening.empty()) {
    part.traits.dampening_ms = *delay;
    return true;
  }
  if (part.sets_dampening) {
    log(LogLevel::kError,
        "Could not update " + request.name + ": " +
            (request.dampening.empty() ? std::string("no dampening given")
                                       : "'" + request.dampening + "' is not a valid dampening"));
    part.sets_dampening = part.sets_value = false;
    return part.creates;
  }
  if (!request.dampening.empty()) {
    log(LogLevel::kWarning,
        "Ignoring invalid delay " + request.dampening + " for attribute " + request.name);
  }
  return true;
}

void Attributes::change(const AttributeRequest& request, const Asking& asking,
                        const PeerCredentials& peer) {
  const std::string what = describe(request.kind) + " from client " + request.client;
  std::vector<std::string> names;
  if (!request.name.empty()) {
    names.push_back(request.name);
  } else if (!request.pattern.empty()) {
    const Result<std::vector<std::string>> matching = table_.matching(request.pattern);
    if (!matching) {
      return log(LogLevel::kError, "Bad regex '" + request.pattern + "' for " + what);
    }
    names = *matching;
  } else {
    return log(LogLevel::kError,
               "Processed " + what + ": did not specify attribute or regular expression");
  }
  if (request.kind == AttributeRequest::Kind::kUpdateDelay && !request.name.empty() &&
      table_.find(request.name) == nullptr) {
    log(LogLevel::kError, "Attribute " + request.name + " does not exist");
    names.clear();
  }
  AttributeChange change;
  change.node = request.node.empty() ? config_.name : request.node;
  change.node_id = request.node_id.empty() ? node_id_of(change.node) : request.node_id;
  change.node_is_remote = request.node_is_remote;
  AttributeChange::Part part;
  if (!names.empty() && fill_part(request, peer, part)) {
    for (const std::string& name : names) {
      part.name = name;
      change.parts.push_back(part);
    }
    for (const auto& [name, value] : request.more) {
      if (request.kind != AttributeRequest::Kind::kUpdate || name.empty()) continue;
      part.name = name;
      part.value = value;
      change.parts.push_back(part);
    }
  }
  // Also a change of nothing is sent when its effect is waited for: so the client is answered.
  if (!change.parts.empty() || asking.wait != AttributeWait::kNo) {
    send_change(std::move(change), asking);
  }
}

}  // namespace quorate
