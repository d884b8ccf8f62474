#include <stdexcept>

#include "cib/edit.h"
#include "cib/operations.h"
#include "cib/patch.h"
#include "cluster.h"

/// The siblings of the controllers under test.

using namespace quorate;

namespace {
std::string node_name(NodeNumber node) { return "n" + std::to_string(node); }
}  // namespace

void ControllerCluster::sibling(NodeNumber number, const SendSibling& message) {
  switch (message.daemon) {
    case Daemon::kCib:
      return cib_request(number, message.payload);
    case Daemon::kExecutor:
      return executor_request(number, message.payload);
    case Daemon::kFencer:
      return fencer_request(number, message.payload);
    case Daemon::kScheduler:
      return schedule(number, message.payload);
    case Daemon::kAttributes: {
      const auto request = decode_attribute_request(message.payload);
      if (!request) return;
      std::string what = request->kind == AttributeRequest::Kind::kPurge ? "purge" : request->name;
      what += "[" + request->node + "]=" + request->value.value_or("-");
      nodes.at(number).attributes.push_back(what);
      AttributeReply reply;
      reply.id = request->id;
      queue_.push_back({number, SiblingMessage{Daemon::kAttributes, encode(reply)}});
      return;
    }
    default:
      return;
  }
}

void ControllerCluster::cib_request(NodeNumber number, const std::string& payload) {
  const auto message = decode_cib_client_message(payload);
  if (!message) throw std::runtime_error("bad request to the CIB: " + message.error().message);
  if (std::holds_alternative<CibSubscribe>(*message)) {
    nodes.at(number).subscribed = true;
    const CibSnapshot snapshot{cib_position_, document_->version(), document_->to_string()};
    queue_.push_back({number, SiblingMessage{Daemon::kCib, encode(snapshot)}});
  } else if (const auto* request = std::get_if<CibRequest>(&*message)) {
    apply(number, *request);
  } else if (const auto* fact = std::get_if<CibClusterFact>(&*message)) {
    nodes.at(number).fact = *fact;
  }
}

void ControllerCluster::apply(NodeNumber number, const CibRequest& request) {
  CibReply reply;
  reply.id = request.id;
  std::string patch;
  if (request.what.operation == cib::Operation::kQuery) {
    const std::string& xpath = request.what.section;
    xml::Document result = xml::Document::with_root("xpath-query");
    if (xpath == "/cib/status/node_state") {
      for (xml::Element state : xml::children(document_->status(), "node_state")) {
        result.root().add_copy(state);
        result.root().last_child().clear_children();
      }
      reply.data = result.root().to_string();
    } else {
      reply.data = document_->section("crm_config").to_string();
    }
  } else {
    cib::Edit edit(*document_);
    const cib::Prepared prepared(request.what);
    for (const cib::Step& step : prepared.steps()) {
      const cib::OperationResult result = cib::run_operation(edit, step, nullptr);
      if (result.code == cib::Code::kOk) continue;
      throw std::runtime_error("the CIB refuses " + request.what.data + ": " +
                               std::string(cib::message_of(result.code)) + result.message);
    }
    const std::int64_t count = document_->version().num_updates;
    edit.set(document_->root(), "num_updates", std::to_string(count + 1));
    patch = cib::patch_of(edit, document_->root());
    if (!request.what.options.dry_run) edit.commit();
  }
  if (!patch.empty() && !request.what.options.dry_run) ++cib_position_;
  reply.position = cib_position_;
  CibChange change;
  change.position = cib_position_;
  change.operation = cib::operation_name(request.what.operation);
  change.client = request.client;
  if (number != 0) change.node = node_name(number);
  change.patch = patch;
  change.configuration_changed = patch.find("/cib/configuration") != std::string::npos;
  for (const NodeNumber member : members_) {
    if (patch.empty() || request.what.options.dry_run || !nodes.at(member).subscribed) continue;
    queue_.push_back({member, SiblingMessage{Daemon::kCib, encode(change)}});
  }
  if (number == 0) return;
  const bool holds = hold_cib_answers && request.what.operation != cib::Operation::kQuery;
  const Pending answer{number, SiblingMessage{Daemon::kCib, encode(reply)}};
  if (holds) return held_cib_answers_.push_back(answer);
  queue_.push_back(answer);
}

void ControllerCluster::release_cib_answers() {
  hold_cib_answers = false;
  for (const Pending& answer : std::exchange(held_cib_answers_, {})) queue_.push_back(answer);
  run();
}

void ControllerCluster::change_cib(const std::string& section, const std::string& xml,
                                   const std::string& client) {
  CibRequest request;
  request.client = client;
  request.what = combine({CibStep::merge(section, xml)});
  apply(0, request);
  run();
}

void ControllerCluster::remove_from_cib(const std::string& xpath, const std::string& status,
                                        const std::string& client) {
  std::vector<CibStep> steps;
  if (!status.empty()) steps.push_back(CibStep::merge("status", status));
  steps.push_back(CibStep::remove(xpath));
  CibRequest request;
  request.client = client;
  request.what = combine(steps);
  apply(0, request);
  run();
}

void ControllerCluster::forget_status() {
  cib::Edit edit(*document_);
  while (const xml::Element state = document_->status().first_child()) edit.remove(state);
  edit.commit();
}

void ControllerCluster::replace_history(NodeNumber node, const std::string& lrm) {
  cib::Edit edit(*document_);
  const std::string id = std::to_string(node);
  for (const CibStep& step : {CibStep::remove("/cib/status/node_state[@id='" + id + "']/lrm"),
                              CibStep::merge("status", "<status><node_state id='" + id + "'>" +
                                                           lrm + "</node_state></status>")}) {
    cib::run_operation(edit, cib::Prepared(combine({step})).steps().front(), nullptr);
  }
  edit.commit();
}

void ControllerCluster::executor_request(NodeNumber number, const std::string& payload) {
  const auto request = executor::decode_request(payload);
  if (!request) throw std::runtime_error("bad request to the executor");
  const auto answer = [&](const executor::Answer& what) {
    queue_.push_back({number, SiblingMessage{Daemon::kExecutor, executor::encode(what)}});
  };
  executor::Done done;
  if (const auto* action = std::get_if<executor::RunAction>(&*request)) {
    done.request = action->request;
    done.call_id = ++call_id_;
    answer(done);
    nodes.at(number).ran.push_back(action->resource + "_" + action->task + "_" +
                                   std::to_string(action->interval_ms));
    if (hold_actions) return held_actions_.push_back({number, *action, done.call_id});
    return answer(end_of(number, *action, done.call_id));
  }
  if (const auto* cancel = std::get_if<executor::CancelAction>(&*request)) {
    done.request = cancel->request;
    return answer(done);
  }
  if (const auto* remove = std::get_if<executor::Unregister>(&*request)) {
    done.request = remove->request;
    return answer(done);
  }
  if (const auto* metadata = std::get_if<executor::GetMetadata>(&*request)) {
    done.request = metadata->request;
    done.output =
        R"(<resource-agent name="x"><version>1.1</version><parameters><parameter name="state"/></parameters><actions><action name="reload-agent"/></actions></resource-agent>)";
    return answer(done);
  }
}

executor::ActionEnded ControllerCluster::end_of(NodeNumber number,
                                                const executor::RunAction& action,
                                                std::int64_t call_id) {
  executor::ActionEnded ended;
  ended.resource = action.resource;
  ended.agent = action.agent;
  ended.task = action.task;
  ended.interval_ms = action.interval_ms;
  ended.timeout_ms = action.timeout_ms;
  ended.call_id = call_id;
  ended.result = run_action(number, action);
  ended.run_time_s = now.wall_seconds();
  ended.parameters = action.parameters;
  ended.user_data = action.user_data;
  return ended;
}

void ControllerCluster::end_actions(NodeNumber number) {
  for (const HeldAction& held : std::exchange(held_actions_, {})) {
    if (held.node != number) {
      held_actions_.push_back(held);
      continue;
    }
    const executor::Answer answer = end_of(number, held.action, held.call_id);
    feed(number, SiblingMessage{Daemon::kExecutor, executor::encode(answer)});
  }
}

void ControllerCluster::fencer_request(NodeNumber number, const std::string& payload) {
  const auto request = fencer::decode_request(payload);
  if (!request) throw std::runtime_error("bad request to the fencer");
  const auto* fence = std::get_if<fencer::Fence>(&*request);
  if (fence == nullptr) return;
  if (hold_fencing) {
    held_fencing_.emplace_back(number, *fence);
  } else {
    answer_fencing(number, *fence);
  }
}

void ControllerCluster::release_fencing() {
  for (const auto& [number, fence] : std::exchange(held_fencing_, {})) {
    answer_fencing(number, fence);
  }
  run();
}

void ControllerCluster::answer_fencing(NodeNumber number, const fencer::Fence& fence) {
  fenced.push_back(fence.action + " " + fence.target);
  fencer::Notification note;
  note.operation.target = fence.target;
  note.operation.action = fence.action;
  note.operation.client = fence.client + ".1";
  note.operation.origin = node_name(number);
  note.operation.delegate = node_name(number);
  note.operation.incarnation = fence.incarnation;
  note.operation.state =
      fencing_succeeds ? fencer::OperationState::kCompleted : fencer::OperationState::kFailed;
  note.operation.result = fencing_succeeds
                              ? AgentResult{ocf::kOk, ExecutionStatus::kDone, {}}
                              : AgentResult{ocf::kError, ExecutionStatus::kError, "no power"};
  fencer::Reply reply;
  reply.request = fence.request;
  reply.result = note.operation.result;
  for (const NodeNumber member : members_) {
    queue_.push_back(
        {member, SiblingMessage{Daemon::kFencer, fencer::encode(fencer::Answer(note))}});
  }
  queue_.push_back(
      {number, SiblingMessage{Daemon::kFencer, fencer::encode(fencer::Answer(reply))}});
}

void ControllerCluster::schedule(NodeNumber number, const std::string& payload) {
  const auto message = decode_scheduler_message(payload);
  if (!message) throw std::runtime_error("bad request to the scheduler");
  if (const auto* standby = std::get_if<ScheduleStandby>(&*message)) {
    nodes.at(number).scheduler_ready = standby->ready;
    return;
  }
  const auto* request = &std::get<ScheduleRequest>(*message);
  nodes.at(number).questions.push_back(*request);
  ScheduleReply reply;
  reply.id = request->id;
  reply.position = cib_position_;
  reply.graph = plan(*request, document_->root());
  if (reply.graph.empty()) reply.error = "can't be scheduled";
  queue_.push_back({number, SiblingMessage{Daemon::kScheduler, encode(reply)}});
}
