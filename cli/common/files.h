#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "xml/document.h"

/// Files of the tools.
namespace quorate::cli {

/// The whole content of a file; `-` is standard input; a name ending in `.bz2` is decompressed.
/// Errors: kNotFound, kPermission or kIo with the system's text.
Result<std::string> read_input(const std::string& name);

/// Writes a file, replacing what was there. Errors as above.
Result<void> write_file(const std::string& name, std::string_view content);

/// The text form of documents in files (spec/06 §3): no declaration, indented, newline at the end.
std::string file_text(xml::Element root);

}  // namespace quorate::cli
