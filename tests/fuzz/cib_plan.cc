// Any CIB to a plan: the same plan twice, never a crash.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scheduler/schedule.h"

namespace {
std::string plan(std::string_view text) {
  using namespace quorate;
  auto document = xml::Document::parse(text, "fuzz");
  if (!document || document->root().name() != "cib") return {};
  scheduler::Input input;
  input.cib = document->root();
  input.now_seconds = 1'700'000'000;
  input.want_scores = true;
  input.want_dot = true;
  const auto schedule = scheduler::schedule(input);
  return schedule ? schedule->graph_xml : std::string();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (plan(text) != plan(text)) std::abort();
  return 0;
}
