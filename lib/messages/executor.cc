#include "messages/executor.h"

#include <algorithm>

#include "base/duration.h"
#include "messages/fields.h"

namespace quorate::executor {
namespace {

using namespace quorate::fields;

void put_agent(xml::Element element, const AgentSpec& agent) {
  put(element, "standard", agent.standard);
  put(element, "provider", agent.provider);
  put(element, "type", agent.type);
}

AgentSpec get_agent(xml::Element element) {
  return {get(element, "standard"), get(element, "provider"), get(element, "type")};
}

std::int64_t get_ms(xml::Element element, std::string_view name, std::int64_t most) {
  return std::clamp<std::int64_t>(get_number(element, name), 0, most);
}

void put_names(xml::Element element, const std::vector<std::string>& names) {
  for (const std::string& name : names) put(element.add("item"), "name", name);
}

std::vector<std::string> get_names(xml::Element element) {
  std::vector<std::string> names;
  for (xml::Element item : xml::children(element, "item")) names.push_back(get(item, "name"));
  return names;
}

void put_action(xml::Element element, const ActionState& action) {
  put(element, "phase", static_cast<std::int64_t>(action.phase));
  put(element, "task", action.task);
  put(element, "interval-ms", action.interval_ms);
  put(element, "timeout-ms", action.timeout_ms);
  put(element, "call-id", action.call_id);
  put(element, "user-data", action.user_data);
  put_result(element, action.last);
}

ActionState get_action(xml::Element element) {
  ActionState action;
  action.phase =
      static_cast<ActionState::Phase>(std::clamp<std::int64_t>(get_number(element, "phase"), 0, 2));
  action.task = get(element, "task");
  action.interval_ms = get_ms(element, "interval-ms", kMaxIntervalMs);
  action.timeout_ms = get_ms(element, "timeout-ms", kMaxTimeoutMs);
  action.call_id = get_number(element, "call-id");
  action.user_data = get(element, "user-data");
  action.last = get_result(element);
  return action;
}

/// One overload per request: fills a message that has `request` set already.
struct RequestWriter {
  xml::Document document;
  xml::Element start(std::string_view root, std::uint64_t request) {
    document = create(root);
    put(document.root(), "request", static_cast<std::int64_t>(request));
    return document.root();
  }
  void operator()(const Subscribe&) { start("executor-subscribe", 0); }
  void operator()(const Register& message) {
    xml::Element root = start("executor-register", message.request);
    put(root, "resource", message.resource);
    put_agent(root, message.agent);
  }
  void operator()(const Unregister& message) {
    put(start("executor-unregister", message.request), "resource", message.resource);
  }
  void operator()(const RunAction& message) {
    xml::Element root = start("executor-run-action", message.request);
    put(root, "resource", message.resource);
    put_agent(root, message.agent);
    put(root, "task", message.task);
    put(root, "interval-ms", message.interval_ms);
    put(root, "timeout-ms", message.timeout_ms);
    put(root, "start-delay-ms", message.start_delay_ms);
    put_flag(root, "kill-process-only", message.kill_process_only);
    put_flag(root, "wait", message.wait);
    put(root, "user-data", message.user_data);
    put_parameters(root, "parameters", message.parameters);
  }
  void operator()(const CancelAction& message) {
    xml::Element root = start("executor-cancel-action", message.request);
    put(root, "resource", message.resource);
    put(root, "task", message.task);
    put(root, "interval-ms", message.interval_ms);
  }
  void operator()(const ListState& message) {
    put(start("executor-list-state", message.request), "resource", message.resource);
  }
  void operator()(const GetMetadata& message) {
    xml::Element root = start("executor-get-metadata", message.request);
    put_agent(root, message.agent);
    put(root, "timeout-ms", message.timeout_ms);
  }
  void operator()(const ListAgents& message) {
    xml::Element root = start("executor-list-agents", message.request);
    put(root, "what", static_cast<std::int64_t>(message.what));
    put_agent(root, {message.standard, message.provider, message.type});
  }
};

RunAction read_run_action(xml::Element root) {
  RunAction message;
  message.request = get_unsigned(root, "request");
  message.resource = get(root, "resource");
  message.agent = get_agent(root);
  message.task = get(root, "task");
  message.interval_ms = get_ms(root, "interval-ms", kMaxIntervalMs);
  message.timeout_ms = get_ms(root, "timeout-ms", kMaxTimeoutMs);
  message.start_delay_ms = get_ms(root, "start-delay-ms", kMaxTimeoutMs);
  message.kill_process_only = get_flag(root, "kill-process-only");
  message.wait = get_flag(root, "wait");
  message.parameters = get_parameters(root, "parameters");
  message.user_data = get(root, "user-data");
  return message;
}

ListAgents read_list_agents(xml::Element root) {
  const auto what = std::clamp<std::int64_t>(get_number(root, "what"), 0, 2);
  return {get_unsigned(root, "request"), static_cast<ListAgents::What>(what), get(root, "standard"),
          get(root, "provider"), get(root, "type")};
}

struct AnswerWriter {
  xml::Document document;
  void operator()(const Done& message) {
    document = create("executor-done");
    xml::Element root = document.root();
    put(root, "request", static_cast<std::int64_t>(message.request));
    put_flag(root, "ok", message.ok);
    if (!message.ok) root.set("error", std::to_string(static_cast<int>(message.error)));
    put(root, "message", message.message);
    put_flag(root, "in-progress", message.in_progress);
    put(root, "call-id", message.call_id);
    put_text(root, "output", message.output);
    put_names(root, message.names);
  }
  void operator()(const State& message) {
    document = create("executor-state");
    xml::Element root = document.root();
    put(root, "request", static_cast<std::int64_t>(message.request));
    put(root, "last-call-id", message.last_call_id);
    for (const ResourceState& resource : message.resources) {
      xml::Element entry = root.add("resource");
      put(entry, "id", resource.resource);
      put_agent(entry, resource.agent);
      for (const ActionState& action : resource.actions) put_action(entry.add("action"), action);
    }
  }
  void operator()(const ActionEnded& message) {
    document = create("executor-action-ended");
    xml::Element root = document.root();
    put(root, "resource", message.resource);
    put_agent(root, message.agent);
    put(root, "task", message.task);
    put(root, "interval-ms", message.interval_ms);
    put(root, "timeout-ms", message.timeout_ms);
    put(root, "start-delay-ms", message.start_delay_ms);
    put(root, "call-id", message.call_id);
    put_result(root, message.result);
    put(root, "run-time", message.run_time_s);
    put(root, "rc-change-time", message.rc_change_time_s);
    put(root, "exec-time-ms", message.exec_time_ms);
    put(root, "queue-time-ms", message.queue_time_ms);
    put_flag(root, "deleted", message.deleted);
    put(root, "user-data", message.user_data);
    put_text(root, "output", message.output);
    put_parameters(root, "parameters", message.parameters);
  }
};

Done read_done(xml::Element root) {
  Done message;
  message.request = get_unsigned(root, "request");
  message.ok = get_flag(root, "ok");
  message.error = static_cast<ErrorKind>(std::clamp<std::int64_t>(
      get_number(root, "error"), 0, static_cast<std::int64_t>(ErrorKind::kInternal)));
  message.message = get(root, "message");
  message.in_progress = get_flag(root, "in-progress");
  message.call_id = get_number(root, "call-id");
  message.output = get_text(root, "output");
  message.names = get_names(root);
  return message;
}

State read_state(xml::Element root) {
  State message;
  message.request = get_unsigned(root, "request");
  message.last_call_id = get_number(root, "last-call-id");
  for (xml::Element entry : xml::children(root, "resource")) {
    ResourceState& resource =
        message.resources.emplace_back(ResourceState{get(entry, "id"), get_agent(entry), {}});
    for (xml::Element action : xml::children(entry, "action")) {
      resource.actions.push_back(get_action(action));
    }
  }
  return message;
}

ActionEnded read_action_ended(xml::Element root) {
  ActionEnded message;
  message.resource = get(root, "resource");
  message.agent = get_agent(root);
  message.task = get(root, "task");
  message.interval_ms = get_ms(root, "interval-ms", kMaxIntervalMs);
  message.timeout_ms = get_ms(root, "timeout-ms", kMaxTimeoutMs);
  message.start_delay_ms = get_ms(root, "start-delay-ms", kMaxTimeoutMs);
  message.call_id = get_number(root, "call-id");
  message.result = get_result(root);
  message.output = get_text(root, "output");
  message.run_time_s = get_number(root, "run-time");
  message.rc_change_time_s = get_number(root, "rc-change-time");
  message.exec_time_ms = get_number(root, "exec-time-ms");
  message.queue_time_ms = get_number(root, "queue-time-ms");
  message.deleted = get_flag(root, "deleted");
  message.parameters = get_parameters(root, "parameters");
  message.user_data = get(root, "user-data");
  return message;
}

tl::unexpected<Error> not_one_of(xml::Element root, const char* what) {
  return fail(ErrorKind::kInvalid,
              "message '" + std::string(root.name()) + "' is not " + what + " of quorate-executor");
}

}  // namespace

std::string encode(const Request& request) {
  RequestWriter writer;
  std::visit(writer, request);
  return writer.document.root().to_string();
}

Result<Request> decode_request(std::string_view payload) {
  const auto document = open(payload);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  const std::string_view name = root.name();
  const std::uint64_t request = get_unsigned(root, "request");
  if (name == "executor-subscribe") return Subscribe{};
  if (name == "executor-register") return Register{request, get(root, "resource"), get_agent(root)};
  if (name == "executor-unregister") return Unregister{request, get(root, "resource")};
  if (name == "executor-run-action") return read_run_action(root);
  if (name == "executor-cancel-action") {
    return CancelAction{request, get(root, "resource"), get(root, "task"),
                        get_ms(root, "interval-ms", kMaxIntervalMs)};
  }
  if (name == "executor-list-state") return ListState{request, get(root, "resource")};
  if (name == "executor-get-metadata") {
    return GetMetadata{request, get_agent(root), get_ms(root, "timeout-ms", kMaxTimeoutMs)};
  }
  if (name == "executor-list-agents") return read_list_agents(root);
  return not_one_of(root, "a request");
}

std::string encode(const Answer& answer) {
  AnswerWriter writer;
  std::visit(writer, answer);
  return writer.document.root().to_string();
}

Result<Answer> decode_answer(std::string_view payload) {
  const auto document = open(payload);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  if (root.name() == "executor-done") return read_done(root);
  if (root.name() == "executor-state") return read_state(root);
  if (root.name() == "executor-action-ended") return read_action_ended(root);
  return not_one_of(root, "an answer");
}

}  // namespace quorate::executor
