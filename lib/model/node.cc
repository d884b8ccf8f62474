#include "model/node.h"

#include "model/resource.h"

namespace quorate::model {

bool Node::is_guest_or_bundle() const {
  return is_remote_kind() && connection != nullptr && connection->launcher != nullptr;
}

bool Node::is_bundle() const { return is_guest_or_bundle() && bundle_of(*connection) != nullptr; }

}  // namespace quorate::model
