#include "io/ipc/frame.h"

#include <catch2/catch.hpp>

using namespace quorate;
using namespace quorate::ipc;

namespace {

struct Received {
  std::vector<std::string> messages;
  std::vector<std::string> controls;
  FrameReader::Sink sink() {
    return {[this](std::string m) { messages.push_back(std::move(m)); },
            [this](std::string_view c) { controls.emplace_back(c); }};
  }
};

}  // namespace

TEST_CASE("a message of any size comes back whole, in whatever portions its bytes arrive") {
  for (const std::size_t size : {0UL, 1UL, 65531UL, 65532UL, 65533UL, 131064UL, 1000000UL}) {
    const std::string message(size, 'x');
    for (const std::size_t portion : {1UL, 3UL, 4096UL, 65536UL, 3000000UL}) {
      if (portion < 4 && size > 70000) continue;
      const std::string bytes = encode_frames(message) + encode_frames("next");
      FrameReader reader(kMaxMessageBytes);
      Received received;
      for (std::size_t at = 0; at < bytes.size(); at += portion)
        REQUIRE(reader.feed(std::string_view(bytes).substr(at, portion), received.sink()));
      REQUIRE(received.messages.size() == 2);
      CHECK(received.messages[0] == message);
      CHECK(received.messages[1] == "next");
      CHECK_FALSE(reader.in_message());
    }
  }
}

TEST_CASE("no frame is longer than 64 KiB") {
  const std::string bytes = encode_frames(std::string(200000, 'y'));
  // 4 frames of at most 65532 bytes of content
  CHECK(bytes.size() == 200000 + 4 * kFrameHeaderBytes);
}

TEST_CASE("a control frame may stand between the frames of a message") {
  const std::string message(100000, 'z');
  const std::string frames = encode_frames(message);
  FrameReader reader(kMaxMessageBytes);
  Received received;
  const std::string bytes =
      frames.substr(0, kMaxFrameBytes) + encode_control("hello") + frames.substr(kMaxFrameBytes);
  REQUIRE(reader.feed(bytes, received.sink()));
  CHECK(received.controls == std::vector<std::string>{"hello"});
  REQUIRE(received.messages.size() == 1);
  CHECK(received.messages[0] == message);
}

TEST_CASE("broken and oversized input is an error, never memory") {
  Received received;
  SECTION("frame longer than the limit") {
    FrameReader reader(1000);
    const char header[] = {'\xff', '\xff', '\x01', '\x00'};
    const auto fed = reader.feed({header, 4}, received.sink());
    REQUIRE_FALSE(fed);
    CHECK(fed.error().message.find("65536") != std::string::npos);
  }
  SECTION("unknown flags") {
    FrameReader reader(1000);
    const char header[] = {'\x01', '\x00', '\x00', '\x20', 'a'};
    CHECK_FALSE(reader.feed({header, 5}, received.sink()));
  }
  SECTION("message longer than allowed") {
    FrameReader reader(1000);
    const auto fed = reader.feed(encode_frames(std::string(1001, 'a')), received.sink());
    REQUIRE_FALSE(fed);
    CHECK(fed.error().message.find("1000") != std::string::npos);
  }
  SECTION("endless empty frames") {
    FrameReader reader(1000);
    const char header[] = {'\x00', '\x00', '\x00', '\x00'};
    CHECK_FALSE(reader.feed({header, 4}, received.sink()));
  }
  CHECK(received.messages.empty());
}
