#include "io/cluster/corosync/quorum_watch.h"

#include <poll.h>

#include <algorithm>

#include "io/cluster/corosync/corosync_errors.h"

namespace quorate::cluster {
namespace {
constexpr int kEventsPerRound = 100;
}

Result<std::unique_ptr<QuorumWatch>> QuorumWatch::open(io::Loop& loop, Handlers handlers) {
  std::unique_ptr<QuorumWatch> watch(new QuorumWatch(std::move(handlers)));
  quorum_model_v1_data_t model{};
  model.model = QUORUM_MODEL_V1;
  model.quorum_notify_fn = notified;
  std::uint32_t type = QUORUM_FREE;
  cs_error_t code =
      quorum_model_initialize(&watch->handle_, QUORUM_MODEL_V1,
                              reinterpret_cast<quorum_model_data_t*>(&model), &type, watch.get());
  if (code != CS_OK) return tl::unexpected(corosync_error(code, "quorum service"));
  watch->open_ = true;
  int fd = -1;
  code = quorum_fd_get(watch->handle_, &fd);
  if (code == CS_OK) code = quorum_trackstart(watch->handle_, CS_TRACK_CURRENT | CS_TRACK_CHANGES);
  if (code != CS_OK) return tl::unexpected(corosync_error(code, "tracking quorum"));
  QuorumWatch* self = watch.get();
  watch->watch_ = loop.watch(fd, POLLIN, [self](short) { self->dispatch(); });
  return watch;
}

QuorumWatch::~QuorumWatch() {
  watch_.reset();
  if (open_) quorum_finalize(handle_);
}

void QuorumWatch::notified(quorum_handle_t handle, std::uint32_t quorate, quorum_ring_id ring,
                           std::uint32_t count, const std::uint32_t* members) {
  const void* context = nullptr;
  if (quorum_context_get(handle, &context) != CS_OK || context == nullptr) return;
  Report report;
  report.ring = ring.seq;
  report.quorate = quorate != 0;
  report.members.assign(members, members + count);
  std::sort(report.members.begin(), report.members.end());
  static_cast<const QuorumWatch*>(context)->handlers_.changed(report);
}

void QuorumWatch::dispatch() {
  for (int i = 0; i < kEventsPerRound; ++i) {
    const cs_error_t code = quorum_dispatch(handle_, CS_DISPATCH_ONE_NONBLOCKING);
    if (code == CS_ERR_TRY_AGAIN) return;
    if (code != CS_OK) {
      watch_.reset();
      handlers_.lost(corosync_error(code, "quorum service").message);
      return;
    }
  }
}

}  // namespace quorate::cluster
