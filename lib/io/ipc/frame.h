#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

/// How messages travel over a stream socket: cut in frames of at most kMaxFrameBytes, each with a
/// header of four bytes, little-endian: bits 0-16 length of the content, bit 30 control frame,
/// bit 31 last frame of its message. A control frame is a message of its own between the two ends
/// of a connection (greeting, refusal) and may stand between the frames of another.
namespace quorate::ipc {

inline constexpr std::size_t kMaxFrameBytes = 64 * 1024;
inline constexpr std::size_t kFrameHeaderBytes = 4;
/// The largest message a connection takes, unless its options say less. A CIB of ten thousand
/// resources is about 40 MiB.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{512} << 20;

/// The message as frames, ready to be written.
std::string encode_frames(std::string_view message);
/// One control frame; `content` fits one frame.
std::string encode_control(std::string_view content);

/// Puts messages together from a stream of bytes, in any portions. Memory is bounded by the largest
/// message allowed, and grows with what has really arrived.
class FrameReader {
 public:
  struct Sink {
    std::function<void(std::string)> message;
    std::function<void(std::string_view)> control;
  };
  explicit FrameReader(std::size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

  /// Takes bytes as they come. An error means that the peer breaks the protocol; the connection is
  /// to be closed, the reader is of no use any more.
  Result<void> feed(std::string_view bytes, const Sink& sink);
  /// A message has begun and isn't complete.
  bool in_message() const { return !message_.empty() || !partial_.empty(); }

 private:
  Result<void> take_frame(std::uint32_t header, std::string_view content, const Sink& sink);

  std::size_t max_message_bytes_;
  std::string partial_;  ///< less than one frame
  std::string message_;
};

}  // namespace quorate::ipc
