#include "io/cluster/corosync/send_queue.h"

#include <utility>

#include "io/cluster/corosync/group_messages.h"
#include "io/cluster/layer.h"

namespace quorate::cluster {
namespace {

constexpr std::size_t kContentBytes = kPieceBytes - kPieceHeaderBytes;
constexpr std::size_t kMaxUnderWayBytes = std::size_t{1} << 20;

std::uint32_t pieces_of(const std::string& payload) {
  if (payload.size() <= kContentBytes) return 1;
  return static_cast<std::uint32_t>((payload.size() + kContentBytes - 1) / kContentBytes);
}

}  // namespace

void SendQueue::add(std::string payload) {
  queued_bytes_ += payload.size();
  payloads_.push_back(std::move(payload));
}

bool SendQueue::flush(const Send& send) {
  while (!control_.empty()) {
    if (!send(control_.front())) return false;
    control_.pop_front();
  }
  while (!payloads_.empty() && under_way_bytes_ < kMaxUnderWayBytes) {
    const std::uint32_t count = pieces_of(payloads_.front());
    if (count == 1) {
      if (!send_whole(send)) return false;
      continue;
    }
    if (long_id_ == 0) {
      long_id_ = next_id_++;
      long_sent_ = long_ordered_ = 0;
    }
    if (long_sent_ == count) return true;
    if (!send_piece(send, long_sent_, count)) return false;
    ++long_sent_;
  }
  return true;
}

/// As many of those in front as one message holds.
bool SendQueue::send_whole(const Send& send) {
  BundleMessage bundle;
  std::size_t content_bytes = 0;
  std::size_t bytes = 0;
  for (const std::string& payload : payloads_) {
    bytes += payload.size() + kBundledHeaderBytes;
    if (!bundle.contents.empty() && bytes > kContentBytes) break;
    bundle.contents.push_back(payload);
    content_bytes += payload.size();
  }
  bundle.id = next_id_++;
  const std::size_t count = bundle.contents.size();
  if (!send(count == 1 ? encode(PieceMessage{bundle.id, 0, 1, bundle.contents.front()})
                       : encode(bundle))) {
    return false;
  }
  under_way_.push_back({bundle.id, 0, content_bytes});
  under_way_bytes_ += content_bytes;
  for (std::size_t sent = 0; sent < count; ++sent) drop_front();
  return true;
}

bool SendQueue::send_piece(const Send& send, std::uint32_t index, std::uint32_t count) {
  const std::string_view content =
      std::string_view(payloads_.front()).substr(index * kContentBytes, kContentBytes);
  if (!send(encode(PieceMessage{long_id_, index, count, content}))) return false;
  under_way_.push_back({long_id_, index, content.size()});
  under_way_bytes_ += content.size();
  return true;
}

void SendQueue::drop_front() {
  queued_bytes_ -= payloads_.front().size();
  payloads_.pop_front();
  long_id_ = 0;
}

void SendQueue::ordered(std::uint64_t id, std::uint32_t index) {
  // In the order sent; what didn't come back belongs to a membership that has ended.
  while (!under_way_.empty()) {
    const Sent sent = under_way_.front();
    under_way_.pop_front();
    under_way_bytes_ -= sent.bytes;
    if (sent.id == id && sent.index == index) break;
  }
  if (id != long_id_ || id == 0) return;
  long_ordered_ = index + 1;
  if (long_ordered_ == pieces_of(payloads_.front())) drop_front();
}

void SendQueue::restart() {
  if (long_id_ != 0 && long_ordered_ > 0) long_id_ = 0;
}

void SendQueue::clear() { *this = SendQueue(); }

}  // namespace quorate::cluster
