#pragma once

#include "messages/agent_form.h"
#include "messages/fencer.h"
#include "messages/form.h"

/// What messages of clients and of fencers to each other share.
namespace quorate::codec {

/// Seconds that fit a timeout in milliseconds; a delay can be -1, for none at all.
inline constexpr Between<std::int64_t> kSeconds{0, 4'294'967};
inline constexpr Between<std::int64_t> kDelay{-1, 4'294'967};

template <>
struct Form<fencer::Operation> {
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("target", m.target);
    archive("action", m.action);
    archive("client", m.client);
    archive("origin", m.origin);
    archive("delegate", m.delegate);
    archive.numbered("state", m.state, fencer::OperationState::kFailed);
    archive.inlined(m.result);
    archive("completed-ms", m.completed_ms);
    archive("incarnation", m.incarnation);
    archive("merged", m.merged);
  }
};

}  // namespace quorate::codec
