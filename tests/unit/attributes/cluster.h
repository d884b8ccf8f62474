#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "attributes/attributes.h"
#include "messages/cib.h"

/// Attribute managers of several nodes on one ordered bus, with clients; the CIB service only takes
/// notes and says yes.
struct AttributeCluster {
  using NodeNumber = quorate::NodeNumber;

  struct Node {
    std::unique_ptr<quorate::Attributes> core;
    bool fresh = true;
    std::vector<quorate::AttributeReply> replies;
    std::vector<quorate::CibRequest> cib;
    std::map<quorate::TimerId, std::int64_t> timers;
    std::vector<std::string> log;
  };
  std::map<NodeNumber, Node> nodes;
  std::deque<std::pair<NodeNumber, std::string>> bus;
  std::uint64_t view = 0;
  std::uint64_t ring = 0;  ///< changes with report_nodes() only
  quorate::Now now;
  bool cib_answers = true;

  static std::string name(NodeNumber node) { return "n" + std::to_string(node); }

  void start(NodeNumber number) {
    Node& node = nodes[number];
    node = Node();
    node.core =
        std::make_unique<quorate::Attributes>(quorate::AttributesConfig{number, name(number)});
    feed(number, quorate::Started{});
    feed(number, quorate::SiblingUp{quorate::Daemon::kCib});
    quorate::PeerCredentials root;
    root.privileged = true;
    feed(number, quorate::ClientConnected{1, root});
  }

  void feed(NodeNumber number, const quorate::Event& event) {
    quorate::Effects effects;
    Node& node = nodes.at(number);
    node.core->handle(event, now, effects);
    for (quorate::Effect& effect : effects) {
      if (auto* b = std::get_if<quorate::Broadcast>(&effect)) {
        bus.emplace_back(number, b->payload);
      } else if (auto* r = std::get_if<quorate::Reply>(&effect)) {
        node.replies.push_back(*quorate::decode_attribute_reply(r->payload));
      } else if (auto* s = std::get_if<quorate::SendSibling>(&effect)) {
        take_cib(number, s->payload);
      } else if (auto* t = std::get_if<quorate::SetTimer>(&effect)) {
        node.timers[t->timer] = t->delay_ms;
      } else if (auto* c = std::get_if<quorate::CancelTimer>(&effect)) {
        node.timers.erase(c->timer);
      } else if (auto* l = std::get_if<quorate::Log>(&effect)) {
        node.log.push_back(l->record.text);
      }
    }
  }

  void take_cib(NodeNumber number, const std::string& payload) {
    const auto message = quorate::decode_cib_client_message(payload);
    if (!message) return;
    const auto* request = std::get_if<quorate::CibRequest>(&*message);
    if (request == nullptr) return;
    nodes.at(number).cib.push_back(*request);
    if (!cib_answers) return;
    quorate::CibReply reply;
    reply.id = request->id;
    feed(number, quorate::SiblingMessage{quorate::Daemon::kCib, encode(reply)});
  }

  /// Installs a view; `joined` as each of `members` sees it.
  void install(const std::set<NodeNumber>& members,
               const std::map<NodeNumber, std::set<NodeNumber>>& joined_for) {
    ++view;
    for (const NodeNumber number : members) {
      quorate::GroupView event;
      event.view = view;
      event.ring = ring;
      for (const NodeNumber other : members) event.members.push_back({other, name(other), 1});
      for (const NodeNumber other : joined_for.at(number)) event.joined.push_back(other);
      feed(number, event);
    }
    members_ = members;
  }
  /// A view in which `joined` are new to the rest, and all are new to the joined.
  void install(const std::set<NodeNumber>& members, const std::set<NodeNumber>& joined) {
    std::map<NodeNumber, std::set<NodeNumber>> seen;
    for (const NodeNumber number : members)
      seen[number] = joined.contains(number) ? members : joined;
    install(members, seen);
  }

  /// The cluster layer reports to all members that these nodes are up.
  void report_nodes(const std::set<NodeNumber>& up) {
    quorate::NodeMembership nodes;
    nodes.ring = ++ring;
    for (const NodeNumber number : up) nodes.members.push_back({number, name(number), 1});
    for (const NodeNumber number : members_) feed(number, nodes);
  }

  void run() {
    while (!bus.empty()) {
      const auto [sender, payload] = bus.front();
      bus.pop_front();
      for (const NodeNumber number : members_) {
        feed(number, quorate::Delivered{++position_, sender, payload});
      }
    }
  }

  void ask(NodeNumber number, const quorate::AttributeRequest& request) {
    feed(number, quorate::ClientMessage{1, encode(request)});
  }
  void set(NodeNumber number, const std::string& attribute, const std::string& value,
           const std::string& node = {}) {
    quorate::AttributeRequest request;
    request.kind = quorate::AttributeRequest::Kind::kUpdate;
    request.name = attribute;
    request.value = value;
    request.node = node;
    ask(number, request);
    run();
  }
  /// What a query on `number` says about a node: `-` unknown attribute, `~` unset.
  std::string get(NodeNumber number, const std::string& attribute, const std::string& node) {
    quorate::AttributeRequest request;
    request.name = attribute;
    request.node = node;
    nodes.at(number).replies.clear();
    ask(number, request);
    const quorate::AttributeReply& reply = nodes.at(number).replies.at(0);
    if (!reply.ok) return "-";
    return reply.values.at(0).value.value_or("~");
  }

 private:
  std::set<NodeNumber> members_;
  std::uint64_t position_ = 0;
};
