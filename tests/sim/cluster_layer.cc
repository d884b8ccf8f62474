#include "cluster_layer.h"

#include <algorithm>

namespace quorate::sim {

namespace {
constexpr std::int64_t kMs = 1000;
}

ClusterLayer::ClusterLayer(TimeLine& time, Random& random, std::vector<Member> configured)
    : time_(time), random_(random), configured_(std::move(configured)) {
  for (const Member& member : configured_) side_[member.node] = 0;
}

std::int64_t ClusterLayer::latency_us() {
  return random_.between(50, 800) +
         (extra_latency_us_ > 0 ? random_.between(0, extra_latency_us_) : 0);
}

ClusterLayer::Ring* ClusterLayer::ring_of(NodeNumber node) {
  const auto found = rings_.find(node);
  return found == rings_.end() ? nullptr : found->second.get();
}
const ClusterLayer::Ring* ClusterLayer::ring_of(NodeNumber node) const {
  return const_cast<ClusterLayer*>(this)->ring_of(node);
}

bool ClusterLayer::connected(NodeNumber a, NodeNumber b) const {
  return running_.contains(a) && running_.contains(b) && side_.at(a) == side_.at(b);
}

std::set<NodeNumber> ClusterLayer::component_of(NodeNumber node) const {
  std::set<NodeNumber> component;
  for (const NodeNumber other : running_) {
    if (side_.at(other) == side_.at(node)) component.insert(other);
  }
  return component;
}

// ---- Machines and network ---------------------------------------------------------------------

void ClusterLayer::node_started(NodeNumber node) {
  running_.insert(node);
  plan_reform(random_.between(100, 400) * kMs);
}

void ClusterLayer::node_died(NodeNumber node) {
  running_.erase(node);
  for (auto& [ticket, process] : processes_) {
    if (process.node == node) process.alive = false;
  }
  stall_broken_rings();
  rings_.erase(node);
  plan_reform(random_.between(1000, 1700) * kMs);
}

void ClusterLayer::node_left(NodeNumber node) {
  node_died(node);
  plan_reform(random_.between(1, 20) * kMs);
}

void ClusterLayer::set_network(const std::map<NodeNumber, int>& side) {
  for (const auto& [node, number] : side) side_[node] = number;
  bool cut = false;
  for (const auto& [node, ring] : rings_) {
    for (const NodeNumber other : ring->members) cut = cut || side_.at(other) != side_.at(node);
  }
  stall_broken_rings();
  plan_reform(cut ? random_.between(1000, 1700) * kMs : random_.between(200, 600) * kMs);
}

void ClusterLayer::refuse_sending(NodeNumber node, std::int64_t duration_us) {
  const std::int64_t until = time_.now_us() + duration_us;
  refused_until_us_[node] = std::max(refused_until_us_[node], until);
  const auto tell = [this, node](bool allowed) {
    for (auto& [ticket, process] : processes_) {
      if (process.alive && process.node == node && process.in_group) {
        process.receiver(BroadcastAllowed{allowed});
      }
    }
  };
  tell(false);
  time_.at(until, [this, node, until, tell] {
    if (refused_until_us_[node] != until || !running_.contains(node)) return;
    tell(true);
    plan_send(node);
  });
}

/// A ring that has lost a node or whose members don't all reach each other orders nothing more.
void ClusterLayer::stall_broken_rings() {
  for (const auto& [node, ring] : rings_) {
    for (const NodeNumber member : ring->members) {
      if (!running_.contains(member) || side_.at(member) != side_.at(node)) ring->stalled = true;
    }
  }
}

void ClusterLayer::plan_reform(std::int64_t delay_us) {
  const std::int64_t at = time_.now_us() + delay_us;
  time_.at(at, [this] { reform(); });
}

void ClusterLayer::reform() {
  std::set<NodeNumber> done;
  for (const NodeNumber node : std::set<NodeNumber>(running_)) {
    if (done.contains(node)) continue;
    const std::set<NodeNumber> component = component_of(node);
    done.insert(component.begin(), component.end());
    const bool unchanged = std::all_of(component.begin(), component.end(), [&](NodeNumber member) {
      const Ring* ring = ring_of(member);
      return ring != nullptr && !ring->stalled && ring->members == component;
    });
    if (!unchanged) install(component);
  }
}

// ---- View changes -----------------------------------------------------------------------------

/// What members that go on together still deliver of their old ring. All of them deliver the same:
/// what any of them has delivered, then what one of themselves sent, and of the messages of those
/// left behind a random beginning: the others may have had more of it, or less.
void ClusterLayer::flush(Ring& old, const std::set<NodeNumber>& moving) {
  for (auto& [daemon, group] : old.groups) {
    std::vector<Process*> together;
    for (auto& [ticket, process] : processes_) {
      if (process.alive && process.group == daemon && moving.contains(process.node) &&
          process.in_group && process.has_view) {
        together.push_back(&process);
      }
    }
    std::uint64_t reached = 0;
    for (const Process* process : together) reached = std::max(reached, process->next);
    const auto length = static_cast<std::uint64_t>(group.log.size());
    const auto cut = static_cast<std::uint64_t>(
        random_.between(static_cast<std::int64_t>(reached), static_cast<std::int64_t>(length)));
    for (Process* process : together) {
      for (std::uint64_t i = process->next; i < length; ++i) {
        const Entry& entry = *group.log[i];
        const bool from_us = !entry.is_view && moving.contains(entry.sender);
        if (i >= cut && !from_us) continue;
        // A view of the old ring is replaced by the new ring's, unless someone has seen it.
        if (entry.is_view && i >= reached) continue;
        deliver(*process, entry);
      }
    }
  }
}

void ClusterLayer::install(const std::set<NodeNumber>& members) {
  auto ring = std::make_shared<Ring>();
  ring->id = next_ring_++;
  ring->members = members;

  std::set<Ring*> flushed;
  for (const NodeNumber node : members) {
    Ring* old = ring_of(node);
    if (old == nullptr || !flushed.insert(old).second) continue;
    std::set<NodeNumber> moving;
    for (const NodeNumber member : members) {
      if (ring_of(member) == old) moving.insert(member);
    }
    flush(*old, moving);
  }

  std::map<Daemon, std::vector<Ticket>> groups;
  // Old rings stay alive until all of their members have gone on.
  std::vector<std::shared_ptr<Ring>> keep;
  for (const NodeNumber node : members) {
    if (rings_.contains(node)) keep.push_back(rings_.at(node));
    rings_[node] = ring;
  }
  for (auto& [ticket, process] : processes_) {
    if (!process.alive || !members.contains(process.node)) continue;
    groups[process.group].push_back(ticket);
    process.next = 0;
    process.in_group = true;
  }
  announce_nodes(*ring);
  for (auto& [daemon, tickets] : groups) {
    append_view(*ring, daemon, tickets);
  }
  for (const NodeNumber node : members) plan_send(node);
}

void ClusterLayer::announce_nodes(const Ring& ring) {
  NodeMembership membership;
  membership.ring = ring.id;
  membership.quorate = ring.members.size() * 2 > configured_.size();
  membership.configured = configured_;
  for (const Member& member : configured_) {
    if (ring.members.contains(member.node)) membership.members.push_back(member);
  }
  const std::uint64_t ring_id = ring.id;
  for (auto& [ticket, process] : processes_) {
    if (!process.alive || !ring.members.contains(process.node)) continue;
    // Quorum and groups are unordered to each other.
    const Ticket to = ticket;
    time_.after(random_.between(0, 5 * kMs), [this, to, membership, ring_id] {
      const auto found = processes_.find(to);
      if (found == processes_.end() || !found->second.alive) return;
      const Ring* present = ring_of(found->second.node);
      if (present == nullptr || present->id != ring_id) return;
      found->second.receiver(membership);
    });
  }
}

// ---- Processes --------------------------------------------------------------------------------

Ticket ClusterLayer::join(NodeNumber node, Daemon group, Receiver receiver) {
  const Ticket ticket = next_ticket_++;
  Process process;
  process.ticket = ticket;
  process.node = node;
  process.group = group;
  process.receiver = std::move(receiver);
  processes_.emplace(ticket, std::move(process));
  time_.after(latency_us(), [this, ticket] {
    Process& joiner = processes_.at(ticket);
    Ring* ring = joiner.alive ? ring_of(joiner.node) : nullptr;
    if (ring == nullptr || ring->stalled || joiner.in_group) return;  // the next ring takes it in
    joiner.in_group = true;
    Group& own = ring->groups[joiner.group];
    joiner.next = own.log.size();
    std::vector<Ticket> members = own.members;
    members.push_back(ticket);
    append_view(*ring, joiner.group, members);
    announce_nodes(*ring);
    plan_send(joiner.node);
  });
  return ticket;
}

void ClusterLayer::leave(Ticket ticket) {
  Process& process = processes_.at(ticket);
  if (!process.alive) return;
  process.alive = false;
  const NodeNumber node = process.node;
  const Daemon daemon = process.group;
  time_.after(latency_us(), [this, ticket, node, daemon] {
    Ring* ring = ring_of(node);
    if (ring == nullptr || ring->stalled) return;
    Group& group = ring->groups[daemon];
    const auto place = std::find(group.members.begin(), group.members.end(), ticket);
    if (place == group.members.end()) return;
    std::vector<Ticket> members = group.members;
    std::erase(members, ticket);
    append_view(*ring, daemon, members);
  });
}

void ClusterLayer::broadcast(Ticket ticket, std::string payload) {
  Process& process = processes_.at(ticket);
  process.unsent.push_back(std::move(payload));
  plan_send(process.node);
}

void ClusterLayer::plan_send(NodeNumber node) {
  time_.after(latency_us(), [this, node] { send_pending(node); });
}

void ClusterLayer::send_pending(NodeNumber node) {
  Ring* ring = ring_of(node);
  if (ring == nullptr || ring->stalled) return;
  if (const auto refused = refused_until_us_.find(node);
      refused != refused_until_us_.end() && refused->second > time_.now_us()) {
    return;
  }
  for (auto& [ticket, process] : processes_) {
    if (process.node != node || !process.alive || !process.in_group) continue;
    while (!process.unsent.empty()) {
      Entry entry;
      entry.sender = node;
      entry.sender_ticket = ticket;
      entry.payload = std::move(process.unsent.front());
      process.unsent.pop_front();
      append(*ring, process.group, std::move(entry));
    }
  }
}

void ClusterLayer::append(Ring& ring, Daemon daemon, Entry entry) {
  Group& group = ring.groups[daemon];
  group.log.push_back(std::make_shared<const Entry>(std::move(entry)));
  for (const Ticket ticket : group.members) {
    Process& process = processes_.at(ticket);
    if (process.alive) plan_delivery(process, ring.id);
  }
}

void ClusterLayer::append_view(Ring& ring, Daemon daemon, std::vector<Ticket> members) {
  Group& group = ring.groups[daemon];
  std::sort(members.begin(), members.end(),
            [&](Ticket a, Ticket b) { return processes_.at(a).node < processes_.at(b).node; });
  group.members = members;
  Entry entry;
  entry.is_view = true;
  entry.view.view = next_view_++;
  entry.view.ring = ring.id;
  for (const Ticket ticket : members) {
    const Process& process = processes_.at(ticket);
    const auto named = std::find_if(configured_.begin(), configured_.end(),
                                    [&](const Member& m) { return m.node == process.node; });
    entry.view.members.push_back({process.node, named->name, ticket});
    entry.recipients.emplace(ticket, process.node);
  }
  append(ring, daemon, std::move(entry));
}

void ClusterLayer::plan_delivery(Process& process, std::uint64_t ring_id) {
  process.last_delivery_us = std::max(process.last_delivery_us + 1, time_.now_us() + latency_us());
  const Ticket ticket = process.ticket;
  time_.at(process.last_delivery_us, [this, ticket, ring_id] { deliver_next(ticket, ring_id); });
}

void ClusterLayer::deliver_next(Ticket ticket, std::uint64_t ring_id) {
  Process& process = processes_.at(ticket);
  Ring* ring = process.alive ? ring_of(process.node) : nullptr;
  if (ring == nullptr || ring->id != ring_id || ring->stalled) return;
  const Group& group = ring->groups[process.group];
  if (process.next >= group.log.size()) return;
  // Whoever receives it may add to the log.
  const std::shared_ptr<const Entry> entry = group.log[process.next++];
  deliver(process, *entry);
}

void ClusterLayer::deliver(Process& process, const Entry& entry) {
  ++process.position;
  if (!entry.is_view) {
    process.receiver(Delivered{process.position, entry.sender, entry.payload});
    return;
  }
  if (!entry.recipients.contains(process.ticket)) return;
  // Who joined and who left is as this member sees it: members of rings that merge differ in it.
  GroupView view = entry.view;
  for (const auto& [ticket, node] : entry.recipients) {
    if (!process.last_view.contains(ticket)) view.joined.push_back(node);
  }
  for (const auto& [ticket, node] : process.last_view) {
    if (!entry.recipients.contains(ticket)) view.left.push_back(node);
  }
  std::sort(view.joined.begin(), view.joined.end());
  std::sort(view.left.begin(), view.left.end());
  process.last_view = entry.recipients;
  process.has_view = true;
  process.receiver(std::move(view));
}

// ---- Questions --------------------------------------------------------------------------------

bool ClusterLayer::quorate(NodeNumber node) const {
  const Ring* ring = ring_of(node);
  return ring != nullptr && !ring->stalled && ring->members.size() * 2 > configured_.size();
}

std::uint64_t ClusterLayer::ring_number(NodeNumber node) const {
  const Ring* ring = ring_of(node);
  return ring == nullptr ? 0 : ring->id;
}

std::uint64_t ClusterLayer::settled_ring(NodeNumber node) const {
  const Ring* ring = ring_of(node);
  if (ring == nullptr || ring->stalled || ring->members != component_of(node)) return 0;
  const bool refused = std::any_of(ring->members.begin(), ring->members.end(), [&](NodeNumber m) {
    const auto until = refused_until_us_.find(m);
    return until != refused_until_us_.end() && until->second > time_.now_us();
  });
  return refused ? 0 : ring->id;
}

const std::set<NodeNumber>& ClusterLayer::ring_members(NodeNumber node) const {
  static const std::set<NodeNumber> kNone;
  const Ring* ring = ring_of(node);
  return ring == nullptr ? kNone : ring->members;
}

bool ClusterLayer::settled() const {
  for (const NodeNumber node : running_) {
    const Ring* ring = ring_of(node);
    if (ring == nullptr || ring->stalled || ring->members != component_of(node)) return false;
  }
  return std::all_of(processes_.begin(), processes_.end(), [&](const auto& item) {
    const Process& process = item.second;
    if (!process.alive) return true;
    const Ring* ring = ring_of(process.node);
    const auto group = ring->groups.find(process.group);
    return process.unsent.empty() && group != ring->groups.end() &&
           process.next == group->second.log.size();
  });
}

ClusterLayer::Place ClusterLayer::place_of(Ticket ticket) const {
  const auto found = processes_.find(ticket);
  if (found == processes_.end()) return {};
  const Ring* ring = ring_of(found->second.node);
  return {ring == nullptr ? 0 : ring->id, found->second.next};
}

}  // namespace quorate::sim
