// --wait: until nothing is left to do (spec/14 §6.17).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "common/controller_call.h"
#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "xml/xpath.h"

namespace quorate::crm_resource {

namespace {

/// Actions that are to be executed, newest first; real ones only.
std::vector<const graph::Action*> pending_actions(const scheduler::Schedule& schedule) {
  std::vector<const graph::Action*> pending;
  for (const graph::Action* action = schedule.actions->newest; action != nullptr;
       action = action->next) {
    if (action->required() && action->runnable() && !action->pseudo() && action->task != "notify") {
      pending.push_back(action);
    }
  }
  return pending;
}

/// A history entry without result: something runs. A recurring monitor whose last failure is
/// recorded isn't one.
bool something_runs(xml::Element cib) {
  const auto running = xml::find_all(cib,
                                     "/cib/status/node_state/lrm/lrm_resources/lrm_resource/"
                                     "lrm_rsc_op[@rc-code='193']");
  if (!running) return false;
  for (const xml::Element entry : *running) {
    bool superseded = false;
    for (xml::Element other : xml::children(entry.parent(), "lrm_rsc_op")) {
      superseded = superseded || (other.get("operation_key") == entry.get("operation_key") &&
                                  other.id().ends_with("_last_failure_0"));
    }
    const bool recurring =
        entry.get("operation") == "monitor" && entry.get_or("interval", "0") != "0";
    if (!(recurring && superseded)) return true;
  }
  return false;
}

using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::milliseconds(500);

/// A while, and until the DC has nothing to do: planning again and again meanwhile would only slow
/// it down.
void let_the_cluster_work(const Session& session, Clock::time_point deadline) {
  constexpr std::int64_t kAskAgainMs = 10'000;  // the DC may have changed
  const auto next = Clock::now() + kPause;
  if (session.cib.is_live()) {
    ControllerRequest request;
    request.kind = ControllerRequest::Kind::kWaitIdle;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    // Without an answer there is nothing to do but to look.
    if (auto controller = cli::ControllerCall::open("crm_resource")) {
      (void)controller->ask(std::move(request), std::min<std::int64_t>(left.count(), kAskAgainMs));
    }
  }
  std::this_thread::sleep_until(next);
}

}  // namespace

int wait_until_idle(Session& session) {
  constexpr std::int64_t kDefaultTimeoutMs = 3'600'000;
  const auto deadline = Clock::now() + std::chrono::milliseconds(
                                           session.settings.timeout_ms.value_or(kDefaultTimeoutMs));
  while (true) {
    const auto picture = cli::read_cluster(session.cib, cli::Depth::kPlan);
    if (!picture) {
      session.output.bare_error(picture.error().message);
      return cli::exit_code_of(picture.error().kind);
    }
    const auto pending = pending_actions((*picture)->schedule);
    if (pending.empty() && !something_runs((*picture)->document.root())) {
      return cli::exit_code::kOk;
    }
    if (Clock::now() + kPause > deadline) {
      session.output.info("Pending actions:");
      for (const graph::Action* action : pending) {
        session.output.info(
            fmt::format("\tAction {}: {}{}", action->number, action->key,
                        action->node == nullptr ? "" : fmt::format("\ton {}", action->node->name)));
      }
      return cli::exit_code::kTimeout;
    }
    let_the_cluster_work(session, deadline);
  }
}

}  // namespace quorate::crm_resource
