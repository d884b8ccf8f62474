#include "cib/access.h"

#include <catch2/catch.hpp>

#include "support.h"

using namespace quorate;
using namespace quorate::cib;
using namespace quorate::cib::test;

namespace {

/// A CIB where user `u` has these permissions.
Cib with_permissions(const std::string& permissions) {
  return parse(
      R"(<cib validate-with="pacemaker-4.0" admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config>
<cluster_property_set id="s"><nvpair id="e" name="enable-acl" value="true"/></cluster_property_set></crm_config><nodes/>
<resources><primitive id="a" class="ocf"><meta_attributes id="a-ma"><nvpair id="a-m" name="m" value="1"/></meta_attributes>
<instance_attributes id="a-ia"><nvpair id="a-x" name="x" value="1"/><nvpair id="a-y" name="y" value="1"/></instance_attributes></primitive></resources>
<constraints/><acls><acl_role id="r">)" +
      permissions +
      R"(</acl_role><acl_target id="u"><role id="r"/></acl_target></acls></configuration><status/></cib>)");
}

Context as_user() {
  Context context;
  context.user = "u";
  context.enforce_access = true;
  return context;
}

const char* const kMixed =
    "<acl_permission id='p1' kind='read' xpath='/cib'/>"
    "<acl_permission id='p2' kind='deny' object-type='instance_attributes'/>"
    "<acl_permission id='p3' kind='read' reference='a-x'/>"
    "<acl_permission id='p4' kind='write' object-type='meta_attributes'/>";

}  // namespace

TEST_CASE("a query shows what may be read, and shells above it") {
  const Cib cib = with_permissions(kMixed);
  CHECK(acls_enabled(cib));
  const Outcome resources = query(cib, request(Operation::kQuery, "resources"), as_user());
  CHECK(resources.data ==
        "<resources><primitive id=\"a\" class=\"ocf\"><meta_attributes id=\"a-ma\"><nvpair "
        "id=\"a-m\" name=\"m\" value=\"1\"/></meta_attributes><instance_attributes "
        "id=\"a-ia\"><nvpair id=\"a-x\" name=\"x\" value=\"1\"/></instance_attributes></primitive>"
        "</resources>");
}

TEST_CASE("write on a section shows that section only; nothing at all is refused") {
  const Cib cib = with_permissions("<acl_permission id='p' kind='write' xpath='//resources'/>");
  const Outcome all = query(cib, request(Operation::kQuery, ""), as_user());
  CHECK(all.data.find("<cib><configuration><resources><primitive id=\"a\"") == 0);
  CHECK(query(cib, request(Operation::kQuery, "constraints"), as_user()).code ==
        Code::kNoSuchDevice);
  Context nobody = as_user();
  nobody.user = "v";
  CHECK(query(cib, request(Operation::kQuery, ""), nobody).code == Code::kPermissionDenied);
}

TEST_CASE("one denied effect denies the request and nothing is changed") {
  Cib cib = with_permissions(kMixed);
  const std::string before = cib.to_string();
  const auto run = [&](Operation operation, const char* data) {
    return apply(cib, request(operation, operation == Operation::kCreate ? "resources" : "", data),
                 as_user(), nullptr)
        .code;
  };
  CHECK(run(Operation::kModify, "<nvpair id='a-x' value='2'/>") == Code::kPermissionDenied);
  CHECK(run(Operation::kModify, "<nvpair id='a-x' value='1'/>") == Code::kOk);
  CHECK(run(Operation::kDelete, "<nvpair id='a-x'/>") == Code::kPermissionDenied);
  CHECK(run(Operation::kCreate, "<primitive id='b' class='ocf'/>") == Code::kPermissionDenied);
  CHECK(run(Operation::kErase, "") == Code::kPermissionDenied);
  CHECK(cib.to_string() == before);
  CHECK(run(Operation::kModify, "<nvpair id='a-m' value='2'/>") == Code::kOk);
  CHECK(run(Operation::kDelete, "<nvpair id='a-m'/>") == Code::kOk);
}

TEST_CASE("scaffolding may be created around what may be written, but not inside acls") {
  Cib cib = with_permissions(
      "<acl_permission id='p' kind='write' object-type='nvpair' attribute='name'/>");
  CHECK(apply(cib,
              request(Operation::kModify, "",
                      "<primitive id='a'><utilization id='z'><nvpair id='n' name='cpu'/>"
                      "</utilization></primitive>"),
              as_user(), nullptr)
            .code == Code::kOk);
  CallOptions may_create;
  may_create.may_create = true;
  CHECK(apply(cib, request(Operation::kModify, "acls", "<acl_role id='z'/>", may_create), as_user(),
              nullptr)
            .code == Code::kPermissionDenied);
}

TEST_CASE("every request of a transaction is checked") {
  Cib cib = with_permissions(kMixed);
  const std::string data =
      encode_transaction({request(Operation::kModify, "", "<nvpair id='a-m' value='2'/>"),
                          request(Operation::kModify, "", "<nvpair id='a-x' value='2'/>")});
  CHECK(apply(cib, request(Operation::kTransaction, "", data), as_user(), nullptr).code ==
        Code::kPermissionDenied);
}
