#pragma once

#include <string>
#include <vector>

#include "cib/request.h"

namespace quorate {

/// One change of the CIB a daemon wants.
struct CibStep {
  enum class Kind {
    kMerge,   ///< merge `text` into the section, creating what is missing
    kRemove,  ///< delete all that the XPath `text` selects; nothing selected is fine
  };
  Kind kind = Kind::kMerge;
  std::string section;  ///< kMerge: status, crm_config, ...; empty: `text` is a `cib` element
  std::string text;

  static CibStep merge(std::string section, std::string xml) {
    return {Kind::kMerge, std::move(section), std::move(xml)};
  }
  static CibStep remove(std::string xpath) { return {Kind::kRemove, {}, std::move(xpath)}; }
};

/// One request that carries out all steps or none. `steps` isn't empty.
cib::Request combine(const std::vector<CibStep>& steps);

}  // namespace quorate
