#include "explain/text.h"

#include <catch2/catch.hpp>

using namespace quorate::explain;

TEST_CASE("the closest name is the one with the fewest typing errors") {
  CHECK(closest_name("wbe", {"db", "web", "webcache"}) == "web");
  CHECK(closest_name("NODE1", {"node1", "node2"}) == "node1");
  CHECK(closest_name("something-else", {"db", "web"}).empty());
  CHECK(closest_name("x", {}).empty());
}

TEST_CASE("listings end in and, and name a limited number") {
  CHECK(listing({"a"}) == "a");
  CHECK(listing({"a", "b", "c"}) == "a, b and c");
  CHECK(listing({"a", "b", "c"}, 2) == "a, b and 1 more");
}

TEST_CASE("words for a shell are quoted unless harmless") {
  CHECK(shell_word("node-1.example") == "node-1.example");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("//a[@id='b']") == "'//a[@id='\\''b'\\'']'");
}
