#include "model/role.h"

#include "base/text.h"

namespace quorate::model {

Role parse_role(std::string_view text) {
  if (iequals(text, "Stopped")) return Role::kStopped;
  if (iequals(text, "Started")) return Role::kStarted;
  if (iequals(text, "Unpromoted") || iequals(text, "Slave")) return Role::kUnpromoted;
  if (iequals(text, "Promoted") || iequals(text, "Master")) return Role::kPromoted;
  return Role::kUnknown;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kUnknown:
      return "Unknown";
    case Role::kStopped:
      return "Stopped";
    case Role::kStarted:
      return "Started";
    case Role::kUnpromoted:
      return "Unpromoted";
    case Role::kPromoted:
      return "Promoted";
  }
  return "Unknown";
}

}  // namespace quorate::model
