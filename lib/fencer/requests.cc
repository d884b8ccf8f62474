#include <algorithm>

#include "base/planted.h"
#include "base/text.h"
#include "fencer/fencer.h"

/// What clients of the fencer may ask (messages/fencer.h).
namespace quorate::fencer {
namespace {

const AgentResult kGood{ocf::kOk, ExecutionStatus::kDone, {}};

AgentResult invalid(std::string why) {
  return {ocf::kInvalidParameter, ExecutionStatus::kCannotExecute, std::move(why)};
}

AgentResult not_allowed(std::string why) {
  return {ocf::kInsufficientPrivileges, ExecutionStatus::kCannotExecute, std::move(why)};
}

}  // namespace

bool Fencer::is_privileged(const Caller& caller) const {
  const auto client = clients_.find(caller.client);
  return client != clients_.end() && client->second.peer.privileged;
}

std::string Fencer::client_name(const Caller& caller, const std::string& given) const {
  const auto client = clients_.find(caller.client);
  const std::int32_t pid = client == clients_.end() ? 0 : client->second.peer.pid;
  return (given.empty() ? std::string("a client") : given) + "." + std::to_string(pid);
}

void Fencer::answer(Context& context, Caller caller, Reply reply) {
  if (!clients_.contains(caller.client)) return;
  reply.request = caller.request;
  context.effects.push_back(quorate::Reply{caller.client, encode(Answer(std::move(reply)))});
}

void Fencer::answer(Context& context, Caller caller, AgentResult result) {
  Reply reply;
  reply.result = std::move(result);
  answer(context, caller, std::move(reply));
}

void Fencer::notify(Context& context, const Notification& notification) {
  const std::string payload = encode(Answer(notification));
  for (const auto& [id, client] : clients_) {
    if (client.subscribed) context.effects.push_back(quorate::Reply{id, payload});
  }
}

void Fencer::serve(Context&, Caller caller, const Subscribe&) {
  clients_[caller.client].subscribed = true;
}

// ---- Operations -------------------------------------------------------------------------------

void Fencer::serve(Context& context, Caller caller, const Fence& request) {
  const bool known =
      request.action == "reboot" || request.action == "off" || request.action == "on";
  if (!known || request.target.empty()) {
    answer(context, caller,
           invalid("Invalid fencing request: action '" + request.action + "' on '" +
                   request.target + "'; use reboot, off or on, and name a node"));
    return;
  }
  const std::int64_t since_ms = context.now.wall_ms - request.tolerance_s * 1000;
  const Operation* recent =
      planted("former-fencing-counts")
          ? history_.recent_success(request.target, request.action, 0, 0)
      : request.tolerance_s <= 0
          ? nullptr
          : history_.recent_success(request.target, request.action, request.incarnation, since_ms);
  if (recent != nullptr) {
    context.log(LogLevel::kNotice, "Target " + request.target + " was fenced (" + request.action +
                                       ") less than " + std::to_string(request.tolerance_s) +
                                       "s ago by " + recent->delegate + " on behalf of " +
                                       recent->origin);
    answer(context, caller, kGood);
    return;
  }
  Query query;
  query.operation.id = new_operation_id();
  query.operation.target = request.target;
  query.operation.action = request.action;
  query.operation.client = client_name(caller, request.client);
  query.operation.origin = config_.node_name;
  query.operation.incarnation = request.incarnation;
  query.timeout_s = std::max<std::int64_t>(1, request.timeout_s);
  query.delay_s = request.delay_s;
  query.allow_self_fencing = request.allow_self_fencing;
  if (iequals(request.target, config_.node_name)) {
    const auto peer = std::find_if(members_.begin(), members_.end(),
                                   [&](const Member& one) { return one.node != config_.node; });
    if (peer != members_.end()) {
      context.log(LogLevel::kNotice, "Forwarding self-fencing request to " + peer->name);
      query.operation.origin = peer->name;
    } else {
      context.log(LogLevel::kWarning, "Will handle own fencing because no peer can");
    }
  }
  callers_[query.operation.id].push_back(caller);
  broadcast(context, query);
}

void Fencer::serve(Context& context, Caller caller, const Confirm& request) {
  if (request.target.empty()) {
    answer(context, caller, invalid("Manual confirmation names no node"));
    return;
  }
  context.log(LogLevel::kNotice,
              "Received manual confirmation that " + request.target + " has been fenced");
  Operation operation;
  operation.id = new_operation_id();
  operation.target = request.target;
  operation.action = "off";
  operation.client = client_name(caller, request.client);
  operation.origin = config_.node_name;
  operation.delegate = "a human";
  operation.state = OperationState::kCompleted;
  operation.result = kGood;
  operation.completed_ms = context.now.wall_ms;
  operation.incarnation = request.incarnation;
  callers_[operation.id].push_back(caller);
  broadcast(context, Ended{operation});
}

void Fencer::serve(Context& context, Caller caller, const GetHistory& request) {
  if (!request.synchronise || members_.size() < 2) {
    Reply reply;
    reply.result = kGood;
    reply.history = history_.of(request.target);
    answer(context, caller, std::move(reply));
    return;
  }
  constexpr std::int64_t kGatherMs = 5'000;
  HistoryGathering& gathering = gatherings_[context.new_id()];
  gathering.caller = caller;
  gathering.target = request.target;
  for (const Member& one : members_) gathering.outstanding.insert(one.node);
  gathering.timer = context.set_timer(kGatherMs);
  broadcast(context, HistoryWanted{});
}

void Fencer::gathered(Context& context, std::uint64_t id) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end() || !found->second.outstanding.empty()) return;
  context.cancel_timer(found->second.timer);
  Reply reply;
  reply.result = kGood;
  reply.history = history_.of(found->second.target);
  answer(context, found->second.caller, std::move(reply));
  gatherings_.erase(found);
}

void Fencer::serve(Context& context, Caller caller, const CleanHistory& request) {
  broadcast(context, HistoryCleaned{request.target});
  answer(context, caller, kGood);
}

// ---- Devices and levels -----------------------------------------------------------------------

void Fencer::serve(Context& context, Caller caller, const RunDevice& request) {
  const auto device = table_.devices().find(request.device);
  if (device == table_.devices().end() ||
      (request.action == "monitor" && !device->second.by_request)) {
    const char* why = device == table_.devices().end() ? "' not found" : "' not active";
    answer(context, caller,
           {ocf::kError, ExecutionStatus::kNoFenceDevice, "'" + request.device + why});
    return;
  }
  const bool harmless =
      request.action == "monitor" || request.action == "list" || request.action == "status";
  if (!harmless) {
    answer(context, caller,
           invalid("Device '" + request.device + "' can't be asked to " + request.action +
                   " directly; use monitor, list or status"));
    return;
  }
  table_.run(context, {request.device, request.action, request.target, request.timeout_s, 0},
             [this, caller, action = request.action](Context& later, const AgentResult& result,
                                                     const std::string& output) {
               Reply reply;
               reply.result = result;
               reply.output = output;
               if (action == "list") reply.names = agents::parse_host_list(output);
               answer(later, caller, std::move(reply));
             });
}

void Fencer::serve(Context& context, Caller caller, const ListDevices& request) {
  constexpr std::int64_t kSearchTimeoutS = 60;
  table_.search(context, {"off", request.target, kSearchTimeoutS, true},
                [this, caller](Context& later, const std::vector<std::string>& devices) {
                  Reply reply;
                  reply.result = kGood;
                  reply.names = devices;
                  answer(later, caller, std::move(reply));
                });
}

void Fencer::serve(Context& context, Caller caller, const AddDevice& request) {
  if (!is_privileged(caller)) {
    answer(context, caller, not_allowed("Unprivileged users must register device via CIB"));
    return;
  }
  if (request.device.empty() || request.agent.empty()) {
    answer(context, caller, invalid("Fence device to register needs an id and an agent"));
    return;
  }
  Device device(request.device, request.agent, request.parameters, request.unfencing);
  if (table_.add(context, std::move(device), DeviceTable::Source::kRequest) !=
      DeviceTable::Change::kNone) {
    notify(context, {Notification::What::kDeviceAdded, {}, request.device});
  }
  answer(context, caller, kGood);
}

void Fencer::serve(Context& context, Caller caller, const RemoveDevice& request) {
  if (!is_privileged(caller)) {
    answer(context, caller, not_allowed("Unprivileged users must delete device via CIB"));
    return;
  }
  if (table_.remove(context, request.device, DeviceTable::Source::kRequest)) {
    notify(context, {Notification::What::kDeviceRemoved, {}, request.device});
  }
  answer(context, caller, kGood);
}

void Fencer::serve(Context& context, Caller caller, const AddLevel& request) {
  if (!is_privileged(caller)) {
    answer(context, caller, not_allowed("Unprivileged users must add level via CIB"));
    return;
  }
  auto kind = Topology::Kind::kName;
  std::string target = request.target;
  if (target.starts_with('@')) {
    kind = Topology::Kind::kPattern;
    target.erase(0, 1);
  } else if (target.find('=') != std::string::npos) {
    kind = Topology::Kind::kAttribute;
  }
  const auto added =
      topology_.add(kind, target, request.index, request.devices, false, request.target);
  answer(context, caller, added ? kGood : invalid(added.error().message));
}

void Fencer::serve(Context& context, Caller caller, const RemoveLevel& request) {
  if (!is_privileged(caller)) {
    answer(context, caller, not_allowed("Unprivileged users must delete level via CIB"));
    return;
  }
  const std::string target =
      request.target.starts_with('@') ? request.target.substr(1) : request.target;
  const auto removed = topology_.remove(target, request.index);
  answer(context, caller, removed ? kGood : invalid(removed.error().message));
}

// ---- Agents -----------------------------------------------------------------------------------

void Fencer::serve(Context& context, Caller caller, const GetMetadata& request) {
  RunProcess process =
      metadata_process(config_, context.new_id(), request.agent, request.timeout_s * 1000);
  if (process.program.empty()) {
    answer(context, caller,
           {ocf::kNotInstalled, ExecutionStatus::kNotInstalled,
            "Agent " + request.agent + " not found"});
    return;
  }
  agent_queries_[process.request] = {caller, request.agent};
  context.effects.push_back(std::move(process));
}

void Fencer::serve(Context& context, Caller caller, const Validate& request) {
  RunProcess process =
      metadata_process(config_, context.new_id(), request.agent, request.timeout_s * 1000);
  if (process.program.empty()) {
    answer(context, caller,
           {ocf::kNotInstalled, ExecutionStatus::kNotInstalled,
            "Agent " + request.agent + " not found"});
    return;
  }
  constexpr const char* kSomeNode = "node1";
  process.input = agents::fence_input(request.parameters, request.agent, "validate-all", kSomeNode,
                                      kSomeNode, "port");
  process.describe = "validate-all of " + request.agent;
  agent_queries_[process.request] = {caller, request.agent};
  context.effects.push_back(std::move(process));
}

void Fencer::serve(Context& context, Caller caller, const ListAgents&) {
  ComputeAside aside{context.new_id(), "list-agents", "agents\nstonith\n"};
  agent_queries_[aside.request] = {caller, {}};
  context.effects.push_back(std::move(aside));
}

}  // namespace quorate::fencer
