#include "agents/outcome.h"

#include <catch2/catch.hpp>
#include <cerrno>

#include "agents/environment.h"

using namespace quorate;
using namespace quorate::agents;

namespace {

ProcessResult ended(ProcessResult::End end, int status, std::string err = {}) {
  ProcessResult process;
  process.end = end;
  process.status = status;
  process.err = std::move(err);
  return process;
}
constexpr auto kExited = ProcessResult::End::kExited;

}  // namespace

TEST_CASE("exit codes outside the OCF vocabulary count as an error") {
  CHECK(ocf_exit_code(7) == 7);
  CHECK(ocf_exit_code(190) == 190);
  CHECK(ocf_exit_code(10) == 1);
  CHECK(ocf_exit_code(193) == 1);
  CHECK(ocf_exit_code(-1) == 1);
}

TEST_CASE("LSB codes depend on the action") {
  CHECK(lsb_exit_code(3, "status") == 7);
  CHECK(lsb_exit_code(1, "monitor") == 7);
  CHECK(lsb_exit_code(150, "status") == 5);
  CHECK(lsb_exit_code(151, "status") == 4);
  CHECK(lsb_exit_code(4, "status") == 1);
  CHECK(lsb_exit_code(7, "start") == 7);
  CHECK(lsb_exit_code(8, "start") == 1);
}

TEST_CASE("the last exit reason in standard error counts, anywhere in a line") {
  CHECK(exit_reason("x ocf-exit-reason:first\nfoo ocf-exit-reason: second\nmore") == " second");
  CHECK(exit_reason("ocf-exit-reason:") == "");
  CHECK(exit_reason("nothing") == "");
}

TEST_CASE("a process that took too long, was killed or couldn't start gets a reason") {
  AgentResult result =
      outcome(Standard::kOcf, "start", "/a/b", 90'000, ended(ProcessResult::End::kTimedOut, 0));
  CHECK(result ==
        AgentResult{1, ExecutionStatus::kTimedOut, "Resource agent did not complete within 1m30s"});
  result = outcome(Standard::kStonith, "off", "/a/b", 1, ended(ProcessResult::End::kSignalled, 9));
  CHECK(result ==
        AgentResult{1, ExecutionStatus::kError, "Fence agent interrupted by Killed signal"});
  result = outcome(Standard::kOcf, "start", "/a/b", 1,
                   ended(ProcessResult::End::kCouldNotStart, ENOENT));
  CHECK(result ==
        AgentResult{5, ExecutionStatus::kNotInstalled, "/a/b: No such file or directory"});
  result = outcome(Standard::kOcf, "start", "/a/b", 1,
                   ended(ProcessResult::End::kCouldNotStart, EACCES));
  CHECK(result.exit_code == 4);
  CHECK(result.status == ExecutionStatus::kError);
}

TEST_CASE("only OCF agents give an exit reason") {
  const ProcessResult process = ended(kExited, 1, "ocf-exit-reason:broken\n");
  CHECK(outcome(Standard::kOcf, "start", "", 1, process).reason == "broken");
  CHECK(outcome(Standard::kLsb, "start", "", 1, process).reason == "");
}

TEST_CASE("attached output is standard error if there is any, and bounded") {
  ProcessResult process = ended(kExited, 0);
  process.out = std::string(100'000, 'x');
  CHECK(output_of(process).size() == 64 * 1024);
  process.err = "oops";
  CHECK(output_of(process) == "oops");
}

TEST_CASE("agent names are read and checked") {
  auto spec = parse_spec("ocf:pacemaker:Dummy");
  REQUIRE(spec);
  CHECK(spec->provider == "pacemaker");
  CHECK(format_spec(*spec) == "ocf:pacemaker:Dummy");
  spec = parse_spec("systemd:a:b");
  REQUIRE(spec);
  CHECK(spec->type == "a:b");
  CHECK_FALSE(parse_spec("ocf:Dummy"));
  CHECK_FALSE(parse_spec("lsb:x:y"));
  CHECK_FALSE(parse_spec("upstart:x"));
  CHECK_FALSE(parse_spec("ocf::Dummy"));
  CHECK(check({"OCF", "p", "t"}));
  CHECK_FALSE(check({"ocf", "", "t"}));
  CHECK_FALSE(check({"lsb", "p", "t"}));
  CHECK_FALSE(check({"nagios", "", "t"}));
}

TEST_CASE("an OCF agent finds its parameters in its environment") {
  const Environment environment =
      resource_environment(Standard::kOcf, {"ocf", "heartbeat", "IPaddr2"}, "vip",
                           {{"ip", "10.0.0.1"},
                            {"CRM_meta_clone-max", "2"},
                            {"CRM_meta_a#b", "x"},
                            {"OCF_CHECK_LEVEL", "10"},
                            {"bad=name", "x"}},
                           {}, {{"PATH", "/bin"}, {"NOTIFY_SOCKET", "/run/x"}});
  const auto value = [&](std::string_view name) -> std::string {
    for (const auto& [key, text] : environment) {
      if (key == name) return text;
    }
    return "(absent)";
  };
  CHECK(value("OCF_RESKEY_ip") == "10.0.0.1");
  CHECK(value("OCF_RESKEY_CRM_meta_clone_max") == "2");
  CHECK(value("OCF_RESKEY_CRM_meta_a#b") == "(absent)");
  CHECK(value("OCF_CHECK_LEVEL") == "10");
  CHECK(value("OCF_RESKEY_bad=name") == "(absent)");
  CHECK(value("OCF_RESOURCE_INSTANCE") == "vip");
  CHECK(value("OCF_RESOURCE_PROVIDER") == "heartbeat");
  CHECK(value("PATH") == "/bin");
  CHECK(value("NOTIFY_SOCKET") == "(absent)");
}

TEST_CASE("an init script gets neither parameters nor OCF variables") {
  CHECK(resource_environment(Standard::kLsb, {"lsb", "", "x"}, "x", {{"a", "b"}}, {},
                             {{"PATH", "/bin"}}) == Environment{{"PATH", "/bin"}});
}

TEST_CASE("an agent's name can't leave its directory") {
  CHECK(program_path(Standard::kOcf, {"ocf", "p", "T"}, {}) == "/usr/lib/ocf/resource.d/p/T");
  CHECK(program_path(Standard::kOcf, {"ocf", "..", "T"}, {}).empty());
  CHECK(program_path(Standard::kOcf, {"ocf", "p", "../../x"}, {}).empty());
  CHECK(program_path(Standard::kLsb, {"lsb", "", "x"}, {}) == "/etc/init.d/x");
  CHECK(program_path(Standard::kLsb, {"lsb", "", "/opt/x"}, {}) == "/opt/x");
  CHECK(program_path(Standard::kStonith, {"stonith", "", "../x"}, {}).empty());
}
