#include "attributes/increments.h"

#include <catch2/catch.hpp>

using quorate::attributes::resolve_increment;
using Old = std::optional<std::string>;

TEST_CASE("increments follow the examples of the specification") {
  CHECK(resolve_increment("value++", Old()) == "1");
  CHECK(resolve_increment("value+=10", Old("5")) == "15");
  CHECK(resolve_increment("value++", Old("abc")) == "0");
  CHECK(resolve_increment("value++", Old("INFINITY")) == "1000000");
  CHECK(resolve_increment("value+=x", Old("7")) == "7");
  CHECK(resolve_increment("count++", Old("2")) == "3");
  CHECK(resolve_increment("x++", Old("2")) == "x++");
  CHECK(resolve_increment("value+=-3", Old("2")) == "-1");
}
