#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "cib/document.h"
#include "messages/cib.h"
#include "messages/core.h"
#include "messages/scheduler.h"
#include "scheduler_service/input_archive.h"

namespace quorate {

/// The core of quorate-scheduler: keeps a copy of the CIB as a subscriber of its order, while a
/// client is on standby (the DC and the next in line) or waits for a plan, and has a worker plan
/// for a copy at or after the position asked for (architecture: "Plans are for a known state"). The
/// work itself is the task kPlanTask, see plan_task.h.
class SchedulerService {
 public:
  /// With an archive the inputs of plans are kept in it.
  explicit SchedulerService(std::optional<InputArchive> archive = {})
      : archive_(std::move(archive)) {}
  void handle(const Event& event, Now now, Effects& effects);

  /// Position of the copy; nullopt while there is none.
  std::optional<std::uint64_t> position() const {
    return cib_ ? std::optional(position_) : std::nullopt;
  }

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

  void take(const CibSnapshot& snapshot);
  void take(const CibChange& change);
  void take(ClientId client, ScheduleRequest request);
  void take(ClientId client, const ScheduleStandby& standby);
  void subscribe();
  /// Has a copy exactly while somebody may ask.
  void want_copy();
  void plan_what_can_be();
  void log(LogLevel level, std::string text);

  Effects* effects_ = nullptr;
  bool cib_up_ = false;
  bool subscribed_ = false;
  std::optional<cib::Cib> cib_;
  std::uint64_t position_ = 0;
  std::uint64_t seen_ = 0;
  std::set<ClientId> standby_;                   ///< who may ask soon
  std::map<ClientId, ScheduleRequest> waiting_;  ///< the latest of each client
  struct Computing {
    ClientId client = 0;
    std::string input;  ///< with an archive
  };
  std::map<std::uint64_t, Computing> computing_;  ///< by number of the computation
  std::optional<InputArchive> archive_;
  std::uint64_t last_computation_ = 0;
};

}  // namespace quorate
