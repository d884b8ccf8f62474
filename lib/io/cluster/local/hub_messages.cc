#include "io/cluster/local/hub_messages.h"

#include <cstdint>
#include <vector>

namespace quorate::cluster::hub {
namespace {

class Writer {
 public:
  explicit Writer(char letter) { out_.push_back(letter); }
  Writer& number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
      out_.push_back(static_cast<char>((value >> shift) & 0xff));
    return *this;
  }
  Writer& string(std::string_view text) {
    number(text.size());
    out_.append(text);
    return *this;
  }
  Writer& members(const std::vector<Member>& members) {
    number(members.size());
    for (const Member& member : members)
      number(member.node).string(member.name).number(member.incarnation);
    return *this;
  }
  Writer& numbers(const std::vector<NodeNumber>& numbers) {
    number(numbers.size());
    for (const NodeNumber each : numbers) number(each);
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
  std::uint64_t number() {
    if (bytes_.size() < 8) {
      failed_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
    bytes_.remove_prefix(8);
    return value;
  }
  std::string string() {
    const std::uint64_t size = number();
    if (size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return text;
  }
  std::vector<Member> members() {
    std::vector<Member> members;
    const std::uint64_t count = number();
    for (std::uint64_t i = 0; i < count && !failed_; ++i) {
      Member member;
      member.node = static_cast<NodeNumber>(number());
      member.name = string();
      member.incarnation = number();
      members.push_back(std::move(member));
    }
    return members;
  }
  std::vector<NodeNumber> numbers() {
    std::vector<NodeNumber> numbers;
    const std::uint64_t count = number();
    for (std::uint64_t i = 0; i < count && !failed_; ++i)
      numbers.push_back(static_cast<NodeNumber>(number()));
    return numbers;
  }
  bool complete() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

struct Encoder {
  std::string operator()(const Hello& m) const { return Writer('H').string(m.node).take(); }
  std::string operator()(const Join& m) const { return Writer('J').string(m.group).take(); }
  std::string operator()(const Leave&) const { return Writer('L').take(); }
  std::string operator()(const Send& m) const { return encode_send(m.payload); }
  std::string operator()(const Goodbye&) const { return Writer('G').take(); }
  std::string operator()(const Command& m) const { return Writer('C').string(m.text).take(); }
  std::string operator()(const GroupView& m) const {
    return Writer('V')
        .number(m.view)
        .number(m.ring)
        .members(m.members)
        .numbers(m.joined)
        .numbers(m.left)
        .take();
  }
  std::string operator()(const Deliver& m) const { return encode_deliver(m.sender, m.payload); }
  std::string operator()(const NodeMembership& m) const {
    return Writer('N')
        .number(m.ring)
        .number(m.quorate ? 1 : 0)
        .members(m.members)
        .members(m.configured)
        .take();
  }
  std::string operator()(const Left&) const { return Writer('F').take(); }
  std::string operator()(const CommandDone& m) const { return Writer('R').string(m.text).take(); }
  std::string operator()(const Refuse& m) const { return Writer('X').string(m.reason).take(); }
};

template <class Message>
Result<Message> checked(const Reader& reader, Message message) {
  if (!reader.complete())
    return fail(ErrorKind::kInvalid, "message of the local cluster layer is malformed");
  return message;
}

tl::unexpected<Error> unknown() {
  return fail(ErrorKind::kInvalid, "message of the local cluster layer is of no known kind");
}

}  // namespace

std::string encode_send(std::string_view payload) { return Writer('S').string(payload).take(); }
std::string encode_deliver(NodeNumber sender, std::string_view payload) {
  return Writer('D').number(sender).string(payload).take();
}
std::string encode(const ToHub& message) { return std::visit(Encoder{}, message); }
std::string encode(const ToProcess& message) { return std::visit(Encoder{}, message); }

Result<ToHub> decode_to_hub(std::string_view bytes) {
  if (bytes.empty()) return unknown();
  Reader reader(bytes.substr(1));
  ToHub message;
  switch (bytes.front()) {
    case 'H':
      message = Hello{reader.string()};
      break;
    case 'J':
      message = Join{reader.string()};
      break;
    case 'L':
      message = Leave{};
      break;
    case 'S':
      message = Send{reader.string()};
      break;
    case 'G':
      message = Goodbye{};
      break;
    case 'C':
      message = Command{reader.string()};
      break;
    default:
      return unknown();
  }
  return checked(reader, std::move(message));
}

Result<ToProcess> decode_to_process(std::string_view bytes) {
  if (bytes.empty()) return unknown();
  Reader reader(bytes.substr(1));
  ToProcess message;
  switch (bytes.front()) {
    case 'V': {
      GroupView view;
      view.view = reader.number();
      view.ring = reader.number();
      view.members = reader.members();
      view.joined = reader.numbers();
      view.left = reader.numbers();
      message = std::move(view);
      break;
    }
    case 'D': {
      const auto sender = static_cast<NodeNumber>(reader.number());
      message = Deliver{sender, reader.string()};
      break;
    }
    case 'N': {
      NodeMembership nodes;
      nodes.ring = reader.number();
      nodes.quorate = reader.number() != 0;
      nodes.members = reader.members();
      nodes.configured = reader.members();
      message = std::move(nodes);
      break;
    }
    case 'F':
      message = Left{};
      break;
    case 'R':
      message = CommandDone{reader.string()};
      break;
    case 'X':
      message = Refuse{reader.string()};
      break;
    default:
      return unknown();
  }
  return checked(reader, std::move(message));
}

}  // namespace quorate::cluster::hub
