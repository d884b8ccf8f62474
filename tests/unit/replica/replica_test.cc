#include "replica/replica.h"

#include <catch2/catch.hpp>

#include "group.h"

using namespace quorate;
using namespace quorate::replica;
using namespace quorate::replica::test;

namespace {

cib::Request create(const std::string& id) {
  cib::Request request;
  request.operation = cib::Operation::kCreate;
  request.section = "crm_config";
  request.data = "<cluster_property_set id=\"" + id + "\"/>";
  return request;
}
cib::Request set_status(const std::string& id, const std::string& value) {
  cib::Request request;
  request.operation = cib::Operation::kModify;
  request.section = "status";
  request.options.may_create = true;
  request.data = "<node_state id=\"" + id + "\" uname=\"" + value + "\"/>";
  return request;
}
bool holds(Group& group, NodeNumber number, const std::string& id) {
  return static_cast<bool>(group.replica(number).cib().find(group.replica(number).cib().root(),
                                                            "cluster_property_set", id));
}
class CountingValidator : public cib::Validator {
 public:
  mutable int count = 0;
  std::vector<std::string> complaints(xml::Element) const override {
    ++count;
    return {};
  }
  Result<xml::Document> upgrade(xml::Element cib, std::string_view) const override {
    return xml::Document::copy_of(cib);
  }
  std::string highest_schema() const override { return "pacemaker-4.0"; }
};
void start_all(Group& group) {
  for (NodeNumber number = 1; number <= group.size(); ++number) group.start(number);
  group.heal();
  group.drain();
}

}  // namespace

TEST_CASE("a change is applied everywhere and durable once a majority and the DC have synced it") {
  Group group(3, 1);
  start_all(group);
  group.hold_writes = true;
  const auto id = group.ask(2, create("a"));
  group.drain();
  for (NodeNumber number = 1; number <= 3; ++number) CHECK(holds(group, number, "a"));
  CHECK(group.reply(2, id) == nullptr);
  group.hold_writes = false;
  group.drain();
  REQUIRE(group.reply(2, id) != nullptr);
  CHECK(group.reply(2, id)->code == cib::Code::kOk);
  CHECK(group.reply(2, id)->durability == Durability::kDurable);
  CHECK(group.shadow_digest(1) == group.shadow_digest(3));
}

TEST_CASE("what one replica has validated the others needn't, if they hold the same") {
  CountingValidator validator;
  Group group(3, 1, &validator);
  start_all(group);
  const auto validated = [&](const cib::Request& request) {
    const int before = validator.count;
    const auto id = group.ask(2, request);
    group.settle();
    CHECK(group.reply(2, id)->code == cib::Code::kOk);
    return validator.count - before;
  };
  CHECK(validated(create("a")) == 1);
  CHECK(validated(set_status("1", "x")) == 0);
  CHECK(validated(create("b")) == 1);
  for (NodeNumber number = 1; number <= 3; ++number) CHECK(holds(group, number, "b"));

  // An XPath may lead somewhere else on a replica with another status.
  cib::Request by_xpath;
  by_xpath.operation = cib::Operation::kDelete;
  by_xpath.section = "//cluster_property_set[@id='b']";
  by_xpath.options.xpath = true;
  CHECK(validated(by_xpath) == 4);

  // Two at once: the second was judged for a configuration that isn't there any more.
  const int before = validator.count;
  group.ask(1, create("c"));
  group.ask(3, create("d"));
  group.settle();
  for (NodeNumber number = 1; number <= 3; ++number) CHECK(holds(group, number, "d"));
  CHECK(validator.count - before == 2 + 3);
}

TEST_CASE("without quorum a change is applied, and said to be superseded perhaps") {
  Group group(3, 2);
  start_all(group);
  group.partition({{1}, {2, 3}});
  group.drain();
  const auto id = group.ask(1, create("alone"));
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->durability == Durability::kApplied);
}

TEST_CASE("a status change is answered when applied and never stored") {
  Group group(3, 3);
  start_all(group);
  const auto before = group.node(1).disk.at("cib.xml");
  const auto id = group.ask(1, set_status("1", "x"));
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->durability == Durability::kNotStored);
  CHECK(group.node(1).disk.at("cib.xml") == before);
  CHECK(before.find("status") == std::string::npos);
}

TEST_CASE("what a quorate partition did beats any number of changes made without quorum") {
  Group group(3, 4);
  start_all(group);
  group.ask(1, create("common"));
  group.settle(2);
  group.partition({{1}, {2, 3}});
  group.drain();
  for (int i = 0; i < 20; ++i) group.ask(1, create("minority" + std::to_string(i)));
  group.ask(2, create("majority"));
  group.drain();
  group.heal();
  group.settle(2);
  for (NodeNumber number = 1; number <= 3; ++number) {
    CHECK(holds(group, number, "majority"));
    CHECK(holds(group, number, "common"));
    CHECK_FALSE(holds(group, number, "minority3"));
  }
  CHECK(group.node(1).disk.count("cib.replaced-1.xml") == 1);
  CHECK(group.differences() == "");
  CHECK(group.shadow_digest(1) == group.shadow_digest(2));
  CHECK(group.node(1).resyncs > 0);
}

TEST_CASE("changes of status the DC's controller hasn't confirmed don't hold up what is durable") {
  Group group(3, 8);
  start_all(group);
  group.ask(1, set_status("1", "before"));
  group.drain();
  cib::Request transaction;
  transaction.operation = cib::Operation::kTransaction;
  transaction.data = cib::encode_transaction({set_status("1", "x"), create("a")});
  const auto id = group.ask(1, transaction);
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->durability == Durability::kDurable);
}

TEST_CASE("a transaction that changes only status isn't stored") {
  Group group(3, 8);
  start_all(group);
  cib::Request transaction;
  transaction.operation = cib::Operation::kTransaction;
  transaction.data = cib::encode_transaction({set_status("1", "x"), set_status("2", "y")});
  const auto id = group.ask(1, transaction);
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->durability == Durability::kNotStored);
}

TEST_CASE("quorum lost and won again in one view: what comes then is durable again") {
  Group group(3, 9);
  start_all(group);
  const auto lineage = group.replica(2).lineage();
  CibClusterFact fact;
  fact.view = group.node(1).view;
  fact.dc = 1;
  fact.configured_nodes = 3;
  for (const bool quorate : {false, true}) {
    fact.quorate = quorate;
    group.handle(group.node(1), ClientMessage{1, encode(fact)});
    group.drain();
  }
  CHECK(group.replica(2).lineage() == lineage + 1);
  const auto id = group.ask(2, create("again"));
  group.drain();
  REQUIRE(group.reply(2, id) != nullptr);
  CHECK(group.reply(2, id)->durability == Durability::kDurable);
}

TEST_CASE("a lineage counts only once a majority has its proposal on disk") {
  Group group(3, 10);
  start_all(group);
  const auto lineage = group.replica(1).lineage();
  group.hold_writes = true;
  group.partition({{1, 2}, {3}});
  group.drain();
  for (const NodeNumber number : {1U, 2U}) CHECK(group.replica(number).lineage() == lineage);
  group.hold_writes = false;
  group.drain();
  for (const NodeNumber number : {1U, 2U}) CHECK(group.replica(number).lineage() > lineage);
  CHECK(group.replica(3).lineage() == lineage);
}

TEST_CASE("a write that changes nothing is answered with a position that subscribers hear of") {
  Group group(3, 4);
  start_all(group);
  group.ask(1, set_status("1", "x"));
  group.drain();
  const std::uint64_t heard = group.node(1).last_change;
  REQUIRE(heard > 0);
  // The same once more, several times: each takes a place in the order, none is a change.
  std::uint64_t id = 0;
  for (int i = 0; i < 3; ++i) id = group.ask(1, set_status("1", "x"));
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->code == cib::Code::kOk);
  CHECK(group.reply(1, id)->position == heard);
  // The next change has a later one, and its answer that very one.
  id = group.ask(1, set_status("1", "y"));
  group.drain();
  CHECK(group.node(1).last_change > heard);
  CHECK(group.reply(1, id)->position == group.node(1).last_change);
}

TEST_CASE("a repeated request is applied once and answered with the first result") {
  Group group(3, 5);
  start_all(group);
  group.ask(1, create("a"), "tool-77", 5);
  group.drain();
  const auto order = group.replica(2).order();
  group.ask(2, create("a"), "tool-77", 5);
  group.settle(1);
  REQUIRE(group.reply(2, 5) != nullptr);
  CHECK(group.reply(2, 5)->code == cib::Code::kOk);
  CHECK(group.reply(2, 5)->durability == Durability::kDurable);
  CHECK(group.replica(2).order() == order);
  const auto other = group.ask(2, create("a"), "tool-78", 5);
  group.drain();
  CHECK(group.node(2).replies.back().id == other);
  CHECK(group.node(2).replies.back().code == cib::Code::kExists);
}

TEST_CASE("a request that needs the one before it waits for that") {
  Group group(3, 6);
  start_all(group);
  cib::Request inner;
  inner.operation = cib::Operation::kModify;
  inner.data = "<cluster_property_set id='s' score='5'/>";
  group.ask(1, create("s"));
  const auto second = group.ask(1, inner);
  group.settle(1);
  REQUIRE(group.reply(1, second) != nullptr);
  CHECK(group.reply(1, second)->code == cib::Code::kOk);
}

TEST_CASE("a joiner with a newer configuration gives its configuration, the status stays") {
  Group group(3, 7);
  start_all(group);
  group.settle(1);
  group.crash(3);
  group.drain();
  group.ask(1, set_status("1", "kept"));
  group.drain();
  // The administrator raises admin_epoch in the file of the stopped node, and removes the digests.
  std::string& file = group.node(3).disk["cib.xml"];
  file.replace(file.find("admin_epoch=\"0\""), 15, "admin_epoch=\"7\"");
  file.replace(file.find("<crm_config/>"), 13,
               "<crm_config><cluster_property_set id=\"fromfile\"/></crm_config>");
  for (auto at = group.node(3).disk.begin(); at != group.node(3).disk.end();) {
    const bool keep = at->first == "cib.xml";
    at = keep ? std::next(at) : group.node(3).disk.erase(at);
  }
  group.start(3);
  group.heal();
  group.settle(2);
  for (NodeNumber number = 1; number <= 3; ++number) {
    CHECK(holds(group, number, "fromfile"));
    CHECK(group.replica(number).cib().version().admin_epoch == 7);
    CHECK(group.replica(number).cib().status().first_child("node_state").get("uname") == "kept");
  }
  CHECK(group.differences() == "");
}

TEST_CASE("a restarted node gets what it missed and counts again only then") {
  Group group(3, 8);
  start_all(group);
  group.settle(1);
  group.crash(2);
  group.drain();
  for (int i = 0; i < 2000; ++i) group.ask(1, set_status(std::to_string(i), std::string(100, 'x')));
  const auto id = group.ask(1, create("later"));
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->durability == Durability::kDurable);
  group.start(2);
  group.heal();
  for (int i = 0; i < 10; ++i) {
    group.ask(1, create("during" + std::to_string(i)));
    for (int s = 0; s < 5; ++s) group.step();
  }
  group.settle(2);
  CHECK(group.replica(2).in_sync());
  CHECK(holds(group, 2, "later"));
  CHECK(holds(group, 2, "during9"));
  CHECK(group.document(2) == group.document(1));
  CHECK(group.shadow_digest(2) == group.shadow_digest(1));
}

TEST_CASE("a large copy is sent to a joiner when what the new view calls for is done") {
  Group group(3, 11);
  start_all(group);
  group.settle(1);
  std::string large = "<status><node_state id='9' uname='former'>";
  for (int i = 0; i < 20'000; ++i) large += "<e id='e" + std::to_string(i) + "'/>";
  cib::Request request;
  request.operation = cib::Operation::kModify;
  request.options.may_create = true;
  request.section = "status";
  request.data = large + "</node_state></status>";
  group.ask(1, request);
  group.settle(1);
  group.crash(2);
  group.drain();
  group.start(2);
  group.heal();
  group.drain();
  CHECK(group.replica(1).in_sync());
  CHECK_FALSE(group.replica(1).is_transferring());
  CHECK_FALSE(group.replica(2).in_sync());
  const auto id = group.ask(1, create("first"));
  group.drain();
  REQUIRE(group.reply(1, id) != nullptr);
  CHECK(group.reply(1, id)->code == cib::Code::kOk);
  SECTION("after a second") {
    group.pass(1'000);
    group.drain();
  }
  SECTION("also if the view has changed again meanwhile") {
    group.pass(600);
    group.crash(3);
    group.drain();
    group.pass(600);
    group.drain();
    CHECK_FALSE(group.replica(2).in_sync());
    group.pass(400);
    group.drain();
  }
  CHECK(group.replica(2).in_sync());
  CHECK(holds(group, 2, "first"));
  CHECK(group.document(2) == group.document(1));
  CHECK(group.differences() == "");
}

TEST_CASE("a damaged file is reported, set aside, and the newest that is whole used") {
  const bool crashed = GENERATE(false, true);
  CAPTURE(crashed);
  Group group(1, 9);
  group.start(1);
  group.drain();
  group.ask(1, create("first"));
  group.settle(1);
  group.ask(1, create("second"));
  group.settle(1);
  if (!crashed) group.handle(group.node(1), ShutdownRequested{});
  group.drain();
  group.crash(1);
  std::string& file = group.node(1).disk["cib.xml"];
  file[file.size() / 2] = '!';
  group.node(1).log.clear();
  group.start(1);
  group.drain();
  CHECK(holds(group, 1, "first"));
  CHECK(holds(group, 1, "second") == crashed);
  REQUIRE_FALSE(group.node(1).log.empty());
  CHECK(group.node(1).log[0].find("cib.xml") != std::string::npos);
  CHECK(group.node(1).disk.count("cib.damaged.xml") == 1);
}

TEST_CASE(
    "a change is on disk with one write, cib.xml follows when changes pause or go on for long") {
  Group group(1, 10);
  group.start(1);
  group.settle(2);
  const auto in_file = [&](const char* id) {
    return group.node(1).disk.at("cib.xml").find(id) != std::string::npos;
  };
  group.hold_writes = true;
  group.ask(1, create("first"));
  group.drain();
  REQUIRE(group.node(1).writes.size() == 1);
  CHECK(group.node(1).writes.front().how == WriteFile::How::kInPlace);
  group.hold_writes = false;
  group.drain();
  CHECK_FALSE(in_file("\"first\""));
  group.settle(1);
  CHECK(in_file("\"first\""));
  for (int i = 0; i < 25; ++i) {
    group.ask(1, create("more" + std::to_string(i)));
    group.drain();
    group.pass(500);
  }
  CHECK(in_file("\"more0\""));
  CHECK_FALSE(in_file("\"more24\""));
}

TEST_CASE("a node that has been stopped leaves all in cib.xml, for who replaces it to see") {
  Group group(1, 10);
  group.start(1);
  group.drain();
  group.ask(1, create("first"));
  group.drain();
  group.handle(group.node(1), ShutdownRequested{});
  group.drain();
  const auto& disk = group.node(1).disk;
  CHECK(disk.at("cib.xml").find("\"first\"") != std::string::npos);
  for (const char* name : {"cib.latest.0", "cib.latest.1"}) {
    CHECK(replica::load({{name, disk.at(name)}}).from.empty());
  }
}

/// What is told without parsing is what a replica starts with.
template <class Disk>
void check_newest_in_place(const Disk& disk) {
  std::vector<replica::StoredFile> files;
  for (const auto& [name, content] : disk) files.push_back({name, content});
  const auto newest = replica::newest_in_place(files);
  REQUIRE(newest);
  const auto loaded = replica::load(files);
  REQUIRE(loaded.cib);
  CHECK(newest->proposed == loaded.proposed);
  const auto document = cib::Cib::parse(newest->document);
  REQUIRE(document);
  CHECK(document->configuration().to_string() == loaded.cib->configuration().to_string());
}

TEST_CASE("a crash while a file is written in place loses neither version") {
  for (int parts = 0; parts <= 8; ++parts) {
    Group group(1, 10);
    group.start(1);
    group.settle(2);
    for (const char* id : {"zero", "first", "second"}) {
      group.ask(1, create(id));
      group.drain();
    }
    group.hold_writes = true;
    group.ask(1, create("third"));
    group.drain();
    REQUIRE(group.node(1).writes.size() == 1);
    const WriteFile write = group.node(1).writes.front();
    std::string& file = group.node(1).disk[write.name];
    REQUIRE(file.size() > 100);
    const std::size_t cut = write.content.size() * static_cast<std::size_t>(parts) / 8;
    // The end of the write may reach the disk before its beginning.
    if (parts % 2 == 0) {
      file = write.content.substr(0, cut) + file.substr(std::min(cut, file.size()));
    } else {
      file = file.substr(0, std::min(cut, file.size())) + write.content.substr(cut);
    }
    group.crash(1);
    group.hold_writes = false;
    INFO("after " << parts << " parts of 8");
    check_newest_in_place(group.node(1).disk);
    group.start(1);
    group.drain();
    for (const char* id : {"zero", "first", "second"}) CHECK(holds(group, 1, id));
    if (parts == 8) CHECK(holds(group, 1, "third"));
    CHECK(group.node(1).disk.count("cib.damaged.xml") == 0);
  }
}

TEST_CASE("a crash between the files of one write loses nothing") {
  for (std::size_t stop = 0; stop < 4; ++stop) {
    Group group(1, 10);
    group.start(1);
    group.drain();
    group.ask(1, create("first"));
    group.settle(1);
    group.ask(1, create("second"));
    group.drain();
    group.hold_writes = true;
    group.pass(1000);
    group.drain();
    REQUIRE(group.node(1).writes.size() == 3);
    while (group.node(1).writes.size() > 3 - stop) {
      const WriteFile& write = group.node(1).writes.front();
      if (write.keep > 0) group.node(1).disk[write.name + ".1"] = group.node(1).disk[write.name];
      group.node(1).disk[write.name] = write.content;
      group.node(1).writes.pop_front();
    }
    group.crash(1);
    group.hold_writes = false;
    group.node(1).log.clear();
    group.start(1);
    group.drain();
    INFO("stopped after " << stop << " files");
    CHECK(holds(group, 1, "first"));
    CHECK(holds(group, 1, "second"));
    CHECK(group.node(1).disk.count("cib.damaged.xml") == 0);
  }
}

TEST_CASE("a subscriber that doesn't keep up is sent one resync instead of the backlog") {
  Group group(1, 11);
  group.start(1);
  group.drain();
  Group::Node& node = group.node(1);
  std::size_t changes = 0;
  std::size_t resyncs = 0;
  for (int i = 0; i < 1500; ++i) {
    group.ask(1, set_status("s" + std::to_string(i), "x"));
    while (group.step() && node.heard.empty()) {
    }
    for (const auto& message : node.heard) {
      changes += std::holds_alternative<CibChange>(message) ? 1 : 0;
      resyncs += std::holds_alternative<CibResync>(message) ? 1 : 0;
    }
    node.heard.clear();
  }
  CHECK(changes <= 1000);
  CHECK(resyncs == 1);
}

TEST_CASE("messages nobody should send are survived") {
  Group group(2, 12);
  start_all(group);
  const std::string before = group.document(1);
  for (const char* text :
       {"", "<", "<replica-report protocol=\"1\"/>", "<replica-piece protocol=\"1\"/>",
        "<replica-request protocol=\"1\" operation=\"cib_modify\">x</replica-request>",
        "<cib-request protocol=\"1\"/>"}) {
    group.handle(group.node(1), Delivered{99, 2, text});
    group.handle(group.node(1), FileWritten{12345, true, {}});
    group.handle(group.node(1), ClientMessage{77, text});
  }
  CHECK(group.document(1) == before);
}

TEST_CASE("whoever subscribes late is told a position that others have heard of, too") {
  Group group(1, 10);
  group.start(1);
  group.settle(2);
  group.ask(1, create("first"));
  group.settle(2);
  // A new proposal takes a place in the order, but nobody who follows the CIB hears of it.
  Group::Node& node = group.node(1);
  for (const bool quorate : {false, true}) {
    group.handle(node, ClientMessage{1, encode(CibClusterFact{node.view, quorate, 1, 1})});
    group.drain();
  }
  REQUIRE(node.replica->order() > node.last_change);

  Effects effects;
  PeerCredentials root;
  root.privileged = true;
  node.replica->handle(ClientConnected{9, root}, {}, effects);
  node.replica->handle(ClientMessage{9, encode(CibSubscribe{"late", false})}, {}, effects);
  std::vector<CibSnapshot> snapshots;
  for (const Effect& effect : effects) {
    const auto* reply = std::get_if<Reply>(&effect);
    if (reply == nullptr || reply->client != 9) continue;
    const auto message = decode_cib_server_message(reply->payload);
    REQUIRE(message);
    if (const auto* snapshot = std::get_if<CibSnapshot>(&*message)) snapshots.push_back(*snapshot);
  }
  REQUIRE(snapshots.size() == 1);
  CHECK(snapshots[0].position == node.last_change);
}

TEST_CASE("a request asked for again after a restart from disk isn't applied again") {
  // Taken literally the first time, counted from then on.
  cib::Request counting;
  counting.operation = cib::Operation::kModify;
  counting.section = "crm_config";
  counting.options.may_create = true;
  counting.options.score_update = true;
  counting.data =
      "<crm_config><cluster_property_set id='s'><nvpair id='n' name='n' value='value++'/>"
      "</cluster_property_set></crm_config>";
  for (const bool paused : {false, true}) {
    INFO((paused ? "from cib.xml" : "from the file in place"));
    Group group(1, 10);
    group.start(1);
    group.settle(2);
    group.ask(1, counting, "session", 7);
    group.drain();
    if (paused) group.settle(20);
    group.crash(1);
    group.start(1);
    group.settle(2);
    REQUIRE(group.document(1).find("\"value++\"") != std::string::npos);
    group.ask(1, counting, "session", 7);
    group.settle(2);
    CHECK(group.document(1).find("\"value++\"") != std::string::npos);
  }
}
