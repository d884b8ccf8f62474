#include "model/name_values.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>

using quorate::model::NameValues;

namespace {

constexpr std::size_t kNames = 100;  // enough for look-up by index

const std::string& name_of(std::size_t number) {
  static const auto names = [] {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < kNames; ++i) all.push_back("name" + std::to_string(i));
    return all;
  }();
  return names[number];
}

bool equal(const NameValues& table, const std::map<std::string, std::string>& expected) {
  if (table.size() != expected.size()) return false;
  for (std::size_t i = 0; i < kNames; ++i) {
    const auto found = expected.find(name_of(i));
    const auto value = table.get(name_of(i));
    if (value.has_value() != (found != expected.end())) return false;
    if (value && *value != found->second) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a table of names and values, small or large, holds what was put into it") {
  CHECK(rc::check([] {
    NameValues table;
    std::map<std::string, std::string> expected;
    const int steps = *rc::gen::inRange(0, 400);
    for (int i = 0; i < steps; ++i) {
      const std::string& name = name_of(*rc::gen::inRange<std::size_t>(0, kNames));
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          table.set(name, "set");
          expected[name] = "set";
          break;
        case 1:
          RC_ASSERT(table.add(name, "added") == expected.emplace(name, "added").second);
          break;
        case 2:
          RC_ASSERT(table.remove(name) == (expected.erase(name) > 0));
          break;
        default:
          table.set(name, "again");
          expected[name] = "again";
      }
    }
    const NameValues copy(table);
    RC_ASSERT(equal(table, expected));
    RC_ASSERT(equal(copy, expected));
  }));
}

TEST_CASE("a large table keeps the order its names were added in") {
  NameValues table;
  for (std::size_t i = 0; i < kNames; ++i) table.set(name_of(kNames - 1 - i), "x");
  table.remove(name_of(50));
  std::size_t number = kNames;
  for (const auto& [name, value] : table) {
    if (--number == 50) --number;
    CHECK(name == name_of(number));
  }
  CHECK(number == 0);
}
