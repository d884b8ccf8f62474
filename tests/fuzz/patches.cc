// Two documents, or a document and a patch, with an empty line between them. The difference of two
// documents can be applied to the first; a patch that can't be applied leaves the document as it
// was, byte for byte.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cib/patch.h"

namespace {

using namespace quorate;

/// Whether it applies; aborts if it doesn't and something was changed.
bool applies(std::string_view document, xml::Element patch, bool check_versions) {
  auto cib = cib::Cib::parse(document);
  if (!cib) return false;
  const std::string before = cib->to_string();
  bool applied = false;
  {
    cib::Edit edit(*cib);
    applied = cib::apply_patch(edit, patch, check_versions) == cib::Code::kOk;
    if (applied) edit.commit();
  }
  if (!applied && cib->to_string() != before) std::abort();
  return applied;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t gap = text.find("\n\n");
  if (gap == std::string_view::npos) return 0;
  const std::string_view first = text.substr(0, gap);
  const auto from = xml::Document::parse(first, "first");
  const auto second = xml::Document::parse(text.substr(gap + 2), "second");
  if (!second) return 0;
  applies(first, second->root(), size % 2 == 0);
  static_cast<void>(cib::patch_as_text(second->root()));
  if (!from) return 0;
  if (const auto patch = cib::diff(from->root(), second->root()); patch && !patch->empty()) {
    const auto read = xml::Document::parse(*patch, "patch");
    if (!read) std::abort();
    static_cast<void>(cib::patch_as_text(read->root()));
    applies(first, read->root(), false);
  }
  return 0;
}
