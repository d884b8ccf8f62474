// Any output of an agent as its metadata.
#include <cstdint>
#include <string_view>

#include "agents/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  const auto metadata = agents::parse_metadata({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!metadata) return 0;
  static_cast<void>(metadata->reload_task());
  static_cast<void>(metadata->restart_parameters());
  static_cast<void>(metadata->private_parameters());
  return 0;
}
