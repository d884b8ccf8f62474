#pragma once

#include <string>

#include "cib/document.h"

/// The two digests of a CIB (spec/08 §4): MD5 in lower-case hexadecimal over a canonical
/// serialisation. Cost: the size of what is serialised.
namespace quorate::cib {

enum class DigestKind {
  kOnDisk,  ///< everything, with a leading blank and a final newline
  kOnWire,  ///< without crm-debug-origin, cib-last-written, update-origin, -client and -user
};

std::string canonical_text(xml::Element element, DigestKind kind);
std::string digest_of(xml::Element element, DigestKind kind);

/// The document as written to disk (spec/08 §13.1): without status, num_updates 0.
std::string stored_text(const Cib& cib);
/// The on-disk digest of that, for the file beside it.
std::string digest_as_stored(const Cib& cib);

}  // namespace quorate::cib
