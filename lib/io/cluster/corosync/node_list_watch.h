#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/cluster/corosync/cmap.h"
#include "io/cluster/corosync/node_list.h"
#include "io/loop/loop.h"

namespace quorate::cluster {

/// corosync's node list, and word when it has been changed (`corosync-cfgtool -R`). Asking for it
/// takes dozens of round trips and connections of their own: not what anybody should wait for at
/// the very moment a member is lost.
class NodeListWatch {
 public:
  struct Handlers {
    std::function<void()> changed;  ///< list() is another one now
    std::function<void(const std::string&)> lost;
  };
  /// Errors as of read_node_list().
  static Result<std::unique_ptr<NodeListWatch>> open(io::Loop& loop, Handlers handlers);
  NodeListWatch(const NodeListWatch&) = delete;
  NodeListWatch& operator=(const NodeListWatch&) = delete;

  const NodeList& list() const { return list_; }

 private:
  NodeListWatch(io::Loop& loop, Handlers handlers) : loop_(loop), handlers_(std::move(handlers)) {}
  void dispatch();
  void read_again();

  io::Loop& loop_;
  Handlers handlers_;
  NodeList list_;
  Cmap cmap_;
  io::Watch watch_;
  io::Timer read_;
};

}  // namespace quorate::cluster
