#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/score.h"
#include "model/name_values.h"
#include "model/node.h"
#include "model/role.h"

namespace quorate::model {

struct Resource;

/// A location record (spec/04 §6.4).
struct Location {
  std::string_view id;
  Resource* resource = nullptr;
  Role role = Role::kUnknown;  ///< limit, kUnknown for none
  Discovery discovery = Discovery::kAlways;
  std::vector<NodeEntry> nodes;
};

/// A colocation record (spec/04 §10.1).
struct Colocation {
  std::string_view id;
  Resource* dependent = nullptr;
  Resource* primary = nullptr;
  Score score = 0;
  Role dependent_role = Role::kUnknown;
  Role primary_role = Role::kUnknown;
  std::string_view node_attribute = "#uname";
  bool influence = true;
  bool is_explicit = true;

  bool mandatory() const { return score >= kInfinity || score <= -kInfinity; }
};

/// A ticket as the status knows it (spec/03 §7.1).
struct Ticket {
  std::string_view id;
  bool granted = false;
  bool standby = false;
  std::int64_t last_granted = -1;
  NameValues state;
};

enum class LossPolicy : std::uint8_t { kFence, kFreeze, kDemote, kStop };

/// A ticket record on a resource (spec/04 §7).
struct TicketConstraint {
  std::string_view id;
  Ticket* ticket = nullptr;
  Resource* resource = nullptr;
  Role role = Role::kUnknown;
  LossPolicy policy = LossPolicy::kStop;
};

/// A tag or template and what it stands for, in document order.
struct Tag {
  std::string_view id;
  std::vector<std::string_view> members;
};

}  // namespace quorate::model
