#include "io/ipc/frame.h"

#include <algorithm>
#include <utility>

namespace quorate::ipc {
namespace {

constexpr std::uint32_t kLast = 1U << 31;
constexpr std::uint32_t kControl = 1U << 30;
constexpr std::uint32_t kLengthMask = (1U << 17) - 1;
constexpr std::size_t kMaxContent = kMaxFrameBytes - kFrameHeaderBytes;

void append_frame(std::string& out, std::uint32_t flags, std::string_view content) {
  const std::uint32_t header = flags | static_cast<std::uint32_t>(content.size());
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<char>((header >> shift) & 0xff));
  out.append(content);
}

std::uint32_t read_header(std::string_view bytes) {
  std::uint32_t header = 0;
  for (std::size_t i = 0; i < kFrameHeaderBytes; ++i)
    header |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return header;
}

Result<void> check_header(std::uint32_t header) {
  if ((header & ~(kLast | kControl | kLengthMask)) != 0)
    return fail(ErrorKind::kInvalid, "frame header with unknown flags; closing");
  if (kFrameHeaderBytes + (header & kLengthMask) > kMaxFrameBytes)
    return fail(ErrorKind::kInvalid,
                "frame of " + std::to_string(header & kLengthMask) +
                    " bytes: frames have at most 65536 with their header; closing");
  return {};
}

}  // namespace

std::string encode_frames(std::string_view message) {
  std::string out;
  out.reserve(message.size() + (message.size() / kMaxContent + 1) * kFrameHeaderBytes);
  do {
    const std::string_view piece = message.substr(0, kMaxContent);
    message.remove_prefix(piece.size());
    append_frame(out, message.empty() ? kLast : 0, piece);
  } while (!message.empty());
  return out;
}

std::string encode_control(std::string_view content) {
  std::string out;
  append_frame(out, kControl | kLast, content.substr(0, kMaxContent));
  return out;
}

Result<void> FrameReader::feed(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    // A complete frame is read where it lies; the bytes of an incomplete one are collected.
    std::string frame;
    std::string_view available = bytes;
    if (!partial_.empty()) {
      const std::size_t known = partial_.size() < kFrameHeaderBytes
                                    ? kFrameHeaderBytes
                                    : kFrameHeaderBytes + (read_header(partial_) & kLengthMask);
      const std::size_t wanted = std::min(known - partial_.size(), bytes.size());
      partial_.append(bytes.substr(0, wanted));
      bytes.remove_prefix(wanted);
      available = partial_;
    }
    if (available.size() < kFrameHeaderBytes) {
      if (partial_.empty()) partial_ = available;
      break;
    }
    const std::uint32_t header = read_header(available);
    if (const auto valid = check_header(header); !valid) return valid;
    const std::size_t size = kFrameHeaderBytes + (header & kLengthMask);
    if (available.size() < size) {
      if (!partial_.empty()) continue;
      partial_ = available;
      break;
    }
    if (partial_.empty())
      bytes.remove_prefix(size);
    else
      available = frame = std::exchange(partial_, {});
    const auto taken =
        take_frame(header, available.substr(kFrameHeaderBytes, size - kFrameHeaderBytes), sink);
    if (!taken) return taken;
  }
  return {};
}

Result<void> FrameReader::take_frame(std::uint32_t header, std::string_view content,
                                     const Sink& sink) {
  if (header & kControl) {
    sink.control(content);
    return {};
  }
  if (content.empty() && !(header & kLast))
    return fail(ErrorKind::kInvalid, "empty frame inside a message; closing");
  if (message_.size() + content.size() > max_message_bytes_)
    return fail(ErrorKind::kInvalid,
                "message of more than " + std::to_string(max_message_bytes_) + " bytes; closing");
  message_.append(content);
  if (header & kLast) sink.message(std::exchange(message_, {}));
  return {};
}

}  // namespace quorate::ipc
