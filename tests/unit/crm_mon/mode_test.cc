#include "mon/mode.h"

#include <catch2/catch.hpp>

using namespace quorate;
using namespace quorate::cli;
using namespace quorate::cli::mon;

namespace {

/// The mode of a command line on a terminal, or wherever `surroundings` says.
Result<Mode> mode_of(std::vector<std::string> words, Surroundings surroundings = {false, true}) {
  words.insert(words.begin(), "crm_mon");
  Settings settings;
  auto parsed = parse_command_line(program(), option_groups(settings), words);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  if (settings.xml_file) surroundings.cib_file = true;
  return choose_mode(settings, parsed->common, surroundings);
}

Run run_of(const std::vector<std::string>& words) {
  const auto mode = mode_of(words);
  REQUIRE(mode);
  return mode->run;
}

}  // namespace

TEST_CASE("without options the console is used and updated") {
  const auto mode = mode_of({});
  REQUIRE(mode);
  CHECK(mode->console);
  CHECK(mode->run == Run::kUpdate);
}

TEST_CASE("what can't be a console becomes text") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"-1"}, {"-x", "cib.xml"}, {"--output-to=status.txt"}}) {
    const auto mode = mode_of(words);
    REQUIRE(mode);
    CHECK_FALSE(mode->console);
    CHECK(mode->format == Format::kText);
    CHECK(mode->run == Run::kOnce);
  }
  CHECK_FALSE(mode_of({}, {true, true})->console);
  CHECK_FALSE(mode_of({}, {false, false})->console);
}

TEST_CASE("the last option about how long to run decides, but an interval doesn't end a daemon") {
  const std::vector<std::string> file = {"--output-as=html", "--output-to=status.html"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), file.begin(), file.end());
    return run_of(words);
  };
  CHECK(with({}) == Run::kOnce);
  CHECK(with({"-i", "2"}) == Run::kUpdate);
  CHECK(with({"-1", "-i", "2"}) == Run::kUpdate);
  CHECK(with({"-i", "2", "-1"}) == Run::kOnce);
  CHECK(with({"-d", "-i", "2"}) == Run::kDaemon);
  CHECK(with({"-i", "2", "-d"}) == Run::kDaemon);
}

TEST_CASE("updating standard output with anything but the console means once") {
  CHECK(run_of({"--output-as=xml", "-i", "2"}) == Run::kOnce);
  CHECK(run_of({"--output-as=text", "-i", "2"}) == Run::kOnce);
}

TEST_CASE("a file in place of the cluster is shown once") {
  const auto mode = mode_of({"--output-as=html", "--output-to=a.html", "-d"}, {true, true});
  REQUIRE(mode);
  CHECK(mode->run == Run::kOnce);
}

TEST_CASE("a daemon needs a file or an external agent") {
  const auto nowhere = mode_of({"-d"});
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().kind == ErrorKind::kUsage);
  CHECK(nowhere.error().message ==
        "--daemonize requires at least one of --output-to (with value not set to '-') and "
        "--external-agent");
  const auto none = mode_of({"-d", "--output-as=none", "--output-to=file"});
  REQUIRE_FALSE(none);
  CHECK(none.error().message ==
        "--daemonize requires --external-agent if used with --output-as=none");
  CHECK(mode_of({"-d", "-E", "/bin/true"}));
}

TEST_CASE("unknown formats are refused, legacy XML wins over any format") {
  const auto unknown = mode_of({"--output-as=yaml"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message == "Error creating output format yaml: Unknown output format");
  CHECK(mode_of({"--as-xml", "--output-as=html"})->format == Format::kXml);
}

TEST_CASE("options of former releases are usage errors") {
  for (const char* option : {"--simple-status", "--as-html", "--web-cgi", "--watch"}) {
    const auto mode = mode_of({option});
    REQUIRE_FALSE(mode);
    CHECK(mode.error().message == std::string("Unknown option ") + option);
  }
  CHECK(mode_of({"-m", "4"}).error().message == "Fence history must be 0-3");
  CHECK(mode_of({"-i", "soon"}).error().message == "Invalid value for -i: soon");
}
