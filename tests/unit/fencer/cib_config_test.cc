#include "fencer/cib_config.h"

#include <catch2/catch.hpp>

#include "fencing_cluster.h"

using namespace quorate;
using namespace quorate::fencer;

namespace {

CibConfig read(const std::string& resources, const std::string& rest = "",
               const std::string& node = "node1") {
  const auto document = xml::Document::parse(
      "<configuration><crm_config/><nodes><node id='1' uname='node1'>"
      "<instance_attributes id='i'><nvpair id='n' name='rack' value='r1'/></instance_attributes>"
      "</node><node id='2' uname='node2'/></nodes><resources>" +
      resources + "</resources>" + rest + "</configuration>");
  REQUIRE(document);
  return read_cib_config(document->root(), node, 1'700'000'000);
}

const std::string kDevice =
    "<primitive id='power' class='stonith' type='fence_x'><instance_attributes id='p'>"
    "<nvpair id='h' name='pcmk_host_list' value='node2'/></instance_attributes></primitive>";

}  // namespace

TEST_CASE("every node may use a device, wherever it is active") {
  for (const char* node : {"node1", "node2"}) {
    const CibConfig config =
        read(kDevice + "<primitive id='web' class='ocf' provider='p' type='t'/>", "<constraints/>",
             node);
    REQUIRE(config.devices.size() == 1);
    CHECK(config.devices[0].id == "power");
    CHECK(config.devices[0].agent == "fence_x");
    CHECK(config.devices[0].host_list == std::vector<std::string>{"node2"});
  }
}

TEST_CASE("a device that is disabled or banned here isn't used, and the log says why") {
  CibConfig config = read(
      "<primitive id='power' class='stonith' type='fence_x'><meta_attributes id='m'>"
      "<nvpair id='t' name='target-role' value='stopped'/></meta_attributes></primitive>");
  CHECK(config.devices.empty());
  CHECK(config.notes ==
        std::vector<std::string>{"Ignoring fencing device power because it is disabled"});
  const std::string ban =
      "<constraints><rsc_location id='l' rsc='power' node='NODE1' "
      "score='-INFINITY'/></constraints>";
  config = read(kDevice, ban);
  CHECK(config.devices.empty());
  CHECK(config.notes == std::vector<std::string>{"Ignoring fencing device power because local "
                                                 "node has preference -INFINITY for it"});
  CHECK(read(kDevice, ban, "node2").devices.size() == 1);
}

TEST_CASE("rules, patterns, tags, groups and clones decide, too") {
  CHECK(read(kDevice,
             "<constraints><rsc_location id='l' rsc='power'><rule id='r' score='-1'>"
             "<expression id='e' attribute='rack' operation='eq' value='r1'/></rule>"
             "</rsc_location></constraints>")
            .devices.empty());
  CHECK(read(kDevice,
             "<constraints><rsc_location id='l' rsc-pattern='^pow' node='node1' score='-5'/>"
             "</constraints>")
            .devices.empty());
  CHECK(read(kDevice,
             "<tags><tag id='t'><obj_ref id='power'/></tag></tags><constraints>"
             "<rsc_location id='l' rsc='t' node='node1' score='-5'/></constraints>")
            .devices.empty());
  CHECK(read("<group id='g'>" + kDevice + "</group>",
             "<constraints><rsc_location id='l' rsc='g' node='node1' score='-5'/></constraints>")
            .devices.empty());
  CHECK(read("<clone id='c'>" + kDevice + "</clone>", "<constraints/>").devices.size() == 1);
}

TEST_CASE("in an asymmetric cluster a device needs a constraint that allows it") {
  const std::string asymmetric =
      "<crm_config><cluster_property_set id='cib-bootstrap-options'>"
      "<nvpair id='s' name='symmetric-cluster' value='false'/></cluster_property_set></crm_config>";
  const auto with = [&](const std::string& constraints) {
    const auto document = xml::Document::parse("<configuration>" + asymmetric + "<resources>" +
                                               kDevice + "</resources><constraints>" + constraints +
                                               "</constraints></configuration>");
    REQUIRE(document);
    return read_cib_config(document->root(), "node1", 0).devices.size();
  };
  CHECK(with("") == 0);
  CHECK(with("<rsc_location id='l' rsc='power' node='node1' score='0'/>") == 1);
}

TEST_CASE("templates and defaults are part of a device") {
  const CibConfig config = read(
      "<template id='t' class='stonith' type='fence_x'><instance_attributes id='a'>"
      "<nvpair id='b' name='ip' value='1'/><nvpair id='c' name='login' value='x'/>"
      "</instance_attributes></template><primitive id='power' template='t'>"
      "<instance_attributes id='d'><nvpair id='e' name='ip' value='2'/></instance_attributes>"
      "</primitive>",
      "<rsc_defaults><meta_attributes id='m'><nvpair id='u' name='provides' value='unfencing'/>"
      "</meta_attributes></rsc_defaults>");
  REQUIRE(config.devices.size() == 1);
  CHECK(config.devices[0].parameters == agents::FenceParameters{{"ip", "2"}, {"login", "x"}});
  CHECK(config.devices[0].unfencing);
}

TEST_CASE("levels are found by name, pattern and attribute; faulty ones are named") {
  const CibConfig config =
      read("",
           "<fencing-topology><fencing-level id='1' target='node2' index='1' devices='a, b'/>"
           "<fencing-level id='2' target-pattern='^n.*3$' index='2' devices='c'/>"
           "<fencing-level id='3' target-attribute='rack' target-value='r1' index='1' devices='d'/>"
           "<fencing-level id='4' target='x' index='10' devices='d'/>"
           "<fencing-level id='5' target-pattern='[' index='1' devices='d'/>"
           "<fencing-level id='6' index='1' devices='d'/></fencing-topology>");
  const auto find = [&](const char* node) {
    return config.topology.find(node, config.node_attributes);
  };
  REQUIRE(find("NODE2"));
  CHECK(find("node2")->at(1) == std::vector<std::string>{"a", "b"});
  REQUIRE(find("node3"));
  CHECK(find("node3")->at(2) == std::vector<std::string>{"c"});
  REQUIRE(find("node1"));
  CHECK(find("node1")->at(1) == std::vector<std::string>{"d"});
  CHECK(find("other") == nullptr);
  CHECK(config.notes == std::vector<std::string>{"Invalid level number '10' for topology level '4'",
                                                 "Invalid target for topology level '6'"});
}

TEST_CASE("a change of the configuration changes the devices of the running fencer") {
  FencingCluster cluster(2);
  const auto names = [&] {
    cluster.say(1, ListDevices{5, ""});
    cluster.settle();
    const auto found = cluster.nodes.at(1).replies.back().names;
    return found;
  };
  cluster.give(1, SiblingUp{Daemon::kCib});
  auto& sent = cluster.nodes.at(1).to_siblings;
  REQUIRE(sent.size() == 1);
  CHECK(std::holds_alternative<CibSubscribe>(*decode_cib_client_message(sent[0].payload)));
  const std::string document = "<cib><configuration><resources>" + kDevice +
                               "</resources><constraints/></configuration><status/></cib>";
  cluster.give(1, SiblingMessage{Daemon::kCib, encode(CibSnapshot{1, {}, document})});
  CHECK(names() == std::vector<std::string>{"power"});

  CibChange change;
  change.position = 2;
  cluster.give(1, SiblingMessage{Daemon::kCib, encode(change)});
  CHECK(sent.size() == 1);
  change.configuration_changed = true;
  cluster.give(1, SiblingMessage{Daemon::kCib, encode(change)});
  cluster.give(1, SiblingMessage{Daemon::kCib, encode(change)});
  REQUIRE(sent.size() == 2);
  const std::string emptied =
      "<cib><configuration><resources/><constraints/></configuration></cib>";
  cluster.give(1, SiblingMessage{Daemon::kCib, encode(CibSnapshot{3, {}, emptied})});
  CHECK(names().empty());
  CHECK(sent.size() == 3);  // the second change has to be asked for, too
}

TEST_CASE("of a long change its sections say whether the configuration is read again") {
  FencingCluster cluster(2);
  const auto configured = [&] {
    const CibSnapshot empty{1, {}, "<cib><configuration/></cib>"};
    cluster.give(1, SiblingMessage{Daemon::kCib, encode(empty)});
  };
  cluster.give(1, SiblingUp{Daemon::kCib});
  configured();
  const auto is_asked_after = [&](const std::vector<std::string>& sections) {
    auto& sent = cluster.nodes.at(1).to_siblings;
    CibChange change;
    change.position = 2;
    change.configuration_changed = true;
    change.patch = "<diff format='2'/>";
    change.sections = sections;
    const std::size_t before = sent.size();
    cluster.give(1, SiblingMessage{Daemon::kCib, encode(change)});
    const bool asked = std::any_of(
        sent.begin() + static_cast<std::ptrdiff_t>(before), sent.end(), [](const auto& message) {
          return std::holds_alternative<CibSubscribe>(*decode_cib_client_message(message.payload));
        });
    if (asked) configured();
    return asked;
  };
  CHECK_FALSE(is_asked_after({"acls", "alerts"}));
  CHECK(is_asked_after({"acls", "resources"}));
}

TEST_CASE("of the cluster's options only symmetric-cluster has the configuration read again") {
  FencingCluster cluster(2);
  const auto configured = [&] {
    const CibSnapshot empty{1, {}, "<cib><configuration/></cib>"};
    cluster.give(1, SiblingMessage{Daemon::kCib, encode(empty)});
  };
  cluster.give(1, SiblingUp{Daemon::kCib});
  configured();
  const std::string in_set = "/cib/configuration/crm_config/cluster_property_set[@id='s']";
  const auto is_asked_after = [&](const std::string& changes) {
    auto& sent = cluster.nodes.at(1).to_siblings;
    const std::size_t before = sent.size();
    CibChange change;
    change.position = 2;
    change.configuration_changed = true;
    change.patch =
        "<diff format='2'><change operation='modify' path='/cib'/>" + changes + "</diff>";
    cluster.give(1, SiblingMessage{Daemon::kCib, encode(change)});
    const bool asked = sent.size() > before;
    if (asked) configured();
    return asked;
  };
  const auto created = [&](const std::string& name) {
    return "<change operation='create' path=\"" + in_set + "\"><nvpair id='n' name='" + name +
           "' value='x'/></change>";
  };
  const auto modified = [&](const std::string& name, const std::string& attribute) {
    return "<change operation='modify' path=\"" + in_set +
           "/nvpair[@id='n']\"><change-list><change-attr name='" + attribute +
           "' operation='set' value='x'/></change-list><change-result><nvpair id='n' name='" +
           name + "' value='x'/></change-result></change>";
  };
  CHECK_FALSE(is_asked_after(created("stonith-timeout")));
  CHECK_FALSE(is_asked_after(modified("stonith-timeout", "value")));
  CHECK(is_asked_after(created("symmetric-cluster")));
  CHECK(is_asked_after(modified("symmetric-cluster", "value")));
  CHECK(is_asked_after(modified("stonith-timeout", "name")));  // what was it before?
  CHECK(is_asked_after("<change operation='delete' path=\"" + in_set + "/nvpair[@id='n']\"/>"));
  CHECK(is_asked_after(created("stonith-timeout") +
                       "<change operation='delete' path='/cib/configuration/resources'/>"));
}
