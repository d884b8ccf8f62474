#include "io/ipc/outbox.h"

#include <catch2/catch.hpp>

using namespace quorate::ipc;

namespace {

OutboxLimits small_limits() {
  OutboxLimits limits;
  limits.max_bytes = 1000;
  return limits;
}

}  // namespace

TEST_CASE("one message longer than the bound waits, and what follows it has the bound to itself") {
  Outbox outbox(small_limits(), "resync");
  CHECK(outbox.push(std::string(5000, 'd')));
  CHECK(outbox.push(std::string(400, 'a')));
  CHECK(outbox.push(std::string(400, 'b')));
  CHECK_FALSE(outbox.push(std::string(400, 'c')));
}

TEST_CASE("a long message may come behind short ones, a second long one not") {
  Outbox outbox(small_limits(), "resync");
  CHECK(outbox.push(std::string(400, 'a')));
  CHECK(outbox.push(std::string(5000, 'd')));
  CHECK_FALSE(outbox.push(std::string(2000, 'e')));
}

TEST_CASE("many short messages keep to the bound and the length of one") {
  Outbox outbox(small_limits(), "resync");
  int taken = 0;
  while (taken < 100 && outbox.push(std::string(90, 'a'))) ++taken;
  CHECK(taken >= 10);
  CHECK(taken <= 12);
}
