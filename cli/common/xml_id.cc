#include "common/xml_id.h"

namespace quorate::cli {

std::string as_xml_id(std::string text) {
  for (char& c : text) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                         (c & 0x80) != 0;
    if (!allowed) c = '.';
  }
  return text;
}

}  // namespace quorate::cli
