#include "base/text.h"
#include "scheduler/actions/steps.h"

/// Up, down and completed tasks (spec/05 §2.6).
namespace quorate::scheduler {

namespace {

struct Completion {
  std::string_view task, completed;
};
constexpr Completion kCompletions[] = {
    {"start", "running"},  {"stop", "stopped"},    {"promote", "promoted"},
    {"demote", "demoted"}, {"notify", "notified"},
};

}  // namespace

std::string_view completed_task(std::string_view task) {
  for (const Completion& known : kCompletions) {
    if (iequals(known.task, task)) return known.completed;
  }
  return task;
}

std::string_view plain_task(std::string_view task) {
  for (const Completion& known : kCompletions) {
    if (iequals(known.completed, task)) return known.task;
  }
  return task;
}

}  // namespace quorate::scheduler
