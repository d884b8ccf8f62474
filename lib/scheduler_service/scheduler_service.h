#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/cib.h"
#include "messages/core.h"
#include "messages/scheduler.h"
#include "scheduler_service/input_archive.h"

namespace quorate {

/// The core of quorate-scheduler: has a Planner, which is a worker, keep a copy of the CIB as a
/// subscriber of its order, while a client is on standby (the DC and the next in line) or waits for
/// a plan, and has it plan for a copy at or after the position asked for (architecture: "Plans are
/// for a known state"). The planner's tasks run in the order they are asked for, so what is asked
/// for now finds the copy as all changes handed over before have left it.
///
/// Bound: what the planner hasn't done yet is part of what quorate-cib counts as unseen by this
/// subscriber, and ends there with a new snapshot.
class SchedulerService {
 public:
  /// With an archive the inputs of plans are kept in it.
  explicit SchedulerService(std::optional<InputArchive> archive = {})
      : archive_(std::move(archive)) {}
  void handle(const Event& event, Now now, Effects& effects);

  /// Position the planner's copy has or is about to have; nullopt while there is none.
  std::optional<std::uint64_t> position() const { return position_; }

 private:
  void on(const ShutdownRequested&);
  void on(const ClientMessage& event);
  void on(const ClientGone& event);
  void on(const SiblingUp& event);
  void on(const SiblingDown& event);
  void on(const SiblingMessage& event);
  void on(const ComputeDone& event);
  void on(const FileWritten& event);
  template <class Other>
  void on(const Other&) {}

  void take(CibSnapshot& snapshot);
  void take(CibChange& change);
  void take(ClientId client, ScheduleRequest request);
  void take(ClientId client, const ScheduleStandby& standby);
  void subscribe();
  /// Has a copy exactly while somebody may ask.
  void want_copy();
  void plan_what_can_be();
  void log(LogLevel level, std::string text);

  /// Work the planner has been given.
  struct Work {
    std::uint64_t copy = 0;      ///< the copy it is about, see copy_
    std::uint64_t position = 0;  ///< of that copy after it, or of what is planned for
    bool whole = false;          ///< a snapshot
    bool tells = false;          ///< quorate-cib wants to know when it is done
    ClientId client = 0;         ///< of a plan
    std::optional<ScheduleRequest> request{};
  };
  void give(std::string_view task, std::string input, Work work);
  void give_held();
  void drop_copy();
  void changed(const Work& work, const ComputeDone& event);
  void lost_copy(const Work& lost, const std::string& why);
  void refuse_copy(const Work& refused, const std::string& why);
  void planned(const Work& work, const ComputeDone& event);
  void answer(ClientId client, std::uint64_t id, std::string error);

  Effects* effects_ = nullptr;
  bool cib_up_ = false;
  bool subscribed_ = false;
  std::uint64_t copy_ = 0;  ///< counts copies; work for a former one doesn't tell about this one
  std::optional<std::uint64_t> position_;
  std::uint64_t seen_ = 0;
  std::set<ClientId> standby_;                   ///< who may ask soon
  std::map<ClientId, ScheduleRequest> waiting_;  ///< the latest of each client
  std::set<ClientId> planned_for_;               ///< whose plan is being made
  std::map<std::uint64_t, Work> work_;           ///< not done yet, by number
  std::uint64_t last_work_ = 0;
  /// Changes the planner gets together, before the next plan at the latest: each by itself would
  /// wake it up.
  static constexpr std::size_t kMaxHeld = 20;
  struct Held {
    std::string_view task;
    std::string input;
    Work work;
  };
  std::vector<Held> held_;
  std::optional<InputArchive> archive_;
};

}  // namespace quorate
