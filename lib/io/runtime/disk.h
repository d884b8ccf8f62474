#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quorate::runtime {

/// Creates the folder and its missing parents with `mode`.
Result<void> make_folder(const std::string& path, std::uint32_t mode);

/// Replaces FOLDER/NAME so that after a crash at any point either the former or the new content is
/// there, whole: new file, fsync, rename, fsync of the folder. `keep` former versions stay as
/// NAME.1 (the latest) to NAME.keep. `name` is a plain file name. Blocks; for worker threads.
/// Without `sync` a loss of power may leave anything.
Result<void> replace_file(const std::string& folder, const std::string& name,
                          std::string_view content, int keep, bool sync = true);

/// Writes `content` over FOLDER/NAME and syncs it; what was behind it stays, so that mostly only
/// data is written and nothing of the file system. A crash may leave any mixture. Blocks.
Result<void> overwrite_file(const std::string& folder, const std::string& name,
                            std::string_view content);

/// The file's content; kNotFound if there is none.
Result<std::string> read_file(const std::string& path,
                              std::size_t max_bytes = std::size_t{1} << 30);

/// Whether a name is that of a file directly in a folder: not empty, no slash, no "." or "..".
bool is_plain_name(std::string_view name);

}  // namespace quorate::runtime
