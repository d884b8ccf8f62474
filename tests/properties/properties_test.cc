#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "life.h"

using quorate::properties::Life;
using quorate::properties::Shape;

namespace {

/// Shapes that RapidCheck can make smaller part by part.
rc::Gen<Shape> shapes() {
  const auto up_to = [](int most) { return rc::gen::inRange(0, most + 1); };
  return rc::gen::build<Shape>(
      rc::gen::set(&Shape::seed), rc::gen::set(&Shape::nodes, rc::gen::inRange(1, 7)),
      rc::gen::set(&Shape::remotes, up_to(1)), rc::gen::set(&Shape::primitives, up_to(6)),
      rc::gen::set(&Shape::groups, up_to(2)), rc::gen::set(&Shape::clones, up_to(3)),
      rc::gen::set(&Shape::bundles, up_to(1)), rc::gen::set(&Shape::templates, up_to(1)),
      rc::gen::set(&Shape::locations, up_to(5)), rc::gen::set(&Shape::colocations, up_to(4)),
      rc::gen::set(&Shape::orders, up_to(4)), rc::gen::set(&Shape::tickets, up_to(1)),
      rc::gen::set(&Shape::events, up_to(4)));
}

}  // namespace

TEST_CASE("every plan in the life of a random cluster has the properties of a plan") {
  const bool held = rc::check("properties of plans", [] {
    const Shape shape = *shapes();
    // Other clusters each time: whether they come to rest is tested with the same ones always.
    const std::string wrong = Life(shape, false).live();
    if (!wrong.empty()) RC_FAIL(wrong + "\n  replay: random_clusters " + to_text(shape));
  });
  CHECK(held);
}
