#include "io/cluster/corosync/node_list_watch.h"

#include <poll.h>

#include <utility>

#include "io/cluster/corosync/corosync_errors.h"

namespace quorate::cluster {

Result<std::unique_ptr<NodeListWatch>> NodeListWatch::open(io::Loop& loop, Handlers handlers) {
  std::unique_ptr<NodeListWatch> watch(new NodeListWatch(loop, std::move(handlers)));
  NodeListWatch* self = watch.get();
  cs_error_t code = watch->cmap_.open();
  if (code == CS_OK) {
    // corosync changes all entries in one go: who asks after the first sees them all.
    code = watch->cmap_.track("nodelist.", [self] {
      self->read_ = self->loop_.after(0, [self] { self->read_again(); });
    });
  }
  const int fd = code == CS_OK ? watch->cmap_.fd() : -1;
  if (fd < 0) return tl::unexpected(corosync_error(code, "configuration map"));
  auto list = read_node_list(watch->cmap_);
  if (!list) return tl::unexpected(list.error());
  watch->list_ = std::move(*list);
  watch->watch_ = loop.watch(fd, POLLIN, [self](short) { self->dispatch(); });
  return watch;
}

void NodeListWatch::dispatch() {
  const cs_error_t code = cmap_.dispatch();
  if (code == CS_OK || code == CS_ERR_TRY_AGAIN) return;
  watch_.reset();
  handlers_.lost(corosync_error(code, "configuration map").message);
}

/// A list that can't be used changes nothing.
void NodeListWatch::read_again() {
  auto list = read_node_list(cmap_, list_.local);
  if (!list || *list == list_) return;
  list_ = std::move(*list);
  handlers_.changed();
}

}  // namespace quorate::cluster
