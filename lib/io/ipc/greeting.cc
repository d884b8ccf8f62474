#include "io/ipc/greeting.h"

namespace quorate::ipc {
namespace {
constexpr std::string_view kAccepting = "quorate/1 ok";
constexpr std::string_view kRefusing = "quorate/1 refused ";
}  // namespace

std::string accepting() { return std::string(kAccepting); }

std::string refusing(std::string_view reason) {
  return std::string(kRefusing) + std::string(reason);
}

Result<void> check_greeting(std::string_view greeting, const std::string& path) {
  if (greeting == kAccepting) return {};
  if (greeting.starts_with(kRefusing))
    return fail(ErrorKind::kPermission,
                path + ": " + std::string(greeting.substr(kRefusing.size())));
  return fail(ErrorKind::kUnsupported, path + ": speaks another protocol than quorate/1");
}

}  // namespace quorate::ipc
