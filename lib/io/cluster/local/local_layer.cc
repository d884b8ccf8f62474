#include "io/cluster/local/local_layer.h"

#include <utility>

#include "io/cluster/local/cluster_file.h"
#include "io/cluster/local/hub_messages.h"
#include "io/ipc/client.h"

namespace quorate::cluster {
namespace {

/// Half of it waiting stops broadcasts, a quarter allows them again.
constexpr std::size_t kMaxQueuedBytes = std::size_t{64} << 20;
constexpr std::int64_t kGoodbyeMs = 100;

class LocalLayer final : public Layer {
 public:
  LocalLayer(io::Loop& loop, std::string folder, Member local, ClusterInfo cluster)
      : loop_(loop),
        folder_(std::move(folder)),
        local_(std::move(local)),
        cluster_(std::move(cluster)) {}

  Member local_node() const override { return local_; }

  ClusterInfo cluster() const override { return cluster_; }

  void start(Listener& listener) override {
    listener_ = &listener;
    ipc::ClientOptions options;
    options.path = hub_path(folder_);
    options.max_message_bytes = kMaxPayloadBytes + 1024;
    options.limits.max_bytes = kMaxQueuedBytes;
    client_ = std::make_unique<ipc::Client>(
        loop_, options,
        ipc::Client::Handlers{[this](std::int32_t) { on_up(); },
                              [this](const std::string& reason) { on_down(reason); },
                              [this](std::string message) { on_message(std::move(message)); }});
    client_->on_room([this] { allow(true); });
  }

  void join(std::string group) override {
    group_ = std::move(group);
    if (client_ && client_->is_up()) client_->send(hub::encode(hub::Join{group_}));
  }

  void leave() override {
    if (group_.empty()) return;
    group_.clear();
    member_ = false;
    if (client_ && client_->send(hub::encode(hub::Leave{}))) ++leaves_under_way_;
  }

  Result<void> broadcast(std::string_view payload) override {
    if (payload.size() > kMaxPayloadBytes)
      return fail(ErrorKind::kInvalid, "broadcast of " + std::to_string(payload.size()) +
                                           " bytes: more than a payload may have");
    if (!member_)
      return fail(ErrorKind::kDisconnected, "not a member of the group \"" + group_ + "\" now");
    if (!allowed_) return fail(ErrorKind::kTimeout, "the cluster layer refuses messages for now");
    if (!client_->send(hub::encode_send(payload)))
      return fail(ErrorKind::kDisconnected, "the connection to the hub is lost");
    if (client_->queued_bytes() > kMaxQueuedBytes / 2) allow(false);
    return {};
  }

  void say_goodbye() override {
    if (client_ && client_->send(hub::encode(hub::Goodbye{}))) client_->flush(kGoodbyeMs);
  }

 private:
  void on_up() {
    client_->send(hub::encode(hub::Hello{local_.name}));
    if (!group_.empty()) client_->send(hub::encode(hub::Join{group_}));
  }

  void on_down(const std::string& reason) {
    member_ = false;
    allowed_ = true;
    leaves_under_way_ = 0;
    listener_->on_lost(refused_.empty() ? "local cluster layer: " + reason
                                        : std::exchange(refused_, {}));
  }

  void on_message(std::string bytes) {
    auto message = hub::decode_to_process(bytes);
    if (!message) return;  // of a later version of the hub
    if (auto* view = std::get_if<GroupView>(&*message)) {
      if (group_.empty() || leaves_under_way_ > 0) return;  // of a membership that has ended
      member_ = true;
      listener_->on_view(std::move(*view));
    } else if (auto* deliver = std::get_if<hub::Deliver>(&*message)) {
      if (member_) listener_->on_delivered(deliver->sender, std::move(deliver->payload));
    } else if (auto* nodes = std::get_if<NodeMembership>(&*message)) {
      listener_->on_nodes(std::move(*nodes));
    } else if (std::holds_alternative<hub::Left>(*message)) {
      --leaves_under_way_;
    } else if (auto* refuse = std::get_if<hub::Refuse>(&*message)) {
      refused_ = refuse->reason;
    }
  }

  void allow(bool allowed) {
    if (std::exchange(allowed_, allowed) != allowed) listener_->on_broadcast_allowed(allowed);
  }

  io::Loop& loop_;
  std::string folder_;
  Member local_;
  ClusterInfo cluster_;
  Listener* listener_ = nullptr;
  std::string group_;
  std::string refused_;
  int leaves_under_way_ = 0;
  bool member_ = false;
  bool allowed_ = true;
  std::unique_ptr<ipc::Client> client_;
};

}  // namespace

Result<std::unique_ptr<Layer>> open_local_layer(io::Loop& loop, const std::string& folder,
                                                std::string_view node) {
  const auto file = read_cluster_file(folder);
  if (!file) return tl::unexpected(file.error());
  const ConfiguredNode* found = file->find(node);
  if (!found)
    return fail(ErrorKind::kNotFound, "node \"" + std::string(node) +
                                          "\" is not in the node list " + folder +
                                          "/cluster.json; add it or correct the name");
  return std::make_unique<LocalLayer>(loop, folder, Member{found->number, found->name, 0},
                                      ClusterInfo{file->cluster_name, file->detection_ms});
}

}  // namespace quorate::cluster
