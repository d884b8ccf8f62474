#include "agents/fence_parameters.h"

#include <catch2/catch.hpp>

using namespace quorate::agents;
using Names = std::vector<std::string>;

TEST_CASE("host lists are split as devices print them") {
  CHECK(parse_host_list("node1,node2;node3 node4\\nnode5\nnode6") ==
        Names{"node1", "node2", "node3", "node4", "node5", "node6"});
  CHECK(parse_host_list("1,node1") == Names{"1", "node1"});
  CHECK(parse_host_list("invalid node1\non off node2=x (node3)") == Names{"node2"});
}

TEST_CASE("host maps take both separators and name what is malformed") {
  std::vector<std::string> errors;
  const auto map = parse_host_map(" Node1:1;node2=2,3 node3\tnode1:9 :4", &errors);
  CHECK(map == std::map<std::string, std::string>{{"node1", "9"}, {"node2", "2,3"}});
  CHECK(errors ==
        Names{"pcmk_host_map: Malformed mapping 'node3'", "pcmk_host_map: Malformed mapping ':4'"});
}

TEST_CASE("parameters for the manager aren't handed to agents") {
  for (const char* name : {"action", "ACTION", "provides", "pcmk_host_list", "pcmk_reboot_action",
                           "pcmk_validate-all_timeout", "CRM_meta_timeout", "crm_feature_set"}) {
    CHECK(is_fence_manager_parameter(name));
  }
  for (const char* name : {"ip", "pcmk_other", "pcmk_a_b_timeout", "timeout", "pcmk_action"}) {
    CHECK_FALSE(is_fence_manager_parameter(name));
  }
}

TEST_CASE("timeouts, attempts and limits have their defaults") {
  const FenceParameters parameters = {{"pcmk_off_timeout", "90"},    {"pcmk_on_timeout", "soon"},
                                      {"pcmk_off_retries", "0"},     {"pcmk_list_retries", "5"},
                                      {"pcmk_off_action", "reboot"}, {"pcmk_action_limit", "-1"}};
  CHECK(fence_timeout_ms(parameters, "off") == 90'000);
  CHECK_FALSE(fence_timeout_ms(parameters, "on"));
  CHECK_FALSE(fence_timeout_ms(parameters, "reboot"));
  CHECK(fence_attempts(parameters, "off") == 1);
  CHECK(fence_attempts(parameters, "list") == 5);
  CHECK(fence_attempts(parameters, "on") == 2);
  CHECK(fence_agent_action(parameters, "off") == "reboot");
  CHECK(fence_action_limit(parameters) == 0);
  CHECK(fence_action_limit({}) == 1);
  CHECK(fence_action_limit({{"pcmk_action_limit", "0"}}) == 1);
}

TEST_CASE("delays may differ by node and never exceed the maximum") {
  FenceDelay delay = fence_delay({{"pcmk_delay_base", "2s"}, {"pcmk_delay_max", "1s"}}, "node1");
  CHECK(delay.base_s == 1);
  CHECK(delay.limited);
  const FenceParameters by_node = {{"pcmk_delay_base", "node1:3s;node2:0"}};
  CHECK(fence_delay(by_node, "NODE1").base_s == 3);
  CHECK(fence_delay(by_node, "node1").max_s == 3);
  CHECK(fence_delay(by_node, "node3").base_s == 0);
  CHECK(fence_delay({{"pcmk_delay_base", "1500ms"}}, "x").base_s == 1);
}

TEST_CASE("an agent is told action, target and its own parameters") {
  const FenceParameters parameters = {
      {"ip", "10.0.0.9"}, {"pcmk_host_map", "node1:7"}, {"pcmk_reboot_action", "off"}};
  CHECK(fence_input(parameters, "fence_x", "reboot", "node1", "7", "port") ==
        "action=off\nip=10.0.0.9\nnodename=node1\nport=7\n");
  CHECK(fence_input(parameters, "fence_x", "monitor", "", "", "port") ==
        "action=monitor\nip=10.0.0.9\n");
  CHECK(fence_input({{"pcmk_host_argument", "none"}}, "fence_x", "off", "n", "n", "plug") ==
        "action=off\nnodename=n\n");
  CHECK(fence_input({{"plug", "3"}}, "fence_x", "off", "n", "9", "plug") ==
        "action=off\nnodename=n\nplug=3\n");
  CHECK(fence_input({{"plug", "dynamic"}}, "fence_x", "off", "n", "9", "plug") ==
        "action=off\nnodename=n\nplug=9\n");
}

TEST_CASE("a value can't smuggle in another line") {
  CHECK(fence_input({{"ip", "1\naction=metadata"}}, "fence_x", "off", "n\nx=y", "", "") ==
        "action=off\nip=1\nnodename=n\n");
}
