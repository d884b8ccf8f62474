#include "messages/cib.h"

#include <catch2/catch.hpp>

#include "cib/prepared.h"
#include "messages/codec.h"

using namespace quorate;

TEST_CASE("a CIB request comes back as it was encoded, whatever its text holds") {
  CibRequest request;
  request.id = 7;
  request.session = "s\"<&>\n\x01";
  request.client = "cibadmin";
  request.user = "fred";
  request.what.operation = cib::Operation::kModify;
  request.what.section = "//primitive[@id=\"a\" and @x>'1']";
  request.what.options.xpath = true;
  request.what.options.score_update = true;
  request.what.data = "<primitive id=\"a\"/>";
  const auto decoded = decode_cib_client_message(encode(request));
  REQUIRE(decoded);
  const auto& back = std::get<CibRequest>(*decoded);
  CHECK(back.session == request.session);
  CHECK(back.what.section == request.what.section);
  CHECK(back.what.options == request.what.options);
  CHECK(back.what.data == request.what.data);
  CHECK(back.user == "fred");
}

TEST_CASE("replies, changes, snapshots and views come back as they were encoded") {
  CibReply reply;
  reply.id = 3;
  reply.code = cib::Code::kExists;
  reply.position = 12;
  reply.version = {1, 2, 3};
  reply.durability = Durability::kApplied;
  reply.message = "primitive 'r1' exists";
  reply.data = "<failed/>";
  const auto back = decode_cib_server_message(encode(reply));
  REQUIRE(back);
  CHECK(std::get<CibReply>(*back).code == cib::Code::kExists);
  CHECK(std::get<CibReply>(*back).version == cib::Version{1, 2, 3});
  CHECK(std::get<CibReply>(*back).durability == Durability::kApplied);
  CHECK(std::get<CibReply>(*back).data == "<failed/>");
  const auto view = decode_cib_server_message(encode(CibView{4, 9, {1, 2, 5}, true}));
  REQUIRE(view);
  CHECK(std::get<CibView>(*view).members == std::vector<NodeNumber>{1, 2, 5});
  CHECK(std::get<CibView>(*view).in_sync);
}

TEST_CASE("text that is no envelope is refused with a reason") {
  for (const char* text :
       {"", "x", "<", "<a", "<a b>", "<a b=\"1>", "<a b=\"&bad;\"/>", "<a protocol=\"1\">",
        "<a protocol=\"1\">x</b>", "<a protocol=\"1\"/>x", "<a protocol=\"2\"/>", "<a/>"}) {
    INFO(text);
    const auto opened = codec::open(text, codec::kMaxBytes);
    REQUIRE_FALSE(opened);
    CHECK_FALSE(opened.error().message.empty());
  }
  CHECK_FALSE(decode_cib_client_message("<other protocol=\"1\"/>"));
  CHECK(codec::message_name("<cib-request x") == "cib-request");
}

TEST_CASE("a transaction's requests come back in order; queries can't be in one") {
  std::vector<cib::Request> requests(2);
  requests[0].operation = cib::Operation::kCreate;
  requests[0].section = "resources";
  requests[0].data = "<primitive id=\"a\"/>";
  requests[1].operation = cib::Operation::kDelete;
  requests[1].section = "//x[@y=\"1\"]";
  requests[1].options.xpath = true;
  const auto transaction = [&] {
    cib::Request whole;
    whole.operation = cib::Operation::kTransaction;
    whole.data = cib::encode_transaction(requests);
    return cib::Prepared(whole);
  };
  const cib::Prepared back = transaction();
  REQUIRE(back.steps().size() == 2);
  CHECK(back.steps()[0].input.to_string() == "<primitive id=\"a\"/>");
  CHECK(back.steps()[1].section == requests[1].section);
  CHECK(back.steps()[1].options.xpath);
  requests[0].operation = cib::Operation::kQuery;
  REQUIRE(transaction().failure());
  CHECK(transaction().failure()->code == cib::Code::kNotSupported);
  CHECK(transaction().steps().empty());
}
