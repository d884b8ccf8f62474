#include <catch2/catch.hpp>

#include "state_fixture.h"

using namespace quorate;
using namespace quorate::scheduler::testing;

namespace {
const std::string kNoFencing = option("stonith-enabled", "false");
const std::string kDocker =
    R"(<bundle id="web"><docker image="pcmktest:http" replicas="2" options="--log-driver=journald"/>
       <network control-port="3121" ip-range-start="192.168.122.134"/>
       <primitive id="httpd" class="ocf" provider="heartbeat" type="apache"/></bundle>)";
}  // namespace

TEST_CASE("a feature set above ours is refused") {
  State state("<cib crm_feature_set=\"3.21.0\"><configuration/><status/></cib>");
  CHECK_FALSE(state.read);
  CHECK(state.said("Can't process CIB with feature set '3.21.0' greater than our own '3.20.5'"));
}

TEST_CASE("legacy option names count and are deprecated, invalid values fall back") {
  State state(cib(
      {.options = kNoFencing + option("batch-limit", "many") + option("symmetric-cluster", "no")}));
  CHECK_FALSE(state.snapshot.options.fencing_enabled);
  CHECK_FALSE(state.snapshot.options.symmetric_cluster);
  CHECK(
      state.said("Support for legacy name 'stonith-enabled' for cluster option "
                 "'fencing-enabled' is deprecated"));
  CHECK(state.said("Using default value for cluster option 'batch-limit' because 'many' is"));
  CHECK(state.snapshot.options.batch_limit == "0");
}

TEST_CASE("policy fence without fencing becomes stop") {
  State state(cib({.options = kNoFencing + option("no-quorum-policy", "suicide")}));
  CHECK(state.snapshot.options.quorum_policy == model::QuorumPolicy::kStop);
  CHECK(state.said("Resetting no-quorum-policy to 'stop' because fencing is disabled"));
}

TEST_CASE("an unknown node type ends the node list") {
  State state(cib({.nodes = R"(<node id="1" uname="n10"/><node id="2" uname="n9"/>
      <node id="3" uname="x" type="ping"/><node id="4" uname="n4"/>)"}));
  REQUIRE(state.snapshot.nodes_by_name.size() == 2);
  CHECK(state.snapshot.nodes_by_name[0]->name == "n9");
  CHECK(state.said("Ignoring node x with unrecognized type 'ping'"));
}

TEST_CASE("nodes get built-in attributes the user can't override") {
  State state(cib({.options = kNoFencing + option("cluster-name", "blue"),
                   .nodes = R"(<node id="1" uname="n1"><instance_attributes id="a">
           <nvpair id="a1" name="#uname" value="other"/><nvpair id="a2" name="rack" value="7"/>
           </instance_attributes></node><node id="2" uname="n2"/>)"}));
  CHECK(state.node("n1").attributes.get("#uname") == "n1");
  CHECK(state.node("n1").attributes.get("#is_dc") == "true");
  CHECK(state.node("n2").attributes.get("#is_dc") == "false");
  CHECK(state.node("n1").attributes.get("#site-name") == "blue");
  CHECK(state.node("n1").attributes.get("rack") == "7");
}

TEST_CASE(
    "meta-attributes come from the resource, its parents, defaults, then the parent's table") {
  State state(cib({.options = kNoFencing,
                   .resources = "<clone id=\"c\">" + meta("c", "clone-max", "1") +
                                dummy("r", meta("r", "priority", "5")) + "</clone>",
                   .defaults = "<rsc_defaults>" + meta("d", "priority", "9") + "</rsc_defaults>"}));
  CHECK(state.resource("r:0").priority == 5);
  CHECK(state.resource("r:0").stickiness == 1);
  CHECK(state.resource("c").stickiness == 0);
  CHECK(state.resource("c").priority == 9);
  CHECK(state.resource("r:0").meta.get("clone") == "0");
  CHECK_FALSE(state.resource("r:0").unique);
}

TEST_CASE("a template's operations are replaced by name and role whatever their interval") {
  State state(cib({.options = kNoFencing,
                   .resources = R"(<template id="t" class="ocf" provider="pacemaker" type="Dummy">
            <operations><op id="t1" name="monitor" interval="10s"/>
            <op id="t2" name="stop" interval="0"/></operations></template>
            <primitive id="r" template="t"><operations>
            <op id="r1" name="monitor" interval="20s"/></operations></primitive>
            <primitive id="lost" template="nowhere"/>)"}));
  model::Resource& resource = state.resource("r");
  CHECK(resource.type == "Dummy");
  REQUIRE(resource.operations.child_count() == 2);
  CHECK(resource.operations.first_child().id() == "r1");
  CHECK(resource.operations.first_child().next().id() == "t2");
  CHECK(state.snapshot.templates.at("t").members == std::vector<std::string_view>{"r"});
  CHECK(state.said("No template named 'nowhere'"));
  CHECK_FALSE(state.exists("lost"));
}

TEST_CASE("references inside a resource that uses a template resolve in the whole document") {
  State state(
      cib({.options = kNoFencing, .resources = R"(<template id="t" class="ocf" type="Dummy"/>
        <primitive id="a" class="ocf" type="Dummy"><meta_attributes id="shared">
        <nvpair id="p" name="priority" value="3"/></meta_attributes></primitive>
        <primitive id="b" template="t"><meta_attributes id-ref="shared"/></primitive>)"}));
  CHECK(state.resource("b").priority == 3);
}

TEST_CASE("resources are sorted by priority and keep their order otherwise") {
  State state(cib({.options = kNoFencing,
                   .resources = dummy("a") + dummy("b", meta("b", "priority", "1")) + dummy("c")}));
  std::string order;
  for (const model::Resource* resource : state.snapshot.resources) order += resource->id;
  CHECK(order == "bac");
}

TEST_CASE("clones of standards without unique instances become anonymous") {
  State state(cib({.options = kNoFencing,
                   .resources = "<clone id=\"c\">" + meta("c", "globally-unique", "true") +
                                "<primitive id=\"s\" class=\"systemd\" type=\"x\"/></clone>"}));
  CHECK(state.said("Ignoring globally-unique for c because systemd resources such as s:0"));
  CHECK_FALSE(state.resource("c").unique);
  CHECK_FALSE(state.resource("s:1").unique);
  CHECK(state.resource("c").children.size() == 2);
}

TEST_CASE("target-role counts only where it makes sense") {
  State state(cib({.options = kNoFencing,
                   .resources = dummy("a", meta("a", "target-role", "Stopped")) +
                                dummy("b", meta("b", "target-role", "Master")) +
                                dummy("c", meta("c", "target-role", "sideways"))}));
  CHECK(state.resource("a").next_role == model::Role::kStopped);
  CHECK(state.resource("b").next_role == model::Role::kUnknown);
  CHECK(state.said("Ignoring 'target-role' for b because 'Master' only makes sense for"));
  CHECK(state.said("Ignoring 'target-role' for c because 'sideways' is not valid"));
  CHECK(state.said("Support for the Master role is deprecated"));
}

TEST_CASE("resources need what requires says or what the cluster offers") {
  State state(cib({.resources = dummy("a") + dummy("b", meta("b", "requires", "quorum")) +
                                dummy("c", meta("c", "requires", "luck")) +
                                R"(<primitive id="f" class="stonith" type="fence_x"/>)"}));
  CHECK(state.resource("a").needs == model::Requires::kFencing);
  CHECK(state.resource("b").needs == model::Requires::kQuorum);
  CHECK(state.resource("c").needs == model::Requires::kFencing);
  CHECK(state.resource("f").needs == model::Requires::kQuorum);
  CHECK(state.said("Resetting 'requires' for c to 'fencing' because 'luck' is not valid"));
}

TEST_CASE("without fence devices start-up is disabled and said so") {
  State state(cib({.resources = dummy("a")}));
  CHECK(state.said("Resource start-up disabled since no fencing resources have been defined."));
}

TEST_CASE("a primitive with remote-node becomes the launcher of an implicit connection") {
  State state(
      cib({.options = kNoFencing, .resources = dummy("vm", meta("vm", "remote-node", "guest"))}));
  model::Resource& connection = state.resource("guest");
  CHECK(connection.connection_kind == model::ConnectionKind::kGuest);
  CHECK(connection.launcher == &state.resource("vm"));
  CHECK(state.node("guest").is_guest_or_bundle());
  CHECK(state.node("guest").attributes.get("#kind") == "container");
  CHECK(state.resource("vm").launched == std::vector<model::Resource*>{&connection});
}

TEST_CASE("a bundle's implicit resources are made replica by replica, the clone last") {
  State state(cib({.options = kNoFencing, .resources = kDocker}));
  std::string ids;
  for (const model::Resource* child : state.resource("web").children) {
    ids += std::string(child->id) + " ";
  }
  CHECK(ids ==
        "web-docker-0 web-ip-192.168.122.134 web-0 "
        "web-docker-1 web-ip-192.168.122.135 web-1 web-clone ");
  CHECK(state.score("httpd:0", "web-0") == 500);
  CHECK(state.resource("httpd:0").allowed.size() == 1);
  CHECK(state.node("web-1").is_bundle());
  CHECK(state.node("web-1").base_score == -kInfinity);
}

TEST_CASE("a bundle's container runs with the options existing clusters recorded") {
  State state(cib({.options = kNoFencing, .resources = kDocker}));
  const auto& parameters =
      scheduler::parameters_of(state.context, state.resource("web-docker-0"), nullptr);
  CHECK(parameters.get("run_opts") ==
        " --restart=no -h web-0 -e PCMK_stderr=1 -e PCMK_remote_port=3121 "
        "-v /etc/pacemaker/authkey:/etc/pacemaker/authkey "
        "-v /var/log/pacemaker/bundles/web-0:/var/log -p 192.168.122.134:3121:3121 "
        "--log-driver=journald  --add-host=web-0:192.168.122.134 "
        "--add-host=web-1:192.168.122.135");
  CHECK(parameters.get("mount_points") == "/var/log/pacemaker/bundles/web-0");
  CHECK(parameters.get("run_cmd") == "/usr/sbin/pacemaker-remoted");
}

TEST_CASE("a bundle without a way to control its primitive is invalid") {
  State state(cib({.options = kNoFencing, .resources = R"(<bundle id="b"><podman image="i"/>
                       <primitive id="p" class="ocf" type="D"/></bundle>)"}));
  CHECK(state.said("Cannot control b inside p without either ip-range-start or control-port"));
  CHECK_FALSE(state.exists("b"));
  CHECK_FALSE(state.exists("p:0"));
}

TEST_CASE("a bundle has no more replicas than what runs inside can have instances") {
  const std::string resources =
      R"(<bundle id="b"><podman image="i" replicas="3" replicas-per-host="3"/>
         <network ip-range-start="10.0.0.1"/>
         <primitive id="p" class="systemd" type="httpd"/></bundle>)";
  State state(cib({.options = kNoFencing,
                   .nodes = "<node id='1' uname='n1'/><node id='2' uname='n2'/>",
                   .resources = resources}));
  CHECK(state.resource("b").bundle->replicas == 2);
  CHECK(state.resource("b").bundle->replica_list.size() == 2);
  CHECK(state.snapshot.find_resource("b-podman-1") != nullptr);
  CHECK(state.snapshot.find_resource("b-podman-2") == nullptr);
  CHECK(state.said("Using 2 for replicas of b instead of 3 because b-clone has no more instances"));
}

TEST_CASE("tags of one ID add up") {
  State state(cib({.options = kNoFencing, .defaults = R"(<tags><tag id="t"><obj_ref id="a"/>
      <obj_ref id="b"/></tag><tag id="t"><obj_ref id="b"/><obj_ref id="c"/></tag></tags>)"}));
  CHECK(state.snapshot.tags.at("t").members == std::vector<std::string_view>{"a", "b", "c"});
}

TEST_CASE("in an asymmetric cluster only guest connections start with node entries") {
  State state(cib({.options = kNoFencing + option("symmetric-cluster", "false"),
                   .resources = dummy("a") + dummy("vm", meta("vm", "remote-node", "g"))}));
  CHECK(state.resource("a").allowed.empty());
  CHECK_FALSE(state.resource("g").allowed.empty());
}

TEST_CASE("a clone gets fewer instances than it asks for if no cluster could hold them") {
  const std::string resources =
      R"(<clone id="c"><meta_attributes id="m"><nvpair id="m1" name="clone-max" value="2000000000"/>
         <nvpair id="m2" name="globally-unique" value="true"/></meta_attributes>
         <group id="g"><primitive id="p" class="ocf" provider="pacemaker" type="Dummy"/>
         <primitive id="q" class="ocf" provider="pacemaker" type="Dummy"/></group></clone>
         <bundle id="b"><podman image="i" replicas="2000000000"/>
         <network ip-range-start="10.0.0.1"/></bundle>)";
  State state(
      cib({.options = kNoFencing, .nodes = "<node id='1' uname='n1'/>", .resources = resources}));
  CHECK(state.resource("c").children.size() == 6666);
  CHECK(state.resource("b").bundle->replicas == 1);
  CHECK(
      state.said("Using 6666 for clone-max of c instead of 2000000000 because all clones and "
                 "bundles together can have at most 20000 resources"));
}
