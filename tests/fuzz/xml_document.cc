// Any bytes as XML: parsed or refused; what is parsed survives being written and parsed again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "xml/document.h"
#include "xml/xpath.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = xml::Document::parse(text, "fuzz");
  if (!document) return 0;
  const std::string written = document->root().to_string();
  const auto again = xml::Document::parse(written, "fuzz");
  if (!again || again->root().to_string() != written) std::abort();
  static_cast<void>(
      xml::find_all(document->root(), "//*[@id=" + xml::xpath_literal(text.substr(0, 20)) + "]"));
  return 0;
}
