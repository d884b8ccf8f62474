#include "cib/patch.h"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "cib/digest.h"
#include "support.h"

using namespace quorate;
using namespace quorate::cib;
using namespace quorate::cib::test;

namespace {

std::string diff_text(const char* from, const char* to) {
  const auto a = xml::Document::parse(from);
  const auto b = xml::Document::parse(to);
  return *diff(a->root(), b->root());
}

/// A subtree with ids unique among siblings, as a CIB has them.
void grow(xml::Element parent, int depth, const std::string& prefix) {
  const int count = *rc::gen::inRange(0, 5);
  for (int i = 0; i < count; ++i) {
    const int pick = *rc::gen::inRange(0, 8);
    if (*rc::gen::inRange(0, 8) == 0) {
      xml::add_comment(parent, "c" + std::to_string(pick));
      continue;
    }
    const std::string id = prefix + std::to_string(pick);
    bool taken = false;
    for (const xml::Element sibling : xml::children(parent)) taken = taken || sibling.id() == id;
    if (taken) continue;
    xml::Element child = parent.add("e");
    child.set("id", id);
    for (int a = *rc::gen::inRange(0, 4); a > 0; --a) {
      child.set("a" + std::to_string(*rc::gen::inRange(0, 4)),
                std::to_string(*rc::gen::inRange(0, 3)));
    }
    if (depth > 0) grow(child, depth - 1, id);
  }
}

xml::Document random_cib() {
  xml::Document document = xml::Document::with_root("cib");
  xml::Element root = document.root();
  for (const auto& [name, value] : xml::AttributeList{{"validate-with", "pacemaker-4.0"},
                                                      {"admin_epoch", "0"},
                                                      {"epoch", "1"},
                                                      {"num_updates", "0"}}) {
    root.set(name, value);
  }
  grow(root.add("configuration").add("resources"), 2, "r");
  grow(root.add("status"), 2, "s");
  return document;
}

Request random_request() {
  const std::string id =
      std::string(1, *rc::gen::element('r', 's')) + std::to_string(*rc::gen::inRange(0, 8));
  const std::string value = std::to_string(*rc::gen::inRange(0, 3));
  const std::string inner = *rc::gen::inRange(0, 2) == 0 ? "" : "<e id='" + id + "1' a1='9'/>";
  const std::string element = "<e id='" + id + "' a2='" + value + "'>" + inner + "</e>";
  CallOptions options;
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return request(Operation::kCreate, "resources", element);
    case 1:
      options.may_create = true;
      return request(Operation::kModify, "resources", element, options);
    case 2:
      return request(Operation::kModify, "status", element);
    case 3:
      return request(Operation::kDelete, "", "<e id='" + id + "'/>");
    case 4:
      return request(Operation::kReplace, "", element);
    case 5:
      return request(Operation::kReplace, "", random_cib().root().to_string());
    case 6:
      return by_xpath(Operation::kReplace, "//e[@id='" + id + "']", element);
    default:
      options.xpath = options.multiple = true;
      return request(Operation::kDelete, "//e[@a2='" + value + "']", "", options);
  }
}

/// A patch that counts as long is the same whatever of it is wanted, but for what nobody wants.
void check_extents(const Cib& before, const Request& what, const Outcome& done) {
  const auto changed = [&](PatchExtent extent) {
    Cib copy = std::move(*Cib::from(xml::Document::copy_of(before.root())));
    return apply(copy, what, {}, nullptr, Keep::kYes, {extent, 300}).patch;
  };
  const ExtendedPatch whole = changed(PatchExtent::kWhole);
  const ExtendedPatch beginning = changed(PatchExtent::kBeginning);
  RC_ASSERT(whole.text == done.patch.text);
  RC_ASSERT(whole.beginning == beginning.beginning);
  RC_ASSERT(whole.rest == beginning.rest);
  RC_ASSERT(whole.sections == beginning.sections);
  if (whole.beginning == 0 || whole.sections.empty()) {
    RC_ASSERT(beginning.text == whole.text);
  } else {
    RC_ASSERT(beginning.text == whole.beginning_text());
    RC_ASSERT(whole.text.find("path=\"/cib/status") == std::string::npos);
  }
  RC_ASSERT(changed(PatchExtent::kNothing).text.empty());
}

}  // namespace

TEST_CASE("patches compare as spec/08 §20 lists") {
  const std::string moved =
      diff_text("<a><b id='b1'/><b id='b2'/></a>", "<a><b id='b2'/><b id='b1'/></a>");
  CHECK(moved.find("operation=\"move\" path=\"/a/b[@id='b1']\"") != std::string::npos);
  CHECK(moved.find("operation=\"move\" path=\"/a/b[@id='b2']\"") != std::string::npos);
  CHECK(diff_text("<a><!--x--></a>", "<a><!--X--></a>").empty());
  const std::string order = diff_text("<a x='1' y='2' z='3'/>", "<a z='3' x='1' w='0'/>");
  CHECK(order.find("<change-list><change-attr name=\"z\" operation=\"set\" value=\"3\"/>"
                   "<change-attr name=\"x\" operation=\"set\" value=\"1\"/>"
                   "<change-attr name=\"w\" operation=\"set\" value=\"0\"/>"
                   "<change-attr name=\"y\" operation=\"unset\"/></change-list>") !=
        std::string::npos);
}

TEST_CASE("a live change is told in deletions, then a walk over the new document") {
  Cib cib = sample();
  const Outcome outcome =
      apply(cib,
            request(Operation::kReplace, "resources",
                    "<resources><primitive id='b' class='lsb'/><primitive id='c'/></resources>"),
            {}, nullptr);
  CHECK(
      outcome.patch.text ==
      "<diff format=\"2\"><version><source admin_epoch=\"0\" epoch=\"1\" num_updates=\"0\"/>"
      "<target admin_epoch=\"0\" epoch=\"2\" num_updates=\"0\"/></version>"
      "<change operation=\"delete\" path=\"/cib/configuration/resources/comment\" position=\"0\"/>"
      "<change operation=\"delete\" path=\"/cib/configuration/resources/primitive[@id='a']\"/>"
      "<change operation=\"modify\" path=\"/cib\"><change-list>"
      "<change-attr name=\"epoch\" operation=\"set\" value=\"2\"/></change-list><change-result>"
      "<cib crm_feature_set=\"3.20.5\" validate-with=\"pacemaker-4.0\" admin_epoch=\"0\" "
      "epoch=\"2\" num_updates=\"0\"/></change-result></change>"
      "<change operation=\"modify\" path=\"/cib/configuration/resources/primitive[@id='b']\">"
      "<change-list><change-attr name=\"class\" operation=\"set\" value=\"lsb\"/></change-list>"
      "<change-result><primitive id=\"b\" class=\"lsb\"/></change-result></change>"
      "<change operation=\"create\" path=\"/cib/configuration/resources\" position=\"1\">"
      "<primitive id=\"c\"/></change></diff>");
  const auto patch = xml::Document::parse(outcome.patch.text);
  CHECK(patch_as_text(patch->root())
            .find("Diff: --- 0.1.0 2\nDiff: +++ 0.2.0 (no digest)\n"
                  "-- /cib/configuration/resources/comment (0)\n") == 0);
}

TEST_CASE(
    "a patch as text shows a created element from its start tag on, the first line as empty") {
  const auto patch = xml::Document::parse(
      "<diff format=\"2\"><change operation=\"create\" path=\"/cib/r\" position=\"1\">"
      "<group id=\"g\"><primitive id=\"p\"/></group></change>"
      "<change operation=\"move\" path=\"/cib/r/x\" position=\"2\"/></diff>");
  REQUIRE(patch);
  CHECK(patch_as_text(patch->root()) ==
        "++ /cib/r:  <group id=\"g\"/>\n"
        "++            <primitive id=\"p\"/>\n"
        "++          </group>\n"
        "+~ /cib/r/x moved to offset 2\n");
}

TEST_CASE("what is undone was never there, and a patch brings a replica to the same bytes") {
  rc::prop("random operations", [] {
    const xml::Document start = random_cib();
    Cib cib = std::move(*Cib::from(start.copy()));
    Cib replica = std::move(*Cib::from(start.copy()));
    for (int step = 0; step < 8; ++step) {
      const Request what = random_request();
      const std::string before = cib.to_string();
      const std::size_t indexed = cib.index().size();
      const Outcome tried = apply(cib, what, {}, nullptr, Keep::kNo);
      RC_ASSERT(cib.to_string() == before);
      RC_ASSERT(cib.index().size() == indexed);
      const Cib twin = std::move(*Cib::from(xml::Document::copy_of(cib.root())));
      const Outcome done = apply(cib, what, {}, nullptr);
      check_extents(twin, what, done);
      RC_ASSERT(done.code == tried.code);
      RC_ASSERT(done.changed == tried.changed);
      RC_ASSERT(done.version == tried.version);
      if (!done.changed) {
        RC_ASSERT(cib.to_string() == before);
        continue;
      }
      const auto patch = xml::Document::parse(done.patch.text);
      Edit edit(replica);
      const Code code = apply_patch(edit, patch->root(), true);
      RC_LOG() << before << "\n"
               << what.section << " " << what.data << "\n"
               << done.patch.text << "\n";
      RC_ASSERT(code == Code::kOk);
      edit.commit();
      RC_ASSERT(replica.to_string() == cib.to_string());
    }
  });
}

TEST_CASE("a patch of two documents turns one into the other") {
  rc::prop("random documents", [] {
    const xml::Document a = random_cib();
    const xml::Document b = random_cib();
    PatchOptions options;
    options.digest = digest_of(b.root(), DigestKind::kOnWire);
    const auto text = diff(a.root(), b.root(), options);
    RC_ASSERT(text.has_value());
    if (text->empty()) return;
    Cib cib = std::move(*Cib::from(a.copy()));
    const auto patch = xml::Document::parse(*text);
    {
      Edit edit(cib);
      RC_LOG() << a.root().to_string() << "\n" << b.root().to_string() << "\n" << *text << "\n";
      RC_ASSERT(apply_patch(edit, patch->root(), false) == Code::kOk);
      RC_ASSERT(cib.to_string() == b.root().to_string());
    }
    RC_ASSERT(cib.to_string() == a.root().to_string());
  });
}

TEST_CASE("of a long patch the beginning is left, with the sections it is about and a digest") {
  std::string primitives;
  for (int i = 0; i < 20; ++i) primitives += "<primitive id='p" + std::to_string(i) + "'/>";
  const auto patch_for = [&](const std::string& section, const std::string& data) {
    Cib cib = sample();
    CallOptions options;
    options.may_create = true;
    return apply(cib, request(Operation::kModify, section, data, options), {}, nullptr, Keep::kYes,
                 {PatchExtent::kBeginning, 600})
        .patch;
  };
  const auto patch = patch_for("resources", "<resources>" + primitives + "</resources>");
  CHECK(patch.sections == std::vector<std::string>{"resources"});
  CHECK(patch.text.find("'p19'") == std::string::npos);
  CHECK(patch.text.size() < 900);
  CHECK(xml::Document::parse(patch.text));

  primitives.replace(primitives.find("'p19'"), 5, "'q19'");
  const auto other = patch_for("resources", "<resources>" + primitives + "</resources>");
  CHECK(other.text == patch.text);
  CHECK(other.rest != patch.rest);

  // Who looks at the beginning only would miss that status has changed, too.
  const auto both = patch_for("", "<cib><configuration><resources>" + primitives +
                                      "</resources></configuration><status><node_state id='1' "
                                      "uname='n2'/></status></cib>");
  CHECK(both.sections.empty());
  CHECK(both.text.find("n2") != std::string::npos);
}
