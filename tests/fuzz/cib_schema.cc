// Any document against the schemas: accepted, explained or upgraded, never anything else.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cib/schema.h"
#include "cib/upgrade.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  static cib::Schemas schemas;
  auto document = xml::Document::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!document || document->root().name() != "cib") return 0;
  for (const cib::Violation& violation : schemas.validate(document->root(), cib::kNewestSchema)) {
    if (violation.message.empty()) std::abort();
  }
  const auto report = cib::make_usable(*document, schemas);
  if (report && report->to != "none" &&
      !schemas.validate(document->root(), report->to, false).empty() && report->changed()) {
    std::abort();
  }
  return 0;
}
