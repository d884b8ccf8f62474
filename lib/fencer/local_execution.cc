#include "fencer/local_execution.h"

#include "base/planted.h"

namespace quorate::fencer {

void LocalExecutions::start(Context& context, const Execute& execute, const std::string& target,
                            Done done) {
  if (!execute.device.empty() && !table_.devices().contains(execute.device)) {
    done(context, {ocf::kError, ExecutionStatus::kNoFenceDevice,
                   "Requested device '" + execute.device + "' not found"});
    return;
  }
  const std::uint64_t id = context.new_id();
  Attempt& attempt = attempts_[id];
  attempt.execute = execute;
  attempt.target = target;
  attempt.done = std::move(done);
  if (!execute.device.empty()) {
    attempt.devices = {execute.device};
    attempt.succeeded = true;  // nothing else is to be tried, whatever the result
    run_next(context, id);
    return;
  }
  table_.search(context, {execute.action, target, execute.timeout_s, true},
                [this, id](Context& later, const std::vector<std::string>& devices) {
                  Attempt& found = attempts_.at(id);
                  found.devices.assign(devices.begin(), devices.end());
                  if (!found.devices.empty()) {
                    run_next(later, id);
                    return;
                  }
                  finish(later, id,
                         {ocf::kError, ExecutionStatus::kNoFenceDevice,
                          "No device configured for target '" + found.target + "'"});
                });
}

bool LocalExecutions::required(const std::string& device) const {
  const auto found = table_.devices().find(device);
  return found != table_.devices().end() &&
         requires_unfencing(found->second, table_.metadata_of(found->second));
}

void LocalExecutions::run_next(Context& context, std::uint64_t id) {
  Attempt& attempt = attempts_.at(id);
  attempt.current = attempt.devices.front();
  attempt.devices.pop_front();
  Execute& execute = attempt.execute;
  Job job{attempt.current, execute.action, attempt.target, execute.timeout_s, execute.delay_s};
  if (execute.delay_s > 0) execute.delay_s = 0;  // for the first device only
  table_.run(context, std::move(job),
             [this, id](Context& later, const AgentResult& result, const std::string&) {
               ended(later, id, result);
             });
}

void LocalExecutions::ended(Context& context, std::uint64_t id, const AgentResult& result) {
  Attempt& attempt = attempts_.at(id);
  const bool unfences = attempt.execute.action == "on";
  if (result.succeeded()) {
    // Of the others only those that are required for unfencing are run, too.
    std::erase_if(attempt.devices,
                  [&](const std::string& device) { return !unfences || !required(device); });
    attempt.succeeded = true;
  } else if (attempt.succeeded || (unfences && required(attempt.current))) {
    attempt.devices.clear();
  }
  if (attempt.devices.empty()) {
    finish(context, id, result);
  } else {
    run_next(context, id);
  }
}

void LocalExecutions::finish(Context& context, std::uint64_t id, const AgentResult& result) {
  if (planted("failed-fence-is-success") && !result.succeeded()) {
    return finish(context, id, {ocf::kOk, ExecutionStatus::kDone, {}});
  }
  const Done done = std::move(attempts_.at(id).done);
  attempts_.erase(id);
  done(context, result);
}

}  // namespace quorate::fencer
