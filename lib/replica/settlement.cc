#include "replica/settlement.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/digest.h"
#include "base/planted.h"

namespace quorate::replica {
namespace {

using Reports = std::map<NodeNumber, ReplicaReport>;
using Candidates = std::vector<const Reports::value_type*>;

auto rank(const ReplicaReport& report) {
  return std::make_tuple(report.version.admin_epoch, report.lineage, report.quorate_order,
                         report.version.epoch, report.version.num_updates);
}

/// Best by numbers; then the content most members hold; then the lowest node's.
template <class Content>
NodeNumber best(const Candidates& candidates, const Reports& all, Content content) {
  const auto holders = [&](const ReplicaReport& report) {
    return std::count_if(all.begin(), all.end(), [&](const auto& entry) {
      return content(entry.second) == content(report);
    });
  };
  const auto better = [&](const Reports::value_type* a, const Reports::value_type* b) {
    if (rank(a->second) != rank(b->second)) {
      return (rank(a->second) > rank(b->second)) != planted("stale-copy-wins");
    }
    const auto held_a = holders(a->second);
    const auto held_b = holders(b->second);
    if (held_a != held_b) return held_a > held_b;
    return a->first < b->first;
  };
  return (*std::min_element(candidates.begin(), candidates.end(), better))->first;
}

Candidates eligible(const Reports& reports) {
  Candidates sound;
  Candidates all;
  for (const auto& entry : reports) {
    all.push_back(&entry);
    if (!entry.second.suspect) sound.push_back(&entry);
  }
  return sound.empty() ? all : sound;
}

}  // namespace

Settlement settle(const Reports& reports) {
  Settlement result;
  const Candidates candidates = eligible(reports);
  const auto configuration = [](const ReplicaReport& r) { return r.configuration_digest; };
  const auto history = [](const ReplicaReport& r) { return r.chain; };
  // Which configuration, decided among whole histories first: of two running copies with equal
  // numbers the history that more members hold wins.
  result.configuration_from = best(candidates, reports, history);
  Candidates running;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(running),
               [](const auto* entry) { return !entry->second.fresh; });
  const ReplicaReport& winner = reports.at(result.configuration_from);
  result.status_from = !winner.fresh || running.empty() ? result.configuration_from
                                                        : best(running, reports, history);
  const ReplicaReport& status = reports.at(result.status_from);
  for (const auto& [node, report] : reports) {
    result.order = std::max(result.order, report.order);
    result.lineage = std::max(result.lineage, report.lineage);
    result.proposed = std::max({result.proposed, report.proposed, report.lineage});
    result.quorate_order = std::max(result.quorate_order, report.quorate_order);
    const bool differs =
        configuration(report) != configuration(winner) && !planted("merge-without-comparing");
    if (differs) result.need_configuration.insert(node);
    // A suspect copy claims a history it doesn't have.
    const bool suspect = report.suspect && node != result.status_from;
    if (suspect) result.need_configuration.insert(node);
    if (suspect || history(report) != history(status)) result.need_status.insert(node);
  }
  // The root's other attributes travel with the configuration, if that is sent at all.
  if (!result.need_configuration.empty()) {
    for (const auto& [node, report] : reports) {
      if (history(report) != history(winner)) result.need_configuration.insert(node);
    }
  }
  result.all_equal = result.need_configuration.empty() && result.need_status.empty();
  if (result.all_equal) {
    result.chain = status.chain;
    return result;
  }
  ++result.order;
  result.chain = md5_hex("merge " + status.chain + " " + winner.configuration_digest + " " +
                         std::to_string(result.order));
  return result;
}

}  // namespace quorate::replica
