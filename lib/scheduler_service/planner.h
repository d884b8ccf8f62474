#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cib/document.h"
#include "cib/edit.h"
#include "messages/scheduler.h"

namespace quorate {

/// What planning gives: the graph, or why there is none.
struct Plan {
  std::string graph;    ///< transition graph XML (spec/06)
  std::string summary;  ///< one line
  std::string error;
  std::string series = "input";    ///< "warn" or "error" if the configuration has such flaws
  std::int64_t series_max = 4000;  ///< how many inputs of the series are kept; -1: all
};

/// Plans for a prepared CIB, which it leaves as it is; `request` says when and under which number.
/// The scheduler library, or a stand-in in tests. Must be pure.
using PlanFunction = std::function<Plan(xml::Element cib, const ScheduleRequest& request)>;

/// Sets what the scheduler is told besides the CIB (spec/09 §11): dc-uuid, have-quorum,
/// have-watchdog, no-quorum-panic.
void prepare_for_planning(cib::Edit& edit, const ScheduleRequest& request);

/// What a plan task gives: the answer, and the input as it is saved.
struct PlanOutput {
  std::string reply;  ///< an encoded ScheduleReply; position and source are for the service to set
  std::string input;  ///< the prepared CIB with `execution-date`; empty if it isn't to be saved
};
std::string encode(const PlanOutput& output);
Result<PlanOutput> decode_plan_output(std::string_view text);

/// The worker of quorate-scheduler: owns the copy of the CIB, keeps it current and plans for it, so
/// that the daemon's main loop never touches a document that may be long. Its tasks are
/// ComputeAside tasks of one strand: they run one after the other, in the order they were asked
/// for.
class Planner {
 public:
  // Tasks, with their inputs. Only that of kPlanTask gives an output.
  static constexpr std::string_view kTakeTask = "take-cib";      ///< a whole document, as text
  static constexpr std::string_view kChangeTask = "change-cib";  ///< a patch
  /// The version it leads to, a newline, an encoded OrderedRequest.
  static constexpr std::string_view kRepeatTask = "repeat-request";
  static constexpr std::string_view kDropTask = "drop-cib";  ///< nothing
  static constexpr std::string_view kPlanTask = "plan";      ///< an encoded ScheduleRequest

  static constexpr std::array kTasks = {kTakeTask, kChangeTask, kRepeatTask, kDropTask, kPlanTask};

  /// `longest_saved`: documents of more bytes aren't given back to be saved; 0: none are.
  explicit Planner(PlanFunction plan, std::size_t longest_saved = 0)
      : plan_(std::move(plan)), longest_saved_(longest_saved) {}

  /// Errors: kInvalid for a document, patch or request that can't be used; the copy is gone then. A
  /// plan that can't be made is no error, but an answer that says why.
  Result<std::string> run(std::string_view task, std::string_view input);
  /// What tells this work from other work, also after a restart, if its input doesn't: the version
  /// of the copy for a plan, since what is asked has the time in it.
  std::optional<std::string> identity(std::string_view task) const;

 private:
  Result<std::string> take(std::string_view text);
  Result<std::string> change(std::string_view text);
  Result<std::string> repeat(std::string_view text);
  PlanOutput plan(std::string_view text);
  bool may_be_saved() const;
  void measured(std::size_t length);

  PlanFunction plan_;
  std::size_t longest_saved_;
  std::optional<cib::Cib> cib_;
  std::size_t length_ = 0;    ///< of the copy when it was written or read last
  std::size_t elements_ = 0;  ///< that it had then
};

}  // namespace quorate
