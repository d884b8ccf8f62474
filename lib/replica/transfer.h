#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "messages/replica.h"

/// State transfer in pieces of at most 64 KiB with at most 16 outstanding, so that operations never
/// queue behind it (architecture, "State transfer").
namespace quorate::replica {

inline constexpr std::size_t kPieceBytes = 60 * 1024;
inline constexpr std::size_t kMaxOutstanding = 16;

class TransferSender {
 public:
  /// Forgets everything; parts are given after that.
  void reset();
  void add_part(const std::string& round, bool is_status, const std::string& text);
  /// The next piece to broadcast; nullopt if none is left or enough are under way.
  std::optional<StatePiece> next();
  /// One of our pieces came round.
  void delivered();
  bool busy() const { return !pieces_.empty() || outstanding_ > 0; }

 private:
  std::deque<StatePiece> pieces_;
  std::size_t outstanding_ = 0;
};

class TransferReceiver {
 public:
  void reset(bool need_configuration, bool need_status);
  /// False if the piece doesn't fit what came before.
  bool take(const StatePiece& piece);
  bool complete() const;
  /// The parts asked for, once complete.
  std::optional<std::string> configuration() const;
  std::optional<std::string> status() const;

 private:
  struct Part {
    bool needed = false;
    std::uint32_t received = 0;
    std::uint32_t count = 0;
    std::string text;
    bool complete() const { return !needed || (count > 0 && received == count); }
  };
  Part configuration_;
  Part status_;
};

}  // namespace quorate::replica
