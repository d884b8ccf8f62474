#include "replica/transfer.h"

#include <algorithm>

namespace quorate::replica {

void TransferSender::reset() {
  pieces_.clear();
  outstanding_ = 0;
}

void TransferSender::add_part(const std::string& round, bool is_status, const std::string& text) {
  const auto count = static_cast<std::uint32_t>(text.size() / kPieceBytes + 1);
  for (std::uint32_t index = 0; index < count; ++index) {
    pieces_.push_back(
        {round, is_status, index, count, text.substr(index * kPieceBytes, kPieceBytes)});
  }
}

std::optional<StatePiece> TransferSender::next() {
  if (pieces_.empty() || outstanding_ >= kMaxOutstanding) return std::nullopt;
  StatePiece piece = std::move(pieces_.front());
  pieces_.pop_front();
  ++outstanding_;
  return piece;
}

void TransferSender::delivered() {
  if (outstanding_ > 0) --outstanding_;
}

void TransferReceiver::reset(bool need_configuration, bool need_status) {
  configuration_ = {};
  status_ = {};
  configuration_.needed = need_configuration;
  status_.needed = need_status;
}

bool TransferReceiver::take(const StatePiece& piece) {
  Part& part = piece.is_status ? status_ : configuration_;
  if (!part.needed || part.complete()) return true;
  if (piece.index != part.received || (piece.index > 0 && piece.count != part.count)) return false;
  part.count = piece.count;
  ++part.received;
  part.text += piece.content;
  return true;
}

bool TransferReceiver::complete() const { return configuration_.complete() && status_.complete(); }

std::optional<std::string> TransferReceiver::configuration() const {
  return configuration_.needed ? std::optional(configuration_.text) : std::nullopt;
}
std::optional<std::string> TransferReceiver::status() const {
  return status_.needed ? std::optional(status_.text) : std::nullopt;
}

}  // namespace quorate::replica
