#include "messages/codec.h"

#include <catch2/catch.hpp>

#include "messages/attributes.h"
#include "messages/cib.h"
#include "messages/controller.h"
#include "messages/executor.h"
#include "messages/replica.h"

using namespace quorate;

namespace {

std::string why_refused(std::string_view text) {
  const auto decoded = decode_controller_request(text);
  return decoded ? std::string() : decoded.error().message;
}

}  // namespace

TEST_CASE("a message is one element: its fields as attributes, lists as elements in it") {
  ActionOrder order;
  order.to = 3;
  order.task = "start";
  order.resource = ResourceIdentity{"web", "", "ocf", "heartbeat", "apache", ""};
  order.parameters = {{"CRM_meta_timeout", "20000"}, {"path", "/a \"b\""}};
  CHECK(encode(ControllerMessage(order)) ==
        R"(<order protocol="1" to="3" task="start">)"
        R"(<primitive id="web" class="ocf" provider="heartbeat" type="apache"/>)"
        R"(<param name="CRM_meta_timeout" value="20000"/>)"
        R"(<param name="path" value="/a &quot;b&quot;"/></order>)");
  CHECK(encode(ControllerMessage(LeaveOut{7, {1, 2, 5}})) ==
        R"(<leave-out protocol="1" view="7" nodes="1 2 5"/>)");
}

TEST_CASE("documents travel as they are, whatever is in them") {
  StatePiece piece;
  static constexpr char kOdd[] = "</content></replica-piece><a b=\"\x00\xff\xc3";
  piece.content = std::string(kOdd, sizeof(kOdd) - 1);
  const auto back = decode_replica_message(encode(ReplicaMessage(piece)));
  REQUIRE(back);
  CHECK(std::get<StatePiece>(*back).content == piece.content);
  CHECK(encode(CibSnapshot{4, {0, 1, 2}, "<cib/>"}) ==
        R"(<cib-snapshot protocol="1" position="4" version="0.1.2">)"
        R"(<document bytes="6"><cib/></document></cib-snapshot>)");
}

TEST_CASE("errors name the message, the field and what is allowed") {
  CHECK(why_refused("<controller-request protocol=\"1\" kind=\"no\"/>") ==
        "message 'controller-request' refused: field 'kind' is 'no'; allowed: status, dc, nodes, "
        "node-info, forget-node, wait-idle, history");
  CHECK(why_refused("<controller-request protocol=\"1\" kind=\"history\"/>") ==
        "message 'controller-request' refused: field 'wish' is missing");
  CHECK(why_refused("<controller-request protocol=\"1\" kind=\"history\"><wish kind=\"x\"/>"
                    "</controller-request>") ==
        "message 'controller-request' refused: field 'kind' of 'wish' is 'x'; allowed: refresh, "
        "refresh-cib, clear-failures, fail, reprobe");
  CHECK(why_refused("<hello protocol=\"1\"/>") ==
        "message 'hello' refused: it isn't a request to a controller");
  CHECK(why_refused("<controller-request protocol=\"2\"/>") ==
        "message 'controller-request' refused: protocol '2', this program speaks 1");
  const auto request = decode_cib_client_message("<cib-request protocol=\"1\" operation=\"x\"/>");
  REQUIRE_FALSE(request);
  CHECK(request.error().kind == ErrorKind::kUnsupported);
  CHECK(request.error().message ==
        "message 'cib-request' refused: field 'operation' is 'x', which is unknown");
}

TEST_CASE("what a later version adds is ignored, and either quote will do") {
  const auto order = decode_controller_message(
      "<order new='1' protocol='1' task='stop' to='2'>\n <newer><deep a='b'/></newer>"
      "<param value='v' name='n'/><text>hm</text>\n</order>");
  REQUIRE(order);
  const auto& got = std::get<ActionOrder>(*order);
  CHECK(got.to == 2);
  CHECK(got.task == "stop");
  CHECK(got.parameters == std::vector<std::pair<std::string, std::string>>{{"n", "v"}});
}

TEST_CASE("a message cut anywhere is refused") {
  executor::ActionEnded ended;
  ended.resource = "web & more";
  ended.output = "two\nlines";
  ended.parameters = {{"a", "<b>"}};
  JoinReport report;
  report.lrm = "<lrm/>";
  report.running = {{"n1", "web_start_0", "1:2:0:x"}};
  const std::string whole = executor::encode(executor::Answer(ended));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(executor::decode_answer(whole.substr(0, length)));
  }
  const std::string with_document = encode(ControllerMessage(report));
  for (std::size_t length = 0; length < with_document.size(); ++length) {
    CHECK_FALSE(decode_controller_message(with_document.substr(0, length)));
  }
}

TEST_CASE("depth, fields and lengths are bounded") {
  const auto refused = [](const std::string& inside, const std::string& fields = {}) {
    return !codec::open("<a protocol=\"1\"" + fields + ">" + inside + "</a>", codec::kMaxBytes);
  };
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "<b>";
    for (int i = 0; i < depth; ++i) text += "</b>";
    return text;
  };
  CHECK_FALSE(refused(nested(codec::kMaxDepth - 1)));
  CHECK(refused(nested(codec::kMaxDepth)));
  CHECK(refused(nested(100'000)));
  std::string fields;
  for (std::size_t i = 0; i < codec::kMaxFieldsOfElement; ++i) fields += " f=\"\"";
  CHECK(refused("", fields));
  CHECK_FALSE(refused("", fields.substr(5)));
  CHECK_FALSE(refused("<d bytes=\"2\"><<</d>"));
  for (const char* bytes : {"3", "1", "99999999999999999999", "-1", "", "x", "2x"}) {
    INFO(bytes);
    CHECK(refused("<d bytes=\"" + std::string(bytes) + "\"><<</d>"));
  }
  CHECK(refused("text<b/>"));
  CHECK(refused("<b/>text"));
  CHECK(refused("<!-- -->"));
  CHECK(refused("<![CDATA[x]]>"));
  CHECK(refused("<?x?>"));
  CHECK(refused("<b></c>"));
  CHECK_FALSE(codec::open("<!DOCTYPE a><a protocol=\"1\"/>", codec::kMaxBytes));
  CHECK_FALSE(codec::open("<a protocol=\"1\"/>", 10));
}

TEST_CASE("text out of a message can always go into a document") {
  const auto answer = [](const std::string& reason) {
    const auto got =
        decode_controller_message("<answer protocol=\"1\" reason=\"" + reason + "\"/>");
    return got ? std::get<ActionAnswer>(*got).reason : "refused";
  };
  CHECK(answer("a\x01\xff&#x1F;b") == "a???b");
  CHECK(answer("&#xA;&#x9;&#xD;") == "\n\t\r");
  CHECK(answer("\u00e4&lt;&apos;") == "\u00e4<'");
  for (const char* bad : {"&", "&;", "&amp", "&auml;", "&#10;", "&#x;", "&#x110000;", "&#xFF;",
                          "&aaaaaaaaaaaaaaaaaaaaaaaaa;"}) {
    INFO(bad);
    CHECK(answer(bad) == "refused");
  }
}

TEST_CASE("numbers are read if their type holds them, or kept in bounds") {
  const auto limit = [](const std::string& level) {
    const auto got =
        decode_controller_message("<job-limit protocol=\"1\" level=\"" + level + "\"/>");
    REQUIRE(got);
    return std::get<JobLimit>(*got).level;
  };
  CHECK(limit("-2147483648") == std::numeric_limits<int>::min());
  CHECK(limit("2147483647") == std::numeric_limits<int>::max());
  CHECK(limit("2147483648") == 0);
  CHECK(limit("-2147483649") == 0);
  CHECK(limit("-99999999999999999999") == 0);
  for (const char* odd : {"", "-", "--1", "+1", " 1", "1 ", "1x", "0x1"}) {
    INFO(odd);
    CHECK(limit(odd) == 0);
  }
}
