#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace quorate::ipc {

/// The first frame a server sends on a connection, a control frame: that it accepts, or why not.
std::string accepting();
std::string refusing(std::string_view reason);
/// An error (kPermission) that names `path` if the greeting isn't that of an accepting server.
Result<void> check_greeting(std::string_view greeting, const std::string& path);

}  // namespace quorate::ipc
