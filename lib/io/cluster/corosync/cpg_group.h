#pragma once

#include <corosync/cpg.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/cluster/corosync/group_views.h"
#include "io/cluster/corosync/send_queue.h"
#include "io/loop/loop.h"

namespace quorate::cluster {

/// This process' membership in one CPG group, over a connection of its own.
class CpgGroup : private GroupViews::Port {
 public:
  struct Handlers {
    std::function<void(GroupView)> view;
    std::function<void(NodeNumber, std::string)> deliver;
    std::function<void()> sent;  ///< some of what was queued may have gone
    std::function<void(const std::string&)> lost;
  };
  static Result<std::unique_ptr<CpgGroup>> join(io::Loop& loop, const std::string& group,
                                                const Member& local, Handlers handlers);
  ~CpgGroup() override;
  CpgGroup(const CpgGroup&) = delete;
  CpgGroup& operator=(const CpgGroup&) = delete;

  bool is_member() const { return views_.is_member(); }
  void broadcast(std::string payload);
  std::size_t queued_bytes() const { return queue_.queued_bytes(); }

 private:
  CpgGroup(io::Loop& loop, const Member& local, Handlers handlers);
  struct Callbacks;

  void try_join();
  void dispatch();
  bool hand_over();
  void flush();
  void lose(cs_error_t code, const std::string& what);
  void watch_joining();
  void configuration_changed(Configuration change, bool of_ring);
  void ring_changed(std::uint64_t ring);

  void send(std::string bytes) override;
  void view(GroupView view) override { handlers_.view(std::move(view)); }
  void deliver(NodeNumber sender, std::string payload) override {
    handlers_.deliver(sender, std::move(payload));
  }
  void own_piece(std::uint64_t id, std::uint32_t index) override { queue_.ordered(id, index); }
  void pieces_void() override { queue_.restart(); }

  io::Loop& loop_;
  Handlers handlers_;
  cpg_handle_t handle_{};
  bool open_ = false;
  bool joined_ = false;
  cpg_name name_{};
  GroupViews views_;
  SendQueue queue_;
  std::uint64_t ring_ = 0;
  /// A change of ring is reported in parts: it is complete when the ring's number is told.
  bool ring_change_open_ = false;
  Configuration ring_change_;
  std::int64_t retry_ms_ = 0;
  io::Timer flush_;
  io::Timer retry_;
  io::Timer joining_;
  io::Watch watch_;
};

}  // namespace quorate::cluster
