#include "io/cluster/corosync/cpg_group.h"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "io/cluster/corosync/corosync_errors.h"
#include "io/cluster/layer.h"

namespace quorate::cluster {
namespace {

constexpr int kEventsPerRound = 200;
constexpr std::int64_t kJoinRetryMs = 20;
constexpr std::int64_t kMaxRetryMs = 50;
constexpr std::int64_t kAskAgainMs = 1000;
constexpr std::size_t kMaxHeldBytes = std::size_t{256} << 20;

/// Microseconds since 1970: later lives of a node, whose process ids may repeat, get greater ones.
std::uint64_t fresh_nonce() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

Process process_of(const cpg_address& address) { return {address.nodeid, address.pid}; }

}  // namespace

struct CpgGroup::Callbacks {
  static CpgGroup* group_of(cpg_handle_t handle) {
    void* context = nullptr;
    return cpg_context_get(handle, &context) == CS_OK ? static_cast<CpgGroup*>(context) : nullptr;
  }

  static void delivered(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid,
                        void* bytes, std::size_t size) {
    if (CpgGroup* group = group_of(handle))
      group->views_.on_message({node, pid}, std::string(static_cast<const char*>(bytes), size));
  }

  static void changed(cpg_handle_t handle, const cpg_name*, const cpg_address* members,
                      std::size_t member_count, const cpg_address* left, std::size_t left_count,
                      const cpg_address* joined, std::size_t joined_count) {
    CpgGroup* group = group_of(handle);
    if (!group) return;
    Configuration change;
    bool of_ring = false;
    for (std::size_t i = 0; i < member_count; ++i) change.members.insert(process_of(members[i]));
    for (std::size_t i = 0; i < left_count; ++i) {
      change.left.insert(process_of(left[i]));
      of_ring = of_ring || left[i].reason == CPG_REASON_NODEDOWN;
    }
    for (std::size_t i = 0; i < joined_count; ++i)
      change.merged = change.merged || joined[i].reason == CPG_REASON_NODEUP;
    const bool merged = change.merged;
    group->configuration_changed(std::move(change), of_ring || merged);
  }

  static void ring_changed(cpg_handle_t handle, cpg_ring_id ring, std::uint32_t,
                           const std::uint32_t*) {
    if (CpgGroup* group = group_of(handle)) group->ring_changed(ring.seq);
  }
};

CpgGroup::CpgGroup(io::Loop& loop, const Member& local, Handlers handlers)
    : loop_(loop),
      handlers_(std::move(handlers)),
      views_({local.node, static_cast<std::uint32_t>(getpid())}, local.name, fresh_nonce(), *this) {
}

Result<std::unique_ptr<CpgGroup>> CpgGroup::join(io::Loop& loop, const std::string& name,
                                                 const Member& local, Handlers handlers) {
  std::unique_ptr<CpgGroup> group(new CpgGroup(loop, local, std::move(handlers)));
  if (name.empty() || name.size() > CPG_MAX_NAME_LENGTH)
    return fail(ErrorKind::kInvalid, "group name \"" + name + "\" is empty or too long");
  group->name_.length = static_cast<std::uint32_t>(name.size());
  std::copy(name.begin(), name.end(), group->name_.value);
  cpg_model_v1_data_t model{};
  model.model = CPG_MODEL_V1;
  model.cpg_deliver_fn = Callbacks::delivered;
  model.cpg_confchg_fn = Callbacks::changed;
  model.cpg_totem_confchg_fn = Callbacks::ring_changed;
  model.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
  cs_error_t code = cpg_model_initialize(&group->handle_, CPG_MODEL_V1,
                                         reinterpret_cast<cpg_model_data_t*>(&model), group.get());
  if (code != CS_OK) return tl::unexpected(corosync_error(code, "group service"));
  group->open_ = true;
  int fd = -1;
  code = cpg_fd_get(group->handle_, &fd);
  if (code != CS_OK) return tl::unexpected(corosync_error(code, "group service"));
  CpgGroup* self = group.get();
  group->watch_ = loop.watch(fd, POLLIN, [self](short) { self->dispatch(); });
  group->try_join();
  return group;
}

CpgGroup::~CpgGroup() {
  watch_.reset();
  if (flush_.pending()) hand_over();
  if (open_) cpg_finalize(handle_);
}

/// Refused while corosync forms a ring, or hasn't noticed the end of a former membership.
void CpgGroup::try_join() {
  const cs_error_t code = cpg_join(handle_, &name_);
  if (code == CS_OK) {
    joined_ = true;
    watch_joining();
  } else if (code == CS_ERR_TRY_AGAIN || code == CS_ERR_EXIST || code == CS_ERR_BUSY ||
             code == CS_ERR_TIMEOUT) {
    retry_ = loop_.after(kJoinRetryMs, [this] { try_join(); });
  } else {
    retry_ = loop_.after(0, [this, code] { lose(code, "joining the group"); });
  }
}

void CpgGroup::watch_joining() {
  joining_ = loop_.after(kAskAgainMs, [this] {
    if (is_member()) return;
    views_.ask_again(fresh_nonce());
    watch_joining();
  });
}

void CpgGroup::configuration_changed(Configuration change, bool of_ring) {
  change.ring = ring_;
  if (!of_ring && !ring_change_open_) {
    // The ring's number of the first one is told right behind it.
    if (ring_ == 0) {
      ring_change_open_ = true;
      ring_change_ = std::move(change);
      return;
    }
    return views_.on_configuration(std::move(change));
  }
  ring_change_open_ = true;
  ring_change_.members = std::move(change.members);
  ring_change_.left.merge(change.left);
  ring_change_.merged = ring_change_.merged || change.merged;
}

void CpgGroup::ring_changed(std::uint64_t ring) {
  ring_ = ring;
  if (!std::exchange(ring_change_open_, false)) return;
  Configuration change = std::exchange(ring_change_, {});
  change.ring = ring;
  views_.on_configuration(std::move(change));
}

void CpgGroup::dispatch() {
  for (int i = 0; i < kEventsPerRound; ++i) {
    const cs_error_t code = cpg_dispatch(handle_, CS_DISPATCH_ONE_NONBLOCKING);
    if (code == CS_ERR_TRY_AGAIN) break;
    if (code != CS_OK) return lose(code, "group service");
  }
  if (views_.held_bytes() > kMaxHeldBytes) return lose(CS_ERR_NO_MEMORY, "waiting for a view");
  flush();
}

void CpgGroup::send(std::string bytes) {
  queue_.add_control(std::move(bytes));
  // At once: this may be called while corosync's callbacks run, which its library allows.
  flush();
}

void CpgGroup::broadcast(std::string payload) {
  queue_.add(std::move(payload));
  // What a turn of the loop broadcasts goes together.
  if (!flush_.pending()) flush_ = loop_.after(0, [this] { flush(); });
}

bool CpgGroup::hand_over() {
  return queue_.flush([this](std::string_view bytes) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    return cpg_mcast_joined(handle_, CPG_TYPE_AGREED, &part, 1) == CS_OK;
  });
}

void CpgGroup::flush() {
  if (!joined_) return;
  if (hand_over()) {
    retry_ms_ = 0;
  } else {
    retry_ms_ = std::clamp<std::int64_t>(retry_ms_ * 2, 1, kMaxRetryMs);
    retry_ = loop_.after(retry_ms_, [this] { flush(); });
  }
  handlers_.sent();
}

void CpgGroup::lose(cs_error_t code, const std::string& what) {
  watch_.reset();
  flush_.reset();
  retry_.reset();
  joining_.reset();
  joined_ = false;
  handlers_.lost(corosync_error(code, what).message);
}

}  // namespace quorate::cluster
