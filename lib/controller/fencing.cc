#include <algorithm>
#include <limits>

#include "base/text.h"
#include "controller/controller.h"
#include "controller/timers.h"
#include "xml/xpath.h"

/// Fencing as the controllers see it (spec/09 §19, spec/12 §25).
namespace quorate {

using namespace controller;
using transition::Completion;

bool Controller::is_being_fenced(std::string_view target) const {
  return std::any_of(fencings_.begin(), fencings_.end(), [&](const auto& entry) {
    return entry.second.how != "on" && iequals(entry.second.target, target);
  });
}

/// Nodes never seen are undecided for a while after the start: not fenced.
namespace {
/// In place of an incarnation: none that a node ever has.
constexpr std::uint64_t kNeverSeen = std::numeric_limits<std::int64_t>::max();
}  // namespace

bool Controller::may_fence(std::string_view name) const {
  // Nodes that arrive together after a loss of quorum aren't fenced for coming last (spec/09 §10).
  if (quorum_regained_) return false;
  if (decided_) return true;
  const KnownClusterNode* node = nodes_.find(name);
  return node == nullptr || node->seen || known_in_cib_.contains(std::to_string(node->number));
}

bool Controller::has_undecided() const {
  return std::any_of(nodes_.all().begin(), nodes_.all().end(),
                     [&](const auto& entry) { return !may_fence(entry.second.name); });
}

/// Time is up for nodes never seen: they count as down.
void Controller::undecided_end() {
  const bool were_there = has_undecided();
  decided_ = true;
  if (were_there) transitions_.abort_all("Nodes never seen count as down");
  begin_planning();
}

void Controller::fence(const transition::Action& action, std::int64_t timeout_s,
                       std::int64_t delay_s) {
  const std::string target(action.node);
  const std::string_view how = action.meta("stonith_action");
  const KnownClusterNode* node = nodes_.find(target);
  fencer::Fence request;
  request.request = ports_.next_request();
  request.target = target;
  request.action = how.empty() ? "reboot" : std::string(how);
  request.timeout_s = timeout_s;
  request.delay_s = delay_s;
  request.client = "quorate-controller";
  // One never seen that turns up before the agent returns has come up after it was switched off.
  request.incarnation = node == nullptr           ? 0
                        : node->entered_view == 0 ? kNeverSeen
                                                  : node->entered_view;
  for (auto& [number, under_way] : fencings_) {
    // Asked for by a graph that was given up: the attempt goes on as this graph's.
    if (under_way.graph == transitions_.graph_number() || under_way.how != request.action ||
        !iequals(under_way.target, target) || under_way.incarnation != request.incarnation) {
      continue;
    }
    under_way.action = action.id;
    under_way.graph = transitions_.graph_number();
    return;
  }
  std::size_t members = 0;
  for (const auto& [number, peer] : membership_.peers()) members += !peer.left_out;
  request.allow_self_fencing = members <= 1;
  ports_.log(LogLevel::kNotice, "Requesting fencing (" + request.action + ") targeting node " +
                                    target + " | action=" + std::to_string(action.id) +
                                    " timeout=" + std::to_string(timeout_s));
  fencings_[request.request] = {action.id,
                                target,
                                request.action,
                                request.incarnation,
                                fencer::encode(fencer::Request(request)),
                                transitions_.graph_number(),
                                std::string(action.meta("digests_all")),
                                std::string(action.meta("digests_secure"))};
  if (fencer_up_) ports_.to_fencer(request);
}

void Controller::fencer_says(const fencer::Answer& answer) {
  if (const auto* reply = std::get_if<fencer::Reply>(&answer)) return fencing_replied(*reply);
  if (const auto* note = std::get_if<fencer::Notification>(&answer)) {
    if (note->what == fencer::Notification::What::kFenced) fencing_notified(note->operation);
  }
}

Completion Controller::completion_after_failure(const std::string& target, bool no_device) const {
  if (no_device) return Completion::kWait;
  return fencing_failures_.count(target) >= options_.fencing_max_attempts ? Completion::kWait
                                                                          : Completion::kRestart;
}

void Controller::fencing_replied(const fencer::Reply& reply) {
  if (reply.more_to_come) return;
  const auto found = fencings_.find(reply.request);
  if (found == fencings_.end()) return;
  const Fencing fencing = found->second;
  const bool current = fencing.graph == transitions_.graph_number();
  if (!reply.result.succeeded()) {
    fencings_.erase(found);
    const bool no_device = reply.result.status == ExecutionStatus::kNoFenceDevice;
    const Completion completion = completion_after_failure(fencing.target, no_device);
    ports_.log(LogLevel::kNotice,
               "Fencing (" + fencing.how + ") of " + fencing.target +
                   " failed: " + reply.result.reason +
                   (completion == Completion::kWait ? " (aborting transition and giving up for now)"
                                                    : " (aborting transition)"));
    if (current) {
      transitions_.fencing_ended(fencing.action, false, completion, "Stonith failed");
    }
    return fencing_over(fencing.target);
  }
  if (fencing.how == "on") {
    fencings_.erase(found);
    note_unfenced(fencing);
    if (current) transitions_.fencing_ended(fencing.action, true, Completion::kDone, {});
    return;
  }
  const std::uint64_t number = reply.request;
  mark_fenced(fencing.target, fencing.incarnation, [this, number](bool written) {
    const auto pending = fencings_.find(number);
    if (pending == fencings_.end()) return;
    const Fencing done = pending->second;
    fencings_.erase(pending);
    if (done.graph == transitions_.graph_number()) {
      transitions_.fencing_ended(done.action, written, Completion::kShutdown, "CIB update failed");
    }
    fencing_over(done.target);
  });
}

/// When, and with which devices: so that it is done again when they have changed (spec/09 §19.2).
void Controller::note_unfenced(const Fencing& fencing) {
  const auto set = [&](const char* name, const std::string& value) {
    AttributeRequest request;
    request.kind = AttributeRequest::Kind::kUpdate;
    request.client = "quorate-controller";
    request.name = name;
    if (!value.empty()) request.value = value;
    request.node = fencing.target;
    ports_.to_attributes(std::move(request));
  };
  set("#digests-all", fencing.digests_all);
  set("#digests-secure", fencing.digests_secure);
  set("#node-unfenced", std::to_string(ports_.now().wall_seconds()));
}

/// A node that came back meanwhile can be integrated now.
void Controller::fencing_over(const std::string&) {
  if (membership_.is_dc()) integrate_if_complete();
}

void Controller::mark_fenced(const std::string& target, std::uint64_t incarnation,
                             std::function<void(bool)> then) {
  KnownClusterNode* node = nodes_.find(target);
  const bool is_up = node != nullptr && (node->in_group || node->in_layer);
  if (is_up && node->entered_view != 0 && node->entered_view != incarnation && incarnation != 0) {
    // The success counts for an earlier life of the node; this one keeps its state, also while its
    // controller is away.
    ports_.log(LogLevel::kInfo, "Fencing of " + target + " was for its previous incarnation");
    return then(true);
  }
  const bool cluster_node = node != nullptr;
  const std::string id = cluster_node ? std::to_string(node->number) : target;
  xml::Document status = xml::Document::with_root("status");
  xml::Element state = status.root().add("node_state");
  state.set("id", to_xml_safe(id));
  state.set("uname", to_xml_safe(cluster_node ? node->name : target));
  state.set("crm-debug-origin", "quorate-controller");
  if (cluster_node) {
    if (!node->seen) {
      state.set("in_ccm", "0");
      state.set("crmd", "0");
    }
    state.set("join", "down");
    state.set("expected", "down");
    node->expected = Expected::kDown;
    node->joined = false;
  } else {
    state.set("remote_node", "true");
    state.set("node_fenced", std::to_string(ports_.now().wall_seconds()));
  }
  known_in_cib_.insert(id);
  ports_.write_cib(
      {CibStep::merge("status", status.root().to_string()),
       CibStep::remove("/cib/status/node_state[@id=" + xml::xpath_literal(id) + "]/lrm")},
      [then](const CibOutcome& outcome) { then(outcome.ok); });
  AttributeRequest purge;
  purge.kind = AttributeRequest::Kind::kPurge;
  purge.client = "fencing";
  purge.node = cluster_node ? node->name : target;
  // One that is back has set its values anew; those of one whose manager isn't known to be gone yet
  // are forgotten when it is.
  purge.unless_member = true;
  ports_.to_attributes(std::move(purge));
}

void Controller::fencing_notified(const fencer::Operation& operation) {
  const bool ok = operation.result.succeeded();
  const std::string by = operation.delegate.empty() ? "the cluster" : operation.delegate;
  ports_.log(
      LogLevel::kNotice,
      "Peer " + operation.target + " was " + (ok ? "" : "not ") + "terminated (" +
          operation.action + ") by " + by + " on behalf of " + operation.client + "@" +
          operation.origin + ": " +
          (ok ? std::string("OK") : std::string(execution_status_text(operation.result.status))));
  if (operation.action == "on") return;
  if (!ok) return fencing_failures_.failed(operation.target);
  fencing_failures_.succeeded(operation.target);
  if (iequals(operation.target, config_.name)) {
    // A success that was meant for an earlier life of this node isn't one for this one.
    if (operation.incarnation != 0 && operation.incarnation != membership_.entered_view()) return;
    ports_.log(LogLevel::kCritical,
               "We were allegedly just fenced by " + by + " for " + operation.origin + "!");
    if (options_.fencing_reaction_panics) return ports_.panic("this node was fenced");
    return ports_.exit(100, "this node was fenced");
  }
  KnownClusterNode* node = nodes_.find(operation.target);
  const bool earlier_life = node != nullptr && node->in_group && operation.incarnation != 0 &&
                            operation.incarnation != node->entered_view;
  if (node != nullptr && !earlier_life) {
    node->expected = Expected::kDown;
    node->joined = false;
  }
  if (!membership_.is_dc()) {
    const NodeNumber dc = membership_.dc();
    if (dc == 0 || iequals(membership_.name_of(dc), operation.target)) {
      fenced_without_dc_.emplace_back(operation.target, operation.incarnation);
    } else {
      fenced_without_dc_.clear();
    }
    return;
  }
  // What this controller asked for has a reply, which does the rest. Somebody else on this node may
  // have been faster, such as a human who confirms that the target is down.
  const bool own =
      iequals(operation.origin, config_.name) && operation.client.starts_with("quorate-controller");
  if (own) return;
  const std::string target = operation.target;
  mark_fenced(target, operation.incarnation, [this, target](bool written) {
    if (written) {
      transitions_.abort_all("External Fencing Operation");
      fenced_otherwise(target);
    } else {
      transitions_.abort(transition::kAbortAll, Completion::kShutdown, "CIB update failed");
    }
  });
}

/// The end of attempts under way isn't waited for: a switch may take long not to answer.
void Controller::fenced_otherwise(const std::string& target) {
  std::vector<Fencing> needless;
  for (auto it = fencings_.begin(); it != fencings_.end();) {
    if (it->second.how != "on" && iequals(it->second.target, target)) {
      needless.push_back(it->second);
      it = fencings_.erase(it);
    } else {
      ++it;
    }
  }
  for (const Fencing& fencing : needless) {
    if (fencing.graph == transitions_.graph_number()) {
      transitions_.fencing_ended(fencing.action, true, Completion::kDone, {});
    }
  }
  if (!needless.empty()) fencing_over(target);
}

void Controller::fencer_down() {
  fencer_up_ = false;
  ports_.log(LogLevel::kError, "Lost fencer connection (will attempt to reconnect)");
  const auto failed = std::move(fencings_);
  fencings_.clear();
  for (const auto& [request, fencing] : failed) {
    ports_.log(LogLevel::kError, "Failing action " + std::to_string(fencing.action) + " (" +
                                     fencing.how + " of " + fencing.target +
                                     "): fencer terminated");
    if (fencing.graph != transitions_.graph_number()) continue;
    transitions_.fencing_ended(fencing.action, false,
                               completion_after_failure(fencing.target, false), "Stonith failed");
  }
}

}  // namespace quorate
