#pragma once

#include <string>

#include "xml/node.h"

/// The two digests of a CIB (spec/08 §4): MD5 in lower-case hexadecimal over a canonical
/// serialisation. Cost: the size of what is serialised.
namespace quorate::cib {

enum class DigestKind {
  kOnDisk,  ///< everything, with a leading blank and a final newline
  kOnWire,  ///< without crm-debug-origin, cib-last-written, update-origin, -client and -user
};

std::string canonical_text(xml::Element element, DigestKind kind);
std::string digest_of(xml::Element element, DigestKind kind);

}  // namespace quorate::cib
