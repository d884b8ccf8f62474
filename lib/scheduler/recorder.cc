#include "scheduler/recorder.h"

#include "graph/action.h"
#include "model/snapshot.h"

namespace quorate::scheduler {

using model::NodeEntry;
using model::Resource;

void Recorder::begin(const model::Snapshot& snapshot) {
  for (const Resource& resource : snapshot.all_resources) compare(resource, {});
}

void Recorder::compare(const Resource& resource, const Reason& reason) {
  Record& record = records_[&resource];
  const std::size_t time = ++clock_;
  resource.allowed.for_each([&](const NodeEntry& entry) {
    const NodeEntry* last = record.last.find(*entry.node);
    const Score before = last != nullptr ? last->score : 0;
    if (before == entry.score) return;
    record.changes.push_back({reason, entry.node, before, entry.score, false});
    record.times.push_back(time);
  });
  record.last.for_each([&](const NodeEntry& last) {
    if (resource.allowed.find(*last.node) != nullptr) return;
    record.changes.push_back({reason, last.node, last.score, 0, true});
    record.times.push_back(time);
  });
  record.last = resource.allowed;
}

void Recorder::note(const Resource& resource, const Reason& reason) {
  compare(resource, reason);
  for (const Resource* child : resource.children) note(*child, reason);
}

void Recorder::restored(const Resource& resource, std::size_t mark) {
  Record& record = records_[&resource];
  while (!record.times.empty() && record.times.back() > mark) {
    record.times.pop_back();
    record.changes.pop_back();
  }
  record.last = resource.allowed;
  for (const Resource* child : resource.children) restored(*child, mark);
}

void Recorder::note_state(const Resource& resource, const Reason& reason) {
  records_[&resource].states.push_back(reason);
}

void Recorder::choose(const Resource& resource, Choice choice) {
  Record& record = records_[&resource];
  record.choice = std::move(choice);
  record.has_choice = true;
}

void Recorder::note_edge(const graph::Action& first, const graph::Action& then,
                         const graph::Relation& relation) {
  // The one that demands most, of those that a constraint made.
  const auto rank = [](const graph::Relation* known) {
    if (known == nullptr) return 0;
    if (known->constraint_id.empty()) return 1;
    return (known->tags & graph::tag::kBlockThen) == 0 ? 2 : 3;
  };
  const graph::Relation*& kept = edges_[{&first, &then}];
  if (rank(&relation) > rank(kept)) kept = &relation;
}

const std::vector<ScoreChange>* Recorder::changes_of(const Resource& resource) const {
  const auto found = records_.find(&resource);
  return found == records_.end() ? nullptr : &found->second.changes;
}

const std::vector<Reason>* Recorder::states_of(const Resource& resource) const {
  const auto found = records_.find(&resource);
  return found == records_.end() ? nullptr : &found->second.states;
}

const Choice* Recorder::choice_of(const Resource& resource) const {
  const auto found = records_.find(&resource);
  return found == records_.end() || !found->second.has_choice ? nullptr : &found->second.choice;
}

const graph::Relation* Recorder::relation_of(const graph::Action& first,
                                             const graph::Action& then) const {
  const auto found = edges_.find({&first, &then});
  return found == edges_.end() ? nullptr : found->second;
}

}  // namespace quorate::scheduler
