#include "controller/history_writer.h"

#include <catch2/catch.hpp>

#include "controller/timers.h"

using namespace quorate;
using namespace quorate::controller;

namespace {

/// A writer whose way out leads into lists.
struct Setup {
  Setup() {
    begin(0);
    ports.cib_up();
  }

  void begin(std::int64_t ms) { ports.begin(effects, Now{ms, ms}); }

  /// Requests to the CIB since the last call.
  std::vector<CibRequest> sent() {
    std::vector<CibRequest> requests;
    for (const Effect& effect : effects) {
      const auto* send = std::get_if<SendSibling>(&effect);
      if (send == nullptr || send->daemon != Daemon::kCib) continue;
      const auto message = decode_cib_client_message(send->payload);
      REQUIRE(message);
      requests.push_back(std::get<CibRequest>(*message));
    }
    effects.clear();
    return requests;
  }

  void answer(const CibRequest& request, cib::Code code = cib::Code::kOk) {
    CibReply reply;
    reply.id = request.id;
    reply.code = code;
    ports.cib_answered(reply);
  }

  static Outcome outcome(const std::string& resource, const std::string& task = "start") {
    Outcome outcome;
    outcome.resource.id = resource;
    outcome.task = task;
    outcome.transition_key = "1:2:0:00000000-0000-0000-0000-000000000000";
    outcome.result = {ocf::kOk, ExecutionStatus::kDone, {}};
    return outcome;
  }

  static std::size_t entries(const CibRequest& request) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = request.what.data.find("<lrm_rsc_op", at)) != std::string::npos;
         ++at) {
      ++count;
    }
    return count;
  }

  Effects effects;
  Ports ports{"session"};
  HistoryWriter writer{ports, "1", "n1"};
};

}  // namespace

TEST_CASE("results of one turn of the loop go into the CIB as one operation") {
  Setup setup;
  for (const char* resource : {"a", "b", "c"}) setup.writer.result(Setup::outcome(resource));
  CHECK(setup.ports.open_writes() > 0);  // nobody takes the CIB for complete now
  CHECK(setup.sent().empty());
  setup.writer.timer_write();
  const auto first = setup.sent();
  REQUIRE(first.size() == 1);
  CHECK(Setup::entries(first[0]) == 3);

  SECTION("and what comes while it is under way as the next one") {
    setup.writer.result(Setup::outcome("d"));
    setup.writer.result(Setup::outcome("e"));
    setup.writer.result(Setup::outcome("d", "stop"));
    setup.writer.timer_write();
    CHECK(setup.sent().empty());
    setup.answer(first[0]);
    const auto second = setup.sent();
    REQUIRE(second.size() == 1);
    CHECK(Setup::entries(second[0]) == 2);  // of one resource one after the other
    setup.answer(second[0]);
    const auto third = setup.sent();
    REQUIRE(third.size() == 1);
    CHECK(third[0].what.data.find("operation=\"stop\"") != std::string::npos);
    setup.answer(third[0]);
    CHECK(setup.sent().empty());
    CHECK(setup.ports.open_writes() == 0);
  }
  SECTION("each alone if that fails") {
    setup.answer(first[0], cib::Code::kInvalidArgument);
    for (const char* resource : {"a", "b", "c"}) {
      const auto alone = setup.sent();
      REQUIRE(alone.size() == 1);
      CHECK(alone[0].what.data.find("lrm_resource id=\"" + std::string(resource) + "\"") !=
            std::string::npos);
      setup.answer(alone[0], cib::Code::kInvalidArgument);
    }
    CHECK(setup.sent().empty());
    CHECK(setup.ports.open_writes() == 0);
  }
  SECTION("and a removal keeps its place among them") {
    bool removed = false;
    setup.writer.result(Setup::outcome("d"));
    setup.writer.remove("d", CibStep::remove("//d"), [&](const CibOutcome&) { removed = true; });
    setup.writer.result(Setup::outcome("e"));
    setup.answer(first[0]);
    const auto d = setup.sent();
    REQUIRE(d.size() == 1);
    CHECK(Setup::entries(d[0]) == 1);
    setup.answer(d[0]);
    const auto removal = setup.sent();
    REQUIRE(removal.size() == 1);
    CHECK(removal[0].what.operation == cib::Operation::kDelete);
    CHECK_FALSE(removed);
    setup.answer(removal[0]);
    CHECK(removed);
    CHECK(setup.sent().size() == 1);
  }
}

TEST_CASE("an action is shown as pending once it has run for a while, not after its result") {
  Setup setup;
  for (const char* resource : {"long", "short"}) setup.writer.pending(Setup::outcome(resource));
  setup.begin(HistoryWriter::kPendingMs - 1);
  setup.writer.timer_pending();
  CHECK(setup.sent().empty());
  setup.writer.result(Setup::outcome("short"));
  setup.writer.timer_write();
  CHECK(setup.sent().size() == 1);
  setup.begin(HistoryWriter::kPendingMs);
  setup.writer.timer_pending();
  const auto shown = setup.sent();
  REQUIRE(shown.size() == 1);
  CHECK(Setup::entries(shown[0]) == 1);
  CHECK(shown[0].what.data.find("long_last_0") != std::string::npos);
}

TEST_CASE("a migration is shown before it runs") {
  Setup setup;
  setup.writer.pending(Setup::outcome("other"));
  setup.writer.pending(Setup::outcome("moving", "migrate_to"));
  const auto shown = setup.sent();
  REQUIRE(shown.size() == 1);
  CHECK(Setup::entries(shown[0]) == 1);
  CHECK(shown[0].what.data.find("moving_migrate_to_0") != std::string::npos);
}

TEST_CASE("while history is held nothing is written, and everything after that") {
  Setup setup;
  setup.writer.hold();
  setup.writer.result(Setup::outcome("a"));
  setup.writer.pending(Setup::outcome("b"));
  setup.begin(HistoryWriter::kPendingMs);
  setup.writer.timer_write();
  setup.writer.timer_pending();
  CHECK(setup.sent().empty());
  CHECK(setup.ports.open_writes() == 0);  // who waits for it waits for the one who holds it
  setup.writer.release();
  CHECK(setup.sent().size() == 2);
}
