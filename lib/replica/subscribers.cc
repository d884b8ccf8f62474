#include "replica/subscribers.h"

#include <algorithm>

namespace quorate::replica {

namespace {

/// Whether any copy of the document will do to carry it out.
bool is_repeatable(const cib::Request& request) {
  const bool known = request.operation == cib::Operation::kCreate ||
                     request.operation == cib::Operation::kModify ||
                     request.operation == cib::Operation::kDelete ||
                     request.operation == cib::Operation::kReplace;
  return known && !request.options.xpath;
}

}  // namespace

void Subscribers::add(ClientId client, bool controller, LongChanges long_changes,
                      bool without_results) {
  Subscription fresh;
  fresh.controller = controller;
  fresh.long_changes = long_changes;
  fresh.without_results = without_results;
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

cib::PatchExtent Subscribers::extent(const cib::Request& request) const {
  const bool repeatable = is_repeatable(request);
  const bool whole =
      std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto& entry) {
        const LongChanges wanted = entry.second.long_changes;
        return wanted == LongChanges::kPatch || (wanted == LongChanges::kRequest && !repeatable);
      });
  return whole ? cib::PatchExtent::kWhole : cib::PatchExtent::kBeginning;
}

void Subscribers::publish(const CibChange& change, const cib::ExtendedPatch& patch,
                          const OrderedRequest& request, Effects& effects) {
  if (subscriptions_.empty()) return;
  // Each form is made when the first one wants it.
  std::map<LongChanges, std::string> messages;
  const bool is_result = !change.configuration_changed && change.client.starts_with("quorate-");
  for (auto& [client, subscription] : subscriptions_) {
    if (subscription.lagging || (is_result && subscription.without_results)) continue;
    LongChanges form = subscription.long_changes;
    if (patch.beginning == 0 || (form == LongChanges::kBeginning && patch.sections.empty()) ||
        (form == LongChanges::kRequest && !is_repeatable(request.what))) {
      form = LongChanges::kPatch;
    }
    std::string& message = messages[form];
    if (message.empty()) {
      CibChange sent = change;
      if (form == LongChanges::kPatch) sent.patch = patch.text;
      if (form == LongChanges::kRequest) sent.request = encode(ReplicaMessage(request));
      if (form == LongChanges::kBeginning) {
        sent.patch = patch.beginning_text();
        sent.sections = patch.sections;
      }
      message = encode(sent);
    }
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
