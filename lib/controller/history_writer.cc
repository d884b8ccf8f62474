#include "controller/history_writer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "controller/timers.h"

namespace quorate::controller {
namespace {

/// One operation holds every other change up for as long as it takes to apply.
constexpr std::size_t kMaxResults = 200;

bool same_action(const Outcome& a, const Outcome& b) {
  return a.resource.id == b.resource.id && pending_entry_id(a) == pending_entry_id(b);
}

bool is_migration(const Outcome& outcome) {
  return outcome.task == "migrate_to" || outcome.task == "migrate_from";
}

}  // namespace

HistoryWriter::HistoryWriter(Ports& ports, std::string node_id, std::string node_name)
    : ports_(ports), node_id_(std::move(node_id)), node_name_(std::move(node_name)) {}

void HistoryWriter::pending(const Outcome& outcome) {
  std::erase_if(pending_, [&](const Shown& shown) { return same_action(shown.outcome, outcome); });
  if (is_migration(outcome)) {
    pending_.push_front({outcome, ports_.now().monotonic_ms});
    return timer_pending();
  }
  pending_.push_back({outcome, ports_.now().monotonic_ms + kPendingMs});
  if (pending_.size() == 1) ports_.set_timer(kPendingTimer, kPendingMs);
}

void HistoryWriter::result(Outcome outcome) {
  std::erase_if(pending_, [&](const Shown& shown) { return same_action(shown.outcome, outcome); });
  queue_.push_back(Result{std::move(outcome), false});
  write_soon();
}

void HistoryWriter::remove(std::string_view resource, CibStep step, CibDone done,
                           std::string user) {
  std::erase_if(pending_, [&](const Shown& shown) {
    return resource.empty() || shown.outcome.resource.id == resource;
  });
  queue_.push_back(Removal{std::move(step), std::move(done), std::move(user)});
  write_soon();
}

/// When what came together with it has been handed over, too.
void HistoryWriter::write_soon() {
  if (holding_ || under_way_) return;
  ports_.set_more_to_write(true);
  ports_.set_timer(kWriteTimer, 0);
}

void HistoryWriter::release() {
  holding_ = false;
  write();
  timer_pending();
}

void HistoryWriter::timer_pending() {
  if (!holding_) write_pending();
  if (pending_.empty()) return;
  const std::int64_t left_ms = pending_.front().due_ms - ports_.now().monotonic_ms;
  ports_.set_timer(kPendingTimer, std::max<std::int64_t>(left_ms, holding_ ? kPendingMs : 0));
}

void HistoryWriter::write() {
  ports_.set_more_to_write(false);
  while (!holding_ && !under_way_ && !queue_.empty()) {
    if (std::holds_alternative<Result>(queue_.front())) {
      write_results(take_results());
    } else {
      Removal removal = std::get<Removal>(std::move(queue_.front()));
      queue_.pop_front();
      write_removal(std::move(removal));
    }
  }
}

void HistoryWriter::write_removal(Removal removal) {
  under_way_ = true;
  ports_.write_cib(
      {std::move(removal.step)},
      [this, done = std::move(removal.done)](const CibOutcome& outcome) {
        under_way_ = false;
        write();
        if (done) done(outcome);
      },
      std::move(removal.user));
}

/// Those in front, at most one of each resource: what one operation changes is told as a whole.
std::vector<HistoryWriter::Result> HistoryWriter::take_results() {
  std::vector<Result> results;
  std::set<std::string, std::less<>> resources;
  while (!queue_.empty() && results.size() < kMaxResults) {
    auto* next = std::get_if<Result>(&queue_.front());
    if (next == nullptr || (next->alone && !results.empty())) break;
    if (!resources.insert(next->outcome.resource.id).second) break;
    results.push_back(std::move(*next));
    queue_.pop_front();
    if (results.back().alone) break;
  }
  return results;
}

void HistoryWriter::write_results(std::vector<Result> results) {
  std::vector<Outcome> outcomes;
  for (const Result& result : results) outcomes.push_back(result.outcome);
  under_way_ = true;
  ports_.write_cib(
      {CibStep::merge("status", status_fragment(outcomes, node_id_, node_name_, false))},
      [this, results = std::move(results)](const CibOutcome& outcome) mutable {
        under_way_ = false;
        if (!outcome.ok && results.size() > 1) {
          // One of them is the reason: the others are written all the same.
          for (auto at = results.rbegin(); at != results.rend(); ++at) {
            queue_.push_front(Result{std::move(at->outcome), true});
          }
        }
        write();
      });
}

void HistoryWriter::write_pending() {
  std::vector<Outcome> due;
  std::set<std::string, std::less<>> resources;
  while (!pending_.empty() && pending_.front().due_ms <= ports_.now().monotonic_ms) {
    if (!resources.insert(pending_.front().outcome.resource.id).second) break;
    due.push_back(std::move(pending_.front().outcome));
    pending_.pop_front();
  }
  if (due.empty()) return;
  ports_.write_cib({CibStep::merge("status", status_fragment(due, node_id_, node_name_, true))});
}

}  // namespace quorate::controller
