#pragma once

#include <string_view>

namespace quorate::cib {

/// Contents of schemas/, compiled in: programs run from the build folder and need no data files.
extern const std::string_view kCibGrammar;       ///< cib.rng
extern const std::string_view kUpgradeFrom13;    ///< upgrade-1.3.xsl
extern const std::string_view kUpgradeFrom210;   ///< upgrade-2.10.xsl
extern const std::string_view kUpgradeFrom310;   ///< upgrade-3.10.xsl
extern const std::string_view kDropUnsupported;  ///< upgrade-3.10-drop.xsl

}  // namespace quorate::cib
