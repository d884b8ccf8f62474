#include "replica/subscribers.h"

#include <catch2/catch.hpp>

#include "messages/cib.h"
#include "replica/parts.h"
#include "replica/replica.h"

using namespace quorate;
using namespace quorate::replica;

namespace {

constexpr ClientId kClient = 1;
constexpr std::size_t kMiB = std::size_t{1} << 20;

/// Publishes a change with a patch of so many bytes.
void publish(Subscribers& subscribers, std::uint64_t position, std::size_t bytes,
             Effects& effects) {
  CibChange change;
  change.position = position;
  cib::ExtendedPatch patch;
  patch.text = std::string(bytes, 'x');
  subscribers.publish(change, patch, {}, effects);
}

/// Whether the subscriber was told to fetch everything anew.
bool resyncs(const Effects& effects) {
  for (const Effect& effect : effects) {
    const auto* reply = std::get_if<Reply>(&effect);
    if (reply == nullptr) continue;
    const auto message = decode_cib_server_message(reply->payload);
    if (message && std::holds_alternative<CibResync>(*message)) return true;
  }
  return false;
}

/// What of the document a subscriber is sent that wants this part of it.
std::string document_sent(Replica& replica, CibPart part) {
  Effects effects;
  const CibSubscribe subscribe{"test", false, part};
  replica.handle(ClientMessage{kClient, encode(subscribe)}, {}, effects);
  for (const Effect& effect : effects) {
    const auto* reply = std::get_if<Reply>(&effect);
    if (reply == nullptr) continue;
    const auto message = decode_cib_server_message(reply->payload);
    if (!message) continue;
    if (const auto* snapshot = std::get_if<CibSnapshot>(&*message)) return snapshot->document;
  }
  return "none";
}

}  // namespace

TEST_CASE("a subscriber is sent as much of the document as it wants") {
  ReplicaConfig config;
  config.node = 1;
  config.files = {{"cib.xml",
                   "<cib admin_epoch='0' epoch='1' num_updates='0' validate-with='pacemaker-4.0'>"
                   "<configuration><crm_config/><nodes/><resources/><constraints/>"
                   "</configuration><status/></cib>"}};
  Replica replica(config);
  Effects effects;
  PeerCredentials root;
  root.privileged = true;
  replica.handle(Started{}, {}, effects);
  replica.handle(ClientConnected{kClient, root}, {}, effects);
  const std::string whole = document_sent(replica, CibPart::kWhole);
  CHECK(whole == replica.cib().to_string());
  const std::string configuration = document_sent(replica, CibPart::kConfiguration);
  CHECK(configuration.find("<crm_config/>") != std::string::npos);
  CHECK(configuration.find("epoch=\"1\"") != std::string::npos);
  CHECK(document_sent(replica, CibPart::kNothing).empty());
}

TEST_CASE("controllers are sent histories, fencers what may matter for fencing") {
  const auto document = cib::Cib::parse(
      "<cib epoch='1'><configuration><crm_config><set id='s'/></crm_config><resources>"
      "<primitive id='web' class='ocf'><instance_attributes id='web-ia'/></primitive>"
      "<primitive id='db' class='ocf'><instance_attributes id='db-ia'/></primitive>"
      "<primitive id='power' class='stonith'><instance_attributes id-ref='db-ia'/></primitive>"
      "<primitive id='other' template='used'/>"
      "<group id='g'><primitive id='inner' class='ocf'/></group>"
      "<template id='used'/><template id='unused'/></resources>"
      "<constraints><rsc_location id='l'/></constraints><acls><acl_role id='r'/></acls>"
      "</configuration><status><node_state id='1' uname='n1'><lrm id='1'><lrm_rsc_op id='op'/>"
      "</lrm><transient_attributes id='t'/></node_state></status></cib>");
  REQUIRE(document);
  const auto has = [](const std::string& text, const std::string& id) {
    const auto parsed = xml::Document::parse(text);
    REQUIRE(parsed);
    bool found = false;
    xml::for_each_descendant(parsed->root(), [&](xml::Element e) { found |= e.id() == id; });
    return found;
  };
  const std::string fencing = fencing_part(*document);
  for (const char* id : {"s", "db", "power", "other", "g", "used", "l"}) {
    INFO(id);
    CHECK(has(fencing, id));
  }
  for (const char* id : {"web", "unused", "r", "op"}) CHECK_FALSE(has(fencing, id));
  const std::string history = history_part(*document);
  for (const char* id : {"s", "1", "op"}) CHECK(has(history, id));
  for (const char* id : {"web", "r", "t"}) CHECK_FALSE(has(history, id));
}

TEST_CASE("a change longer than what may be owed doesn't cost a subscriber the changes behind it") {
  Subscribers subscribers;
  subscribers.add(kClient, false);
  Effects effects;
  publish(subscribers, 1, 20 * kMiB, effects);
  for (std::uint64_t position = 2; position < 100; ++position) {
    publish(subscribers, position, 1000, effects);
  }
  CHECK(effects.size() == 99);
  CHECK_FALSE(resyncs(effects));
}

TEST_CASE("a subscriber that owes several long changes gets one resync") {
  Subscribers subscribers;
  subscribers.add(kClient, false);
  Effects effects;
  for (std::uint64_t position = 1; position < 20; ++position) {
    publish(subscribers, position, 10 * kMiB, effects);
  }
  CHECK(effects.size() == 4);
  CHECK(resyncs(effects));
}

TEST_CASE("of a long change each subscriber is sent what it wants of it") {
  Subscribers subscribers;
  subscribers.add(1, false);
  subscribers.add(2, false, LongChanges::kBeginning);
  subscribers.add(3, false, LongChanges::kRequest);
  OrderedRequest request;
  request.what.operation = cib::Operation::kModify;
  request.what.section = "resources";
  request.what.data = "<resources/>";
  cib::ExtendedPatch patch;
  patch.text = "<diff><change number=\"1\"/><change number=\"2\"/></diff>";
  patch.beginning = patch.text.find("<change number=\"2\"");
  patch.sections = {"resources"};
  const auto sent = [&] {
    Effects effects;
    subscribers.publish({}, patch, request, effects);
    std::map<ClientId, CibChange> changes;
    for (const Effect& effect : effects) {
      const auto& reply = std::get<Reply>(effect);
      changes[reply.client] = std::get<CibChange>(*decode_cib_server_message(reply.payload));
    }
    return changes;
  };
  auto changes = sent();
  CHECK(changes[1].patch == patch.text);
  CHECK(changes[1].sections.empty());
  CHECK(changes[2].patch == "<diff><change number=\"1\"/></diff>");
  CHECK(changes[2].sections == patch.sections);
  CHECK(changes[3].patch.empty());
  const auto repeated = decode_replica_message(changes[3].request);
  REQUIRE(repeated);
  CHECK(std::get<OrderedRequest>(*repeated).what.data == request.what.data);
  CHECK(subscribers.extent(request.what) == cib::PatchExtent::kWhole);

  SECTION("the whole patch is made only for those who need it") {
    subscribers.remove(1);
    CHECK(subscribers.extent(request.what) == cib::PatchExtent::kBeginning);
    request.what.options.xpath = true;
    CHECK(subscribers.extent(request.what) == cib::PatchExtent::kWhole);
    CHECK(sent()[3].patch == patch.text);
  }
  SECTION("a change that isn't only of sections of the configuration is sent as a whole") {
    patch.sections.clear();
    CHECK(sent()[2].patch == patch.text);
  }
  SECTION("a short one, too") {
    patch.beginning = 0;
    for (ClientId client = 1; client <= 3; ++client) CHECK(sent()[client].patch == patch.text);
  }
}

TEST_CASE("who doesn't want results is told of everything else") {
  Subscribers subscribers;
  subscribers.add(kClient, false, LongChanges::kPatch, true);
  const auto is_told = [&](const std::string& client, bool configuration) {
    CibChange change;
    change.client = client;
    change.configuration_changed = configuration;
    Effects effects;
    subscribers.publish(change, {}, {}, effects);
    return !effects.empty();
  };
  CHECK_FALSE(is_told("quorate-controller", false));
  CHECK(is_told("quorate-controller", true));
  CHECK(is_told("crm_resource", false));
}
