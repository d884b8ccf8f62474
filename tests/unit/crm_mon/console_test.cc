#include "mon/console.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "mon/keys.h"
#include "mon/refresh.h"

using namespace quorate::cli::mon;

TEST_CASE("a line fits the screen: tabs expanded, cut, nothing left that steers the terminal") {
  CHECK(screen_lines("a\tb\n\nc", 80) == std::vector<std::string>{"a       b", "", "c"});
  CHECK(screen_lines("abcdef", 4) == std::vector<std::string>{"abcd"});
  CHECK(screen_lines("a\033[2Jb\r\a", 80) == std::vector<std::string>{"a?[2Jb??"});
  CHECK(screen_lines("gr\xC3\xB6\xC3\x9F"
                     "er",
                     5) == std::vector<std::string>{"gr\xC3\xB6\xC3\x9F"
                                                    "e"});
  CHECK(screen_lines("\xC2\x9B"
                     "2J \xFF \xE2\x82",
                     80) == std::vector<std::string>{"?2J ? ??"});
}

TEST_CASE("whatever an agent says, what is drawn holds no control character") {
  rc::check([](const std::string& text) {
    for (const std::string& line : screen_lines(text, 40)) {
      for (const char c : line) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20U && c != 0x7F);
    }
  });
}

TEST_CASE("keys that send sequences aren't taken for letters, also when they come in pieces") {
  KeyReader reader;
  auto presses = reader.feed("n\033[Am\033[5~");
  REQUIRE(presses.size() == 4);
  CHECK(presses[0].letter == 'n');
  CHECK(presses[1].key == Key::kUp);
  CHECK(presses[2].letter == 'm');
  CHECK(presses[3].key == Key::kPageUp);
  CHECK(reader.feed("\033[").empty());
  presses = reader.feed("B");
  REQUIRE(presses.size() == 1);
  CHECK(presses[0].key == Key::kDown);
  presses = reader.feed("\033[15~A");
  REQUIRE(presses.size() == 2);
  CHECK(presses[0].key == Key::kOther);
  CHECK(presses[1].letter == 'A');
}

TEST_CASE("keys switch sections and forms") {
  Settings settings;
  Shown shown = *shown_sections(settings, quorate::cli::Format::kText);
  const auto has = [&](Sections sections) { return (shown.sections & sections) == sections; };

  apply_key('t', settings, shown);
  CHECK(settings.timing);
  CHECK(has(section::kOperations));
  apply_key('o', settings, shown);
  CHECK_FALSE(settings.timing);
  CHECK_FALSE(has(section::kOperations));

  CHECK(settings.fence_level == 1);
  apply_key('m', settings, shown);
  CHECK(has(section::kFencing));
  apply_key('m', settings, shown);
  apply_key('m', settings, shown);
  CHECK(settings.fence_level == 0);
  CHECK((shown.sections & section::kFencing) == 0);
  apply_key('m', settings, shown);
  CHECK(has(section::kFencingFailed | section::kFencingPending));
  CHECK_FALSE(has(section::kFencingSucceeded));

  apply_key('D', settings, shown);
  CHECK((shown.sections & section::kSummary) == 0);
  apply_key('D', settings, shown);
  CHECK(has(section::kSummary));

  CHECK(apply_key('?', settings, shown) == KeyEffect::kHelp);
  CHECK(key_help(settings, shown).find("* D:") != std::string::npos);
}

TEST_CASE("the display follows at once after a pause, then gathers updates") {
  RefreshPolicy policy(5'000);
  CHECK(policy.on_update(1'000) == 0);
  policy.on_drawn(1'000);
  for (int i = 0; i < 9; ++i) CHECK(policy.on_update(1'100 + i) == 2'000);
  CHECK(policy.on_update(1'200) == 0);
  policy.on_drawn(1'200);
  CHECK(policy.on_update(1'300) == 2'000);
  CHECK(policy.on_update(6'300) == 0);
}
