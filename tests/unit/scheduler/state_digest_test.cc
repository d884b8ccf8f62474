#include <catch2/catch.hpp>

#include "state_fixture.h"

using namespace quorate;
using namespace quorate::scheduler::testing;
using scheduler::DigestResult;

namespace {
const std::string kParameters =
    R"(<instance_attributes id="i"><nvpair id="i1" name="fake" value="foo"/>
       <nvpair id="i2" name="passwd" value="whatever"/></instance_attributes>)";

struct Compared {
  explicit Compared(const std::string& digests, const std::string& task = "stop",
                    int interval_ms = 0)
      : state(cib({.options = option("fencing-enabled", "false"),
                   .resources = dummy("d", kParameters),
                   .status = online(1, history("d", op({.id = "d_last_0",
                                                        .task = task,
                                                        .interval_ms = interval_ms,
                                                        .extra = digests})))})) {
    state.snapshot.sanitized = true;
    const auto entry = state.snapshot.sections.status.first_child()
                           .first_child("lrm")
                           .first_child()
                           .first_child()
                           .first_child();
    comparison = scheduler::compare_digests(state.context, state.resource("d"), state.node("n1"),
                                            task, interval_ms, entry);
  }
  State state;
  scheduler::DigestComparison comparison;
};
}  // namespace

TEST_CASE("digests of unchanged parameters match what is recorded") {
  CHECK(Compared(R"(op-digest="457016173e548c394dcf3896e3066412")").comparison.result ==
        DigestResult::kMatch);
  CHECK(Compared(R"(op-digest="f9a51bfe2c3d74c3b72202f3101682b7")", "monitor", 10000)
            .comparison.result == DigestResult::kMatch);
}

TEST_CASE("a changed restart parameter asks for a restart") {
  CHECK(Compared(R"(op-digest="457016173e548c394dcf3896e3066412"
                    op-force-restart="  envfile op_sleep passwd state  "
                    op-restart-digest="5de129d7fe42dbcfe537f2c63b1921b6")")
            .comparison.result == DigestResult::kMatch);
  CHECK(Compared(R"(op-digest="457016173e548c394dcf3896e3066412"
                    op-force-restart=" passwd " op-restart-digest="0")")
            .comparison.result == DigestResult::kRestart);
}

TEST_CASE("a mismatch in private parameters only is recognised") {
  const Compared changed(R"(op-digest="0" op-secure-params="  passwd  "
                            op-secure-digest="e989cbe4a0e9492305ffdc8c6391ffee")");
  CHECK(changed.comparison.result == DigestResult::kMismatch);
  CHECK(changed.comparison.only_private_changed);
}

TEST_CASE("without a recorded digest nothing is known") {
  CHECK(Compared("").comparison.result == DigestResult::kUnknown);
}

TEST_CASE("unfencing digests list the devices, last first") {
  const auto device = [](const std::string& id) {
    return "<primitive id=\"" + id + "\" class=\"stonith\" type=\"fence_mpath\">" +
           meta(id, "provides", "unfencing") + "</primitive>";
  };
  State state(cib({.resources = device("a") + device("b"), .status = online(1)}));
  const auto digests = scheduler::unfencing_digests(state.context, state.node("n1"));
  CHECK(digests.all ==
        "b:fence_mpath:f2317cad3d54cec5d7d7aa7d0bf35cf8,"
        "a:fence_mpath:f2317cad3d54cec5d7d7aa7d0bf35cf8,");
  CHECK_FALSE(digests.changed);
}
