#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/history.h"
#include "controller/ports.h"

namespace quorate::controller {

/// Writes a node's history into the CIB (spec/09 §17), everything in the order it was handed over.
/// What comes in one turn of the loop goes into one operation. One operation is under way at a
/// time; what comes meanwhile goes into the next one, however much it is.
///
/// That an action is about to run is shown once it has run for kPendingMs: most have ended by then,
/// and what would be written is over before anybody could read it. A migration is shown at once: if
/// its source dies meanwhile, that is all there is to tell that the target may be active.
class HistoryWriter {
 public:
  static constexpr std::int64_t kPendingMs = 100;

  HistoryWriter(Ports& ports, std::string node_id, std::string node_name);

  /// An action is about to run.
  void pending(const Outcome& outcome);
  /// The entries of a result; of the pending one nothing is left to say.
  void result(Outcome outcome);
  /// Removes entries of a resource (empty: of all), with a user's rights (empty: the cluster's
  /// own).
  void remove(std::string_view resource, CibStep step, CibDone done = {}, std::string user = {});

  /// From here on nothing is written before release().
  void hold() { holding_ = true; }
  void release();

  void timer_write() { write(); }
  void timer_pending();

 private:
  struct Shown {
    Outcome outcome;
    std::int64_t due_ms = 0;
  };
  struct Result {
    Outcome outcome;
    bool alone = false;  ///< the operation with others failed
  };
  struct Removal {
    CibStep step;
    CibDone done;
    std::string user;
  };
  using Item = std::variant<Result, Removal>;

  void write_soon();
  void write();
  void write_removal(Removal removal);
  void write_results(std::vector<Result> results);
  void write_pending();
  std::vector<Result> take_results();

  Ports& ports_;
  std::string node_id_;
  std::string node_name_;
  bool holding_ = false;
  bool under_way_ = false;
  std::deque<Item> queue_;
  std::deque<Shown> pending_;  ///< oldest first
};

}  // namespace quorate::controller
