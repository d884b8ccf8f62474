#include "io/cluster/corosync/group_messages.h"

namespace quorate::cluster {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kMaxMembers = 4096;

class Writer {
 public:
  explicit Writer(char letter) {
    out_.push_back(letter);
    out_.push_back(kVersion);
  }
  Writer& number(std::uint64_t value, int bytes = 8) {
    for (int i = 0; i < bytes; ++i) out_.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
    return *this;
  }
  Writer& text(std::string_view text) {
    number(text.size(), 4);
    out_.append(text);
    return *this;
  }
  Writer& process(const Process& process) { return number(process.node, 4).number(process.pid, 4); }
  Writer& roster(const Roster& roster) {
    number(roster.number).number(roster.members.size(), 4);
    for (const auto& [at, member] : roster.members)
      process(at).number(member.incarnation).text(member.name);
    return *this;
  }
  Writer& bytes(std::string_view bytes) {
    out_.append(bytes);
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what Writer wrote; anything else leaves it failed, and reading gives zeros.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(std::size_t bytes = 8) {
    const std::string_view taken = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
    return value;
  }
  std::uint32_t number32() { return static_cast<std::uint32_t>(number(4)); }
  std::string text() { return std::string(view()); }
  std::string_view view() { return take(number32()); }
  Process process() {
    Process process;
    process.node = number32();
    process.pid = number32();
    return process;
  }
  Roster roster() {
    Roster roster;
    roster.number = number();
    const std::uint32_t count = number32();
    if (count > kMaxMembers) failed_ = true;
    for (std::uint32_t i = 0; i < count && !failed_; ++i) {
      const Process at = process();
      const std::uint64_t incarnation = number();
      roster.members[at] = Member{at.node, text(), incarnation};
    }
    return roster;
  }
  std::string_view rest() { return take(bytes_.size()); }
  bool more() const { return !failed_ && !bytes_.empty(); }
  bool complete() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace

std::string encode(const JoinMessage& message) {
  return Writer('J').number(message.nonce).number(message.ring).text(message.name).take();
}
std::string encode(const WelcomeMessage& message) {
  return Writer('W')
      .process(message.joiner)
      .number(message.nonce)
      .number(message.changes)
      .number(message.merged_ring)
      .roster(message.roster)
      .take();
}
std::string encode(const TableMessage& message) {
  return Writer('T').number(message.merged_ring).roster(message.roster).take();
}
std::string encode(const PieceMessage& message) {
  return Writer('P')
      .number(message.id)
      .number(message.index, 4)
      .number(message.count, 4)
      .bytes(message.content)
      .take();
}
std::string encode(const BundleMessage& message) {
  Writer writer('B');
  writer.number(message.id);
  for (const std::string_view content : message.contents) writer.text(content);
  return writer.take();
}

Result<GroupMessage> decode_group_message(std::string_view bytes) {
  if (bytes.size() < 2) return fail(ErrorKind::kInvalid, "group message is too short");
  if (bytes[1] != kVersion)
    return fail(ErrorKind::kUnsupported, "group message is of another version of this protocol");
  Reader reader(bytes.substr(2));
  GroupMessage message;
  switch (bytes[0]) {
    case 'J': {
      const std::uint64_t nonce = reader.number();
      const std::uint64_t ring = reader.number();
      message = JoinMessage{nonce, ring, reader.text()};
      break;
    }
    case 'W': {
      WelcomeMessage welcome;
      welcome.joiner = reader.process();
      welcome.nonce = reader.number();
      welcome.changes = reader.number();
      welcome.merged_ring = reader.number();
      welcome.roster = reader.roster();
      message = std::move(welcome);
      break;
    }
    case 'T': {
      const std::uint64_t merged_ring = reader.number();
      message = TableMessage{merged_ring, reader.roster()};
      break;
    }
    case 'P': {
      PieceMessage piece;
      piece.id = reader.number();
      piece.index = reader.number32();
      piece.count = reader.number32();
      piece.content = reader.rest();
      message = piece;
      break;
    }
    case 'B': {
      BundleMessage bundle;
      bundle.id = reader.number();
      while (reader.more()) bundle.contents.push_back(reader.view());
      message = std::move(bundle);
      break;
    }
    default:
      return fail(ErrorKind::kInvalid, "group message is of no known kind");
  }
  if (!reader.complete()) return fail(ErrorKind::kInvalid, "group message is malformed");
  return message;
}

}  // namespace quorate::cluster
