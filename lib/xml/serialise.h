#pragma once

#include <string>

#include "xml/node.h"

/// Elements as text, byte for byte as libxml2 writes them, at a fraction of its cost: this is what
/// goes over the wire and to disk on every change.
namespace quorate::xml {

enum class Layout {
  kDense,     ///< no blanks between elements
  kIndented,  ///< a line per element, two blanks per level, where no text is among the children
};

/// Appends the element or comment with all beneath it; `level` is how deep the text already is.
void append_text(std::string& out, Node element, Layout layout, int level = 0);

/// Appends ` name="value"`, escaped.
void append_attribute(std::string& out, const Attribute& attribute);

}  // namespace quorate::xml
