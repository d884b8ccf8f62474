#include "replica/subscribers.h"

#include <algorithm>

namespace quorate::replica {

void Subscribers::add(ClientId client, bool controller) {
  Subscription fresh;
  fresh.controller = controller;
  subscriptions_[client] = std::move(fresh);
}

void Subscribers::seen(ClientId client, std::uint64_t position) {
  const auto found = subscriptions_.find(client);
  if (found == subscriptions_.end()) return;
  Subscription& subscription = found->second;
  while (!subscription.owed.empty() && subscription.owed.front().position <= position) {
    subscription.owed_bytes -= subscription.owed.front().bytes;
    subscription.owed.pop_front();
  }
}

/// One change may be as long as it is: the whole document in its place would be longer.
bool Subscribers::owes_too_much(const Subscription& subscription) {
  if (subscription.owed_bytes < kMaxBytes) return false;
  std::size_t longest = 0;
  for (const Sent& sent : subscription.owed) longest = std::max(longest, sent.bytes);
  return subscription.owed_bytes - longest >= kMaxBytes;
}

void Subscribers::publish(const CibChange& change, Effects& effects) {
  if (subscriptions_.empty()) return;
  const std::string message = encode(change);
  for (auto& [client, subscription] : subscriptions_) {
    if (subscription.lagging) continue;
    if (subscription.owed.size() >= kMaxChanges || owes_too_much(subscription)) {
      subscription.lagging = true;
      subscription.owed.clear();
      subscription.owed_bytes = 0;
      effects.push_back(Reply{client, encode(CibResync{change.position})});
      continue;
    }
    subscription.owed.push_back({change.position, message.size(), change.configuration_changed});
    subscription.owed_bytes += message.size();
    effects.push_back(Reply{client, message});
  }
}

void Subscribers::resync_all(std::uint64_t position, Effects& effects) {
  for (auto& [client, subscription] : subscriptions_) {
    if (subscription.lagging) continue;
    subscription.lagging = true;
    subscription.owed.clear();
    subscription.owed_bytes = 0;
    effects.push_back(Reply{client, encode(CibResync{position})});
  }
}

void Subscribers::tell(const CibView& view, Effects& effects) const {
  for (const auto& [client, subscription] : subscriptions_) {
    effects.push_back(Reply{client, encode(view)});
  }
}

std::uint64_t Subscribers::controller_seen(std::uint64_t newest) const {
  for (const auto& [client, subscription] : subscriptions_) {
    if (!subscription.controller) continue;
    if (subscription.lagging) return 0;
    const auto first = std::find_if(subscription.owed.begin(), subscription.owed.end(),
                                    [](const Sent& sent) { return sent.configuration; });
    return first == subscription.owed.end() ? newest : first->position - 1;
  }
  return 0;
}

}  // namespace quorate::replica
