#include <algorithm>
#include <catch2/catch.hpp>

#include "replica/copy.h"

namespace {

using quorate::replica::Answers;

std::string name_of(int number) { return "hacluster/client#" + std::to_string(number); }

int lines_in(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE("of the answers, the last ones whose change is in the document are stored with it") {
  Answers answers;
  for (int i = 1; i <= 100; ++i) answers.add(name_of(i), {static_cast<std::uint64_t>(i), {}, true});
  for (int i = 101; i <= 200; ++i) {
    answers.add(name_of(i), {static_cast<std::uint64_t>(i), {}, false});
  }
  const std::string text = answers.stored_text();
  CHECK(lines_in(text) == static_cast<int>(Answers::kMaxStored));
  const Answers read = Answers::from_text(text);
  CHECK(read.find(name_of(36)) == nullptr);
  for (int i = 37; i <= 100; ++i) {
    REQUIRE(read.find(name_of(i)) != nullptr);
    CHECK(read.find(name_of(i))->order == static_cast<std::uint64_t>(i));
  }
  CHECK(read.find(name_of(101)) == nullptr);
  CHECK(read.stored_text() == text);
}

TEST_CASE("an answer that is forgotten isn't stored any more") {
  Answers answers;
  answers.add(name_of(0), {1, {}, true});
  for (int i = 1; i < static_cast<int>(Answers::kMax); ++i) answers.add(name_of(i), {2, {}, false});
  CHECK(lines_in(answers.stored_text()) == 1);
  answers.add("hacluster/another#1", {3, {}, false});
  CHECK(answers.find(name_of(0)) == nullptr);
  CHECK(answers.stored_text().empty());
}

TEST_CASE("answers that move to another place are stored with that one") {
  Answers answers;
  answers.add(name_of(1), {7, {}, true});
  answers.move_to(3);
  const Answers read = Answers::from_text(answers.stored_text());
  REQUIRE(read.find(name_of(1)) != nullptr);
  CHECK(read.find(name_of(1))->order == 3);
}

}  // namespace
