#pragma once

#include <string>
#include <string_view>

#include "cib/access.h"
#include "xml/document.h"

namespace quorate::cibadmin {

/// How access is shown (spec/14 §7.5).
enum class AccessMode { kNamespace, kText, kColor };

/// A CIB as text, two spaces a level, with what `marks` say about each element; ends in a newline.
/// The first line is a comment that names `user`. Cost: the size of the document.
std::string access_text(xml::Element cib, const cib::AccessMarks& marks, std::string_view user,
                        AccessMode mode);

}  // namespace quorate::cibadmin
