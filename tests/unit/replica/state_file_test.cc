#include <catch2/catch.hpp>

#include "replica/disk.h"

using namespace quorate;

TEST_CASE("a replica.state on disk is read whichever version wrote it") {
  const auto loaded = replica::load(
      {{"replica.state",
        "<replica-state protocol=\"1\" lineage=\"3\" proposed=\"4\" quorate-order=\"17\" "
        "digest=\"0123456789abcdef0123456789abcdef\"/>\n"}});
  CHECK(loaded.reports.empty());
  CHECK(loaded.lineage == 3);
  CHECK(loaded.proposed == 4);
  CHECK(loaded.quorate_order == 17);
}

TEST_CASE("a damaged replica.state counts for nothing, and the log says so") {
  for (const char* text :
       {"", "\n", "<replica-state", "<replica-state/>", "<other protocol=\"1\"/>"}) {
    INFO(text);
    const auto loaded = replica::load({{"replica.state", text}});
    CHECK(loaded.lineage == 0);
    REQUIRE(loaded.reports.size() == 1);
    CHECK(loaded.reports[0].find("replica.state: unreadable") == 0);
  }
}
