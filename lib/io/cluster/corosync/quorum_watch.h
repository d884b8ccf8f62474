#pragma once

#include <corosync/quorum.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop/loop.h"
#include "messages/core.h"

namespace quorate::cluster {

/// A connection to corosync's quorum service: who is a member, and whether they are quorate.
class QuorumWatch {
 public:
  struct Report {
    std::uint64_t ring = 0;
    bool quorate = false;
    std::vector<NodeNumber> members;  ///< sorted
  };
  struct Handlers {
    std::function<void(const Report&)> changed;  ///< first soon after open()
    std::function<void(const std::string&)> lost;
  };
  static Result<std::unique_ptr<QuorumWatch>> open(io::Loop& loop, Handlers handlers);
  ~QuorumWatch();
  QuorumWatch(const QuorumWatch&) = delete;
  QuorumWatch& operator=(const QuorumWatch&) = delete;

 private:
  explicit QuorumWatch(Handlers handlers) : handlers_(std::move(handlers)) {}
  static void notified(quorum_handle_t handle, std::uint32_t quorate, quorum_ring_id ring,
                       std::uint32_t count, const std::uint32_t* members);
  void dispatch();

  Handlers handlers_;
  quorum_handle_t handle_{};
  bool open_ = false;
  io::Watch watch_;
};

}  // namespace quorate::cluster
