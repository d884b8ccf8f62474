#include "replica/subscribers.h"

#include <catch2/catch.hpp>

#include "messages/cib.h"
#include "replica/replica.h"

using namespace quorate;
using namespace quorate::replica;

namespace {

constexpr ClientId kClient = 1;
constexpr std::size_t kMiB = std::size_t{1} << 20;

CibChange change_of(std::uint64_t position, std::size_t bytes) {
  CibChange change;
  change.position = position;
  change.patch = std::string(bytes, 'x');
  return change;
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

TEST_CASE("a change longer than what may be owed doesn't cost a subscriber the changes behind it") {
  Subscribers subscribers;
  subscribers.add(kClient, false);
  Effects effects;
  subscribers.publish(change_of(1, 20 * kMiB), effects);
  for (std::uint64_t position = 2; position < 100; ++position) {
    subscribers.publish(change_of(position, 1000), effects);
  }
  CHECK(effects.size() == 99);
  CHECK_FALSE(resyncs(effects));
}

TEST_CASE("a subscriber that owes several long changes gets one resync") {
  Subscribers subscribers;
  subscribers.add(kClient, false);
  Effects effects;
  for (std::uint64_t position = 1; position < 20; ++position) {
    subscribers.publish(change_of(position, 10 * kMiB), effects);
  }
  CHECK(effects.size() == 4);
  CHECK(resyncs(effects));
}
