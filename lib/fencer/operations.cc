#include <algorithm>

#include "base/text.h"
#include "fencer/fencer.h"

/// Operations as all fencers see them, in the agreed order (spec/12 §9, §13, §14, §20).
namespace quorate::fencer {
namespace {

std::int64_t own_timeout_s(const Device& device, const char* action) {
  return agents::fence_timeout_ms(device.parameters, action).value_or(0) / 1000;
}

}  // namespace

const Member* Fencer::member(NodeNumber node) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& one) { return one.node == node; });
  return found == members_.end() ? nullptr : &*found;
}

bool Fencer::in_view(const std::string& name) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const Member& one) { return iequals(one.name, name); });
}

/// The operation in progress that a new one is identical with (§13.1); null if there is none.
const Operation* Fencer::original_of(const Operation& operation) const {
  for (const Operation& other : history_.all()) {
    const bool open =
        other.state == OperationState::kQuerying || other.state == OperationState::kExecuting;
    if (open && other.id != operation.id && iequals(other.target, operation.target) &&
        other.action == operation.action && other.client != operation.client &&
        !iequals(other.target, other.origin) && in_view(other.origin) &&
        counts_for(other.incarnation, operation.incarnation)) {
      return &other;
    }
  }
  return nullptr;
}

void Fencer::take(Context& context, NodeNumber sender, const Query& message) {
  if (message.operation.id.empty() || history_.find(message.operation.id) != nullptr) return;
  Query query = message;
  Operation& operation = query.operation;
  if (!in_view(operation.origin)) {
    // The node that was to originate it has left since: another one that isn't the target does.
    const auto other = std::find_if(members_.begin(), members_.end(), [&](const Member& one) {
      return !iequals(one.name, operation.target);
    });
    const Member* by_sender = member(sender);
    operation.origin = other != members_.end() ? other->name
                       : by_sender != nullptr  ? by_sender->name
                                               : config_.node_name;
  }
  operation.state = OperationState::kQuerying;
  if (const Operation* original = original_of(operation)) {
    operation.state = OperationState::kDuplicate;
    context.log(LogLevel::kNotice, "Merging fencing action '" + operation.action + "' targeting " +
                                       operation.target + " originating from client " +
                                       operation.client + " with identical request from " +
                                       original->client + "@" + original->origin +
                                       " | original=" + original->id.substr(0, 8) +
                                       " duplicate=" + operation.id.substr(0, 8));
    duplicates_[operation.id] = original->id;
    history_.put(operation);
    return;
  }
  history_.put(operation);
  notify(context, {Notification::What::kHistoryChanged, {}, {}});
  if (iequals(operation.origin, config_.node_name)) {
    context.log(LogLevel::kNotice,
                "Requesting peer fencing (" + operation.action + ") targeting " + operation.target +
                    " | id=" + operation.id.substr(0, 8) +
                    " state=querying base_timeout=" + std::to_string(query.timeout_s) + "s");
    std::set<NodeNumber> peers;
    for (const Member& one : members_) peers.insert(one.node);
    const Levels* levels = topology_.find(operation.target, node_attributes_);
    Coordination machine(query, levels, std::move(peers));
    const std::int64_t query_ms = machine.query_timeout_s() * 1000;
    Coordinated entry{std::move(machine), context.set_timer(query_ms), 0, 0};
    coordinated_.insert_or_assign(operation.id, std::move(entry));
  }
  offer_devices(context, query);
}

/// Tells the originator what this node can do for it.
void Fencer::offer_devices(Context& context, const Query& query) {
  const std::string id = query.operation.id;
  const std::string target = query.operation.target;
  const DeviceTable::Search search{query.operation.action, target, query.timeout_s,
                                   query.allow_self_fencing};
  table_.search(context, search,
                [this, id, target, self = query.allow_self_fencing](
                    Context& later, const std::vector<std::string>& found) {
                  Offer offer{id, {}};
                  for (const std::string& device_id : found) {
                    const Device& device = table_.devices().at(device_id);
                    const agents::Metadata* metadata = table_.metadata_of(device);
                    const auto may = [&](const char* action) {
                      return may_execute(metadata, action, target, config_.node_name, self);
                    };
                    OfferedDevice offered;
                    offered.id = device_id;
                    offered.verified = device.verified;
                    offered.unfences = requires_unfencing(device, metadata);
                    offered.supports_on = supports(metadata, "on");
                    offered.stays_off =
                        agents::fence_agent_action(device.parameters, "reboot") == "off";
                    offered.may_reboot = may("reboot");
                    offered.may_off = may("off");
                    offered.may_on = may("on");
                    offered.reboot_timeout_s = own_timeout_s(
                        device, effective_action(metadata, "reboot") == "off" ? "off" : "reboot");
                    offered.off_timeout_s = own_timeout_s(device, "off");
                    offered.on_timeout_s = own_timeout_s(device, "on");
                    const agents::FenceDelay delay = agents::fence_delay(device.parameters, target);
                    offered.delay_base_s = delay.base_s;
                    offered.delay_max_s = delay.max_s;
                    offer.devices.push_back(std::move(offered));
                  }
                  broadcast(later, offer);
                });
}

void Fencer::take(Context& context, NodeNumber sender, const Offer& message) {
  const auto found = coordinated_.find(message.operation);
  const Member* peer = member(sender);
  if (found == coordinated_.end() || peer == nullptr) return;
  context.log(LogLevel::kDebug, "Query result from " + peer->name + " for " + message.operation +
                                    " (" + std::to_string(message.devices.size()) + " devices)");
  found->second.machine.offered(sender, peer->name, message.devices);
  advance(context, message.operation);
}

/// Does what the operation's machine says.
void Fencer::advance(Context& context, const std::string& id) {
  const auto found = coordinated_.find(id);
  const Operation* operation = history_.find(id);
  if (found == coordinated_.end() || operation == nullptr) return;
  Coordinated& entry = found->second;
  if (!entry.machine.executing()) context.cancel_timer(entry.request_timer);
  const Coordination::Step step = entry.machine.next();
  for (std::string& note : entry.machine.take_notes()) {
    context.log(LogLevel::kNotice, std::move(note));
  }
  switch (step.what) {
    case Coordination::Step::What::kWait:
      return;
    case Coordination::Step::What::kEnd:
      conclude(context, id, step.result);
      return;
    case Coordination::Step::What::kExecute:
      break;
  }
  const Member* peer = member(step.execute.node);
  context.log(LogLevel::kNotice,
              "Requesting that " + (peer != nullptr ? peer->name : std::string("a node")) +
                  " perform '" + step.execute.action + "' action targeting " + operation->target +
                  (step.execute.device.empty() ? "" : " using " + step.execute.device) +
                  " | for client " + operation->client + " (" +
                  std::to_string(step.request_timeout_s) + "s)");
  if (entry.total_timer == 0) {
    entry.total_timer = context.set_timer(entry.machine.total_timeout_s() * 1000);
    context.log(LogLevel::kInfo, "Total timeout set to " +
                                     std::to_string(entry.machine.total_timeout_s()) +
                                     "s for peer's fencing targeting " + operation->target +
                                     " for " + operation->client);
  }
  entry.request_timer = context.set_timer(step.request_timeout_s * 1000);
  broadcast(context, step.execute);
}

bool Fencer::coordination_timer(Context& context, std::uint64_t timer) {
  for (auto& [id, entry] : coordinated_) {
    if (entry.query_timer == timer) {
      entry.query_timer = 0;
      entry.machine.query_timer_expired();
    } else if (entry.request_timer == timer) {
      entry.request_timer = 0;
      entry.machine.request_timer_expired();
    } else if (entry.total_timer == timer) {
      conclude(context, std::string(id), entry.machine.total_timer_expired());
      return true;
    } else {
      continue;
    }
    advance(context, std::string(id));
    return true;
  }
  return false;
}

void Fencer::take(Context& context, NodeNumber, const Execute& message) {
  Operation* operation = history_.find(message.operation);
  if (operation == nullptr || !is_pending(operation->state)) return;
  const Member* peer = member(message.node);
  operation->state = OperationState::kExecuting;
  operation->delegate = peer != nullptr ? peer->name : std::string();
  executing_[message.operation] = {message.node, message.attempt, message.last};
  if (const auto callers = callers_.find(message.operation); callers != callers_.end()) {
    for (const Caller& caller : callers->second) {
      Reply notice;
      notice.more_to_come = true;
      notice.wait_s = message.total_s;
      answer(context, caller, std::move(notice));
    }
  }
  if (message.node == config_.node) {
    executions_.start(context, message, operation->target,
                      [this, id = message.operation, attempt = message.attempt](
                          Context& later, const AgentResult& result) {
                        broadcast(later, Executed{id, attempt, result});
                      });
  } else if (peer == nullptr) {
    fail_orphans(context);
  }
}

void Fencer::take(Context& context, NodeNumber sender, const Executed& message) {
  Operation* operation = history_.find(message.operation);
  if (operation == nullptr) return;
  if (!is_pending(operation->state)) {
    context.log(LogLevel::kNotice, "Operation '" + operation->action + "' targeting " +
                                       operation->target + ": Result arrived too late");
    return;
  }
  const auto executing = executing_.find(message.operation);
  const bool current = executing != executing_.end() && executing->second.node == sender &&
                       executing->second.attempt == message.attempt;
  if (!current) return;
  if (const auto found = coordinated_.find(message.operation); found != coordinated_.end()) {
    found->second.machine.executed(message.attempt, message.result);
    advance(context, message.operation);
    return;
  }
  if (in_view(operation->origin) || sender != config_.node) return;
  // The originator, who would say how it ended, is gone: the executioner does (§14.4).
  Operation over = *operation;
  const bool success = message.result.succeeded() && executing->second.last;
  over.state = success ? OperationState::kCompleted : OperationState::kFailed;
  over.result = message.result;
  if (!success && message.result.succeeded()) {
    over.result = {ocf::kError, ExecutionStatus::kError,
                   "Originator left before all devices had been used"};
  }
  over.completed_ms = context.now.wall_ms;
  broadcast(context, Ended{over});
}

/// The originator's last word.
void Fencer::conclude(Context& context, const std::string& id, const AgentResult& result) {
  const Operation* operation = history_.find(id);
  if (operation == nullptr) return;
  Operation over = *operation;
  over.result = result;
  over.state = result.succeeded() ? OperationState::kCompleted : OperationState::kFailed;
  over.completed_ms = context.now.wall_ms;
  drop_coordination(context, id);
  broadcast(context, Ended{over});
}

void Fencer::drop_coordination(Context& context, const std::string& id) {
  const auto found = coordinated_.find(id);
  if (found == coordinated_.end()) return;
  context.cancel_timer(found->second.query_timer);
  context.cancel_timer(found->second.request_timer);
  context.cancel_timer(found->second.total_timer);
  coordinated_.erase(found);
}

void Fencer::take(Context& context, NodeNumber, const Ended& message) {
  if (message.operation.id.empty() || is_pending(message.operation.state)) return;
  const Operation* known = history_.find(message.operation.id);
  if (known != nullptr && !is_pending(known->state)) {
    context.log(LogLevel::kNotice, "Operation '" + known->action + "' targeting " + known->target +
                                       ": Result arrived too late");
    return;
  }
  ended(context, message.operation);
}

/// An operation is over, for everyone.
void Fencer::ended(Context& context, const Operation& operation) {
  const Operation over = operation;  // `operation` may be the history's own
  history_.put(over);
  drop_coordination(context, over.id);
  executing_.erase(over.id);
  duplicates_.erase(over.id);
  const bool success = over.state == OperationState::kCompleted;
  const bool mine = iequals(over.origin, config_.node_name);
  const std::string exit_text = over.result.status == ExecutionStatus::kDone
                                    ? std::string(exit_code_text(over.result.exit_code))
                                    : std::string(exit_code_text(ocf::kError));
  context.log(success || !mine ? LogLevel::kNotice : LogLevel::kError,
              "Operation '" + over.action + "' targeting " + over.target + " by " +
                  (over.delegate.empty() ? "unknown node" : over.delegate) + " for " + over.client +
                  "@" + over.origin + (over.merged ? " (merged)" : "") + ": " + exit_text + " (" +
                  std::string(execution_status_text(over.result.status)) +
                  (over.result.reason.empty() ? "" : ": " + over.result.reason) +
                  ") | id=" + over.id.substr(0, 8));
  notify(context, {Notification::What::kFenced, over, {}});
  if (const auto callers = callers_.find(over.id); callers != callers_.end()) {
    const std::vector<Caller> waiting = std::move(callers->second);
    callers_.erase(callers);
    for (const Caller& caller : waiting) answer(context, caller, over.result);
  }
  end_duplicates(context, over);
}

/// Operations merged with this one get its result, announced by their own originators.
void Fencer::end_duplicates(Context& context, const Operation& original) {
  for (const auto& [id, of] : duplicates_) {
    const Operation* duplicate = history_.find(id);
    if (of != original.id || duplicate == nullptr) continue;
    if (!iequals(duplicate->origin, config_.node_name)) continue;
    Operation over = *duplicate;
    over.state = original.state;
    over.result = original.result;
    over.delegate = original.delegate;
    over.completed_ms = original.completed_ms;
    over.merged = true;
    broadcast(context, Ended{over});
  }
}

/// Pending operations whose originator is gone fail, unless somebody still executes them; those of
/// an earlier life of this fencer fail, too (§14.5). Everybody does this at the same place.
void Fencer::fail_orphans(Context& context) {
  std::vector<Operation> orphans;
  for (const Operation& operation : history_.all()) {
    if (!is_pending(operation.state)) continue;
    if (in_view(operation.origin)) {
      const bool forgotten = iequals(operation.origin, config_.node_name) &&
                             operation.state != OperationState::kDuplicate &&
                             !coordinated_.contains(operation.id);
      if (forgotten) {
        Operation over = operation;
        over.state = OperationState::kFailed;
        over.result = {ocf::kError, ExecutionStatus::kError,
                       "Initiated by earlier fencer process and presumed failed"};
        over.completed_ms = context.now.wall_ms;
        broadcast(context, Ended{over});
      }
      continue;
    }
    const bool executed_by_member =
        operation.state == OperationState::kExecuting && in_view(operation.delegate);
    if (!executed_by_member) orphans.push_back(operation);
  }
  for (Operation& orphan : orphans) {
    orphan.state = OperationState::kFailed;
    orphan.result = {ocf::kError, ExecutionStatus::kError, "Originator is dead"};
    orphan.completed_ms = context.now.wall_ms;
    ended(context, orphan);
  }
}

// ---- History ----------------------------------------------------------------------------------

void Fencer::take(Context& context, NodeNumber sender, const HistoryShare& message) {
  const bool changed = history_.merge(message.operations);
  for (const Operation& operation : message.operations) {
    const Operation* known = history_.find(operation.id);
    if (known != nullptr && !is_pending(known->state)) {
      drop_coordination(context, operation.id);
      if (callers_.contains(operation.id)) ended(context, *known);
    }
  }
  fail_orphans(context);
  if (changed) notify(context, {Notification::What::kHistorySynchronised, {}, {}});
  if (!message.asked_for) return;
  std::vector<std::uint64_t> ids;
  for (auto& [id, gathering] : gatherings_) {
    gathering.outstanding.erase(sender);
    ids.push_back(id);
  }
  for (const std::uint64_t id : ids) gathered(context, id);
}

void Fencer::take(Context& context, NodeNumber, const HistoryWanted&) {
  broadcast(context, HistoryShare{history_.of({}), true});
}

void Fencer::take(Context& context, NodeNumber, const HistoryCleaned& message) {
  history_.clean(message.target);
  notify(context, {Notification::What::kHistoryChanged, {}, {}});
}

}  // namespace quorate::fencer
