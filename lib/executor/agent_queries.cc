#include "executor/agent_queries.h"

#include <cerrno>

#include "agents/fence_metadata.h"
#include "agents/init_script.h"
#include "agents/outcome.h"
#include "agents/systemd.h"
#include "base/text.h"

namespace quorate::executor {

using agents::Standard;

namespace {

void answer(ClientId client, Done done, Effects& effects) {
  effects.push_back(Reply{client, encode(Answer(std::move(done)))});
}

Done with_output(std::uint64_t request, std::string output) {
  Done done;
  done.request = request;
  done.output = std::move(output);
  return done;
}

Done refused(std::uint64_t request, ErrorKind kind, std::string message) {
  Done done;
  done.request = request;
  done.ok = false;
  done.error = kind;
  done.message = std::move(message);
  return done;
}

}  // namespace

void AgentQueries::metadata(ClientId client, const GetMetadata& get, Effects& effects) {
  const auto standard = agents::check(get.agent);
  if (!standard) {
    answer(client, refused(get.request, ErrorKind::kInvalid, standard.error().message), effects);
    return;
  }
  if (waiting_.size() >= kMaxWaiting) {
    answer(client, refused(get.request, ErrorKind::kUnsupported, "Too many queries at once"),
           effects);
    return;
  }
  Query query{client, get.request, get.agent, get.timeout_ms, 0, false, false};
  query.unit_is_next = *standard == Standard::kService;
  switch (*standard) {
    case Standard::kSystemd:
      describe_unit(std::move(query), effects);
      return;
    case Standard::kLsb:
    case Standard::kService:
      read_script(std::move(query), effects);
      return;
    case Standard::kOcf:
    case Standard::kStonith:
      run_agent(std::move(query), effects);
      return;
  }
}

void AgentQueries::run_agent(Query query, Effects& effects) {
  const Standard standard = *agents::standard_from(query.agent.standard);
  RunProcess process;
  process.program = agents::program_path(standard, query.agent, config_.paths, query.directory);
  if (process.program.empty()) {
    fail_query(query, "no such agent", effects);
    return;
  }
  process.request = ++next_request_;
  if (standard == Standard::kStonith) {
    process.input = "action=metadata\n";
    process.env = agents::fence_environment(config_.environment);
  } else {
    process.arguments = {"meta-data"};
    process.env = agents::resource_environment(standard, query.agent, query.agent.type, {},
                                               config_.paths, config_.environment);
  }
  process.timeout_ms = query.timeout_ms;
  process.max_output_bytes = std::size_t{1} << 20;
  process.describe = "metadata of " + agents::format_spec(query.agent);
  waiting_[process.request] = std::move(query);
  effects.push_back(std::move(process));
}

void AgentQueries::describe_unit(Query query, Effects& effects) {
  UnitCall call{++next_request_, "Description", agents::unit_name(query.agent.type),
                query.timeout_ms};
  waiting_[call.request] = std::move(query);
  effects.push_back(std::move(call));
}

void AgentQueries::read_script(Query query, Effects& effects) {
  const std::string path = agents::program_path(Standard::kLsb, query.agent, config_.paths);
  if (path.empty()) {
    fail_query(query, "no such init script", effects);
    return;
  }
  const std::uint64_t request = ++next_request_;
  waiting_[request] = std::move(query);
  effects.push_back(ComputeAside{request, kReadScriptTask, path});
}

void AgentQueries::list(ClientId client, const ListAgents& list, Effects& effects) {
  std::string input = "standards";
  if (list.what == ListAgents::What::kProviders) input = "providers\n" + list.type;
  if (list.what == ListAgents::What::kAgents) {
    input = "agents\n" + to_lower(list.standard) + "\n" + list.provider;
  }
  const std::uint64_t request = ++next_request_;
  waiting_[request] = {client, list.request, {}, 0, 0, true, false};
  effects.push_back(ComputeAside{request, kListAgentsTask, std::move(input)});
}

bool AgentQueries::handle(const ProcessEnded& event, Effects& effects) {
  Query query;
  if (!take(event.request, query)) return false;
  const ProcessResult& result = event.result;
  const bool missing = result.end == ProcessResult::End::kCouldNotStart && result.status == ENOENT;
  if (missing && query.directory + 1 < config_.paths.ocf_directories.size() &&
      iequals(query.agent.standard, "ocf")) {
    ++query.directory;
    run_agent(std::move(query), effects);
    return true;
  }
  if (result.end != ProcessResult::End::kExited || result.status != 0 || result.out.empty()) {
    fail_query(query,
               missing ? "no such agent"
                       : "the agent gave none (exit " + std::to_string(result.status) + ")",
               effects);
    return true;
  }
  if (!iequals(query.agent.standard, "stonith")) {
    answer(query.client, with_output(query.request, result.out), effects);
    return true;
  }
  auto shown = agents::shown_fence_metadata(result.out, query.agent.type);
  if (shown) {
    answer(query.client, with_output(query.request, std::move(*shown)), effects);
  } else {
    fail_query(query, shown.error().message, effects);
  }
  return true;
}

bool AgentQueries::handle(const UnitCallDone& event, Effects& effects) {
  Query query;
  if (!take(event.request, query)) return false;
  if (!event.ok && event.error == "not-found") {
    fail_query(query, "no such systemd unit", effects);
  } else {
    answer(query.client,
           with_output(query.request, agents::unit_metadata(query.agent.type, event.state)),
           effects);
  }
  return true;
}

bool AgentQueries::handle(const ComputeDone& event, Effects& effects) {
  Query query;
  if (!take(event.request, query)) return false;
  if (query.is_list) {
    Done done;
    done.request = query.request;
    for (const std::string_view name : split_words(event.output, '\n')) {
      done.names.emplace_back(name);
    }
    answer(query.client, std::move(done), effects);
  } else if (!event.output.empty()) {
    answer(query.client,
           with_output(query.request, agents::init_script_metadata(query.agent.type, event.output)),
           effects);
  } else if (query.unit_is_next) {
    describe_unit(std::move(query), effects);
  } else {
    fail_query(query, "no such init script", effects);
  }
  return true;
}

void AgentQueries::client_gone(ClientId client) {
  std::erase_if(waiting_, [&](const auto& entry) { return entry.second.client == client; });
}

void AgentQueries::fail_query(const Query& query, const std::string& why, Effects& effects) {
  answer(query.client,
         refused(query.request, ErrorKind::kNotFound,
                 "No metadata of " + agents::format_spec(query.agent) + ": " + why),
         effects);
}

bool AgentQueries::take(std::uint64_t request, Query& query) {
  const auto found = waiting_.find(request);
  if (found == waiting_.end()) return false;
  query = std::move(found->second);
  waiting_.erase(found);
  return true;
}

}  // namespace quorate::executor
