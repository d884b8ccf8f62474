#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/config.h"
#include "messages/core.h"
#include "messages/executor.h"

namespace quorate::executor {

/// Questions about agents themselves: metadata (run beside all resources) and lists of what is
/// installed (spec/11 §16.2, §17.4, §18.7, §21).
///
/// Directories and scripts are read by the shell, as ComputeAside tasks:
///   kReadScriptTask  input: path of an init script; output: its content, at most 1 MiB, empty if
///                    it can't be read
///   kListAgentsTask  input: "standards", "providers\nTYPE" (TYPE empty: all) or
///                    "agents\nSTANDARD\nPROVIDER" (PROVIDER empty: all); output: one name per
///                    line, in the order of spec/11 §12, §21
class AgentQueries {
 public:
  static constexpr const char* kReadScriptTask = "read-init-script";
  static constexpr const char* kListAgentsTask = "list-agents";
  static constexpr std::size_t kMaxWaiting = 1000;

  AgentQueries(const ExecutorConfig& config, std::uint64_t& next_request)
      : config_(config), next_request_(next_request) {}

  void metadata(ClientId client, const GetMetadata& query, Effects& effects);
  void list(ClientId client, const ListAgents& query, Effects& effects);
  /// True if the event belonged to a query.
  bool handle(const ProcessEnded& event, Effects& effects);
  bool handle(const UnitCallDone& event, Effects& effects);
  bool handle(const ComputeDone& event, Effects& effects);
  void client_gone(ClientId client);

 private:
  struct Query {
    ClientId client = 0;
    std::uint64_t request = 0;
    AgentSpec agent;
    std::int64_t timeout_ms = 0;
    std::size_t directory = 0;
    bool is_list = false;
    bool unit_is_next = false;
  };

  void run_agent(Query query, Effects& effects);
  void describe_unit(Query query, Effects& effects);
  void read_script(Query query, Effects& effects);
  void fail_query(const Query& query, const std::string& why, Effects& effects);
  bool take(std::uint64_t request, Query& query);

  const ExecutorConfig& config_;
  std::uint64_t& next_request_;
  std::map<std::uint64_t, Query> waiting_;
};

}  // namespace quorate::executor
