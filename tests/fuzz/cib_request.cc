// A request, as the first line names it, on a small CIB: applied or refused. A refused one leaves
// the document as it was; an applied one's patch leads from the old document to the new one.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cib/apply.h"
#include "cib/patch.h"

namespace {

constexpr std::string_view kCib =
    "<cib validate-with='none' admin_epoch='0' epoch='1' num_updates='0'><configuration>"
    "<crm_config><cluster_property_set id='o'><nvpair id='o1' name='n' value='1'/>"
    "</cluster_property_set></crm_config><nodes><node id='1' uname='node1'/></nodes><resources>"
    "<group id='g'><primitive id='a' class='ocf' provider='p' type='t'/>"
    "<primitive id='b' class='ocf' provider='p' type='t'/></group></resources><constraints/>"
    "</configuration><status><node_state id='1' uname='node1'/></status></cib>";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view head = text.substr(0, line);
  const std::size_t blank = head.find(' ');
  const auto operation = cib::operation_from(head.substr(0, blank));
  if (!operation || !cib::modifies(*operation)) return 0;
  cib::Request request;
  request.operation = *operation;
  if (blank != std::string_view::npos) request.section = std::string(head.substr(blank + 1));
  request.options.xpath = request.section.starts_with('/');
  request.options.may_create = size % 2 == 0;
  request.options.score_update = size % 3 == 0;
  request.data = std::string(text.substr(line + 1));

  auto cib = cib::Cib::parse(kCib);
  auto replica = cib::Cib::parse(kCib);
  if (!cib || !replica) std::abort();
  const std::string before = cib->to_string();
  const cib::Outcome outcome = cib::apply(*cib, request, {}, nullptr);
  if (outcome.code != cib::Code::kOk) {
    if (cib->to_string() != before) std::abort();
    return 0;
  }
  if (outcome.patch.text.empty()) return 0;
  // As those who follow the CIB by its patches do.
  const auto patch = xml::Document::parse(outcome.patch.text, "patch");
  if (!patch) std::abort();
  cib::Edit edit(*replica);
  if (cib::apply_patch(edit, patch->root(), true) != cib::Code::kOk) std::abort();
  edit.commit();
  if (replica->to_string() != cib->to_string()) std::abort();
  return 0;
}
