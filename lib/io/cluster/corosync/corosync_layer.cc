#include "io/cluster/corosync/corosync_layer.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "io/cluster/corosync/cpg_group.h"
#include "io/cluster/corosync/node_list.h"
#include "io/cluster/corosync/node_list_watch.h"
#include "io/cluster/corosync/quorum_watch.h"

namespace quorate::cluster {
namespace {

/// Half of it waiting stops broadcasts, a quarter allows them again.
constexpr std::size_t kMaxQueuedBytes = std::size_t{64} << 20;
constexpr std::int64_t kReconnectMs = 1000;
constexpr int kAskAgainMs = 250;

using Around = std::function<void(const std::function<void()>&)>;

class CorosyncLayer final : public Layer {
 public:
  CorosyncLayer(io::Loop& loop, NodeList nodes, Around around)
      : loop_(loop), around_(std::move(around)), nodes_(std::move(nodes)) {}

  Member local_node() const override { return {nodes_.local, nodes_.name_of(nodes_.local), 0}; }
  ClusterInfo cluster() const override { return {nodes_.cluster_name, nodes_.token_timeout_ms}; }

  void start(Listener& listener) override {
    listener_ = &listener;
    connect();
  }

  void join(std::string group) override {
    group_name_ = std::move(group);
    if (quorum_) join_group();
  }

  void leave() override {
    group_name_.clear();
    retire_group();
    allow(true);
  }

  Result<void> broadcast(std::string_view payload) override {
    if (payload.size() > kMaxPayloadBytes)
      return fail(ErrorKind::kInvalid, "broadcast of " + std::to_string(payload.size()) +
                                           " bytes: more than a payload may have");
    if (!group_ || !group_->is_member())
      return fail(ErrorKind::kDisconnected,
                  "not a member of the group \"" + group_name_ + "\" now");
    if (!allowed_) return fail(ErrorKind::kTimeout, "the cluster layer refuses messages for now");
    group_->broadcast(std::string(payload));
    if (group_->queued_bytes() > kMaxQueuedBytes / 2) allow(false);
    return {};
  }

  /// corosync stays and says by itself when it goes.
  void say_goodbye() override {}

 private:
  void connect() {
    around_([this] { try_connect(); });
    if (quorum_) return;
    reconnect_ = loop_.after(kReconnectMs, [this] { connect(); });
  }

  void try_connect() {
    auto nodes = NodeListWatch::open(loop_, {[this] {
                                               nodes_ = node_list_->list();
                                               tell_nodes();
                                             },
                                             [this](const std::string& reason) { lose(reason); }});
    if (!nodes || (*nodes)->list().local != nodes_.local) return;
    auto quorum =
        QuorumWatch::open(loop_, {[this](const QuorumWatch::Report& report) { on_quorum(report); },
                                  [this](const std::string& reason) { lose(reason); }});
    if (!quorum) return;
    node_list_ = std::move(*nodes);
    nodes_ = node_list_->list();
    quorum_ = std::move(*quorum);
    if (!group_name_.empty()) join_group();
  }

  void join_group() {
    retire_group();
    CpgGroup::Handlers handlers;
    const auto is_current = [this, generation = generation_] { return generation == generation_; };
    handlers.view = [this, is_current](GroupView view) {
      if (is_current()) listener_->on_view(std::move(view));
    };
    handlers.deliver = [this, is_current](NodeNumber sender, std::string payload) {
      if (is_current()) listener_->on_delivered(sender, std::move(payload));
    };
    handlers.sent = [this, is_current] {
      if (is_current() && group_ && group_->queued_bytes() < kMaxQueuedBytes / 4) allow(true);
    };
    handlers.lost = [this, is_current](const std::string& reason) {
      if (is_current()) lose(reason);
    };
    around_([&] {
      auto group = CpgGroup::join(loop_, group_name_, local_node(), std::move(handlers));
      if (group)
        group_ = std::move(*group);
      else
        lose(group.error().message);
    });
  }

  /// From the loop: it may be the group's own callback that runs.
  void retire_group() {
    ++generation_;
    if (!group_) return;
    retired_.push_back(std::move(group_));
    retiring_ = loop_.after(0, [this] { retired_.clear(); });
  }

  /// Everything goes, from the loop: what reports the loss is one of the things that go.
  void lose(const std::string& reason) {
    if (losing_.pending()) return;
    losing_ = loop_.after(0, [this, reason] {
      ++generation_;
      group_.reset();
      quorum_.reset();
      node_list_.reset();
      report_.reset();
      allowed_ = true;
      reconnect_ = loop_.after(kReconnectMs, [this] { connect(); });
      listener_->on_lost(reason);
    });
  }

  void on_quorum(const QuorumWatch::Report& report) {
    report_ = report;
    tell_nodes();
  }

  void tell_nodes() {
    if (!report_) return;
    NodeMembership membership;
    membership.ring = report_->ring;
    membership.quorate = report_->quorate;
    for (const NodeNumber number : report_->members)
      membership.members.push_back({number, nodes_.name_of(number), 0});
    membership.configured = nodes_.nodes;
    listener_->on_nodes(std::move(membership));
  }

  void allow(bool allowed) {
    if (std::exchange(allowed_, allowed) != allowed) listener_->on_broadcast_allowed(allowed);
  }

  io::Loop& loop_;
  Around around_;
  NodeList nodes_;
  Listener* listener_ = nullptr;
  std::string group_name_;
  bool allowed_ = true;
  std::unique_ptr<NodeListWatch> node_list_;
  std::unique_ptr<QuorumWatch> quorum_;
  std::optional<QuorumWatch::Report> report_;  ///< the last
  std::uint64_t generation_ = 0;
  std::unique_ptr<CpgGroup> group_;
  std::vector<std::unique_ptr<CpgGroup>> retired_;
  io::Timer retiring_;
  io::Timer reconnect_;
  io::Timer losing_;
};

}  // namespace

Result<std::unique_ptr<Layer>> open_corosync_layer(io::Loop& loop, std::int64_t wait_ms,
                                                   Around around) {
  if (!around) around = [](const std::function<void()>& connect) { connect(); };
  const std::int64_t deadline_ms = io::Loop::monotonic_ms() + wait_ms;
  for (;;) {
    Result<NodeList> nodes = fail(ErrorKind::kDisconnected, "");
    around([&] { nodes = read_node_list(); });
    if (nodes) return std::make_unique<CorosyncLayer>(loop, std::move(*nodes), std::move(around));
    if (nodes.error().kind == ErrorKind::kInvalid || io::Loop::monotonic_ms() >= deadline_ms)
      return tl::unexpected(nodes.error());
    poll(nullptr, 0, kAskAgainMs);
  }
}

}  // namespace quorate::cluster
