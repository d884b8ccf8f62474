// quorate-executor: runs agents on this node (lib/executor).
#include "executor/executor.h"
#include "io/runtime/agent_files.h"
#include "io/runtime/daemon.h"

int main(int argc, char** argv) {
  using namespace quorate;
  const agents::AgentPaths paths = runtime::agent_paths();
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kExecutor;
  spec.summary = "runs resource agents on this node";
  spec.siblings = {Daemon::kFencer};
  spec.uses_cluster = spec.joins_group = spec.needs_cluster = false;
  spec.tasks[executor::AgentQueries::kReadScriptTask] = runtime::read_init_script;
  spec.tasks[executor::AgentQueries::kListAgentsTask] = [paths](const std::string& query) {
    return runtime::list_agents(paths, query);
  };
  spec.make_core = [paths](const runtime::StartContext& context) -> Result<runtime::Core> {
    executor::ExecutorConfig config;
    config.node_name = context.local_node.name;
    config.paths = paths;
    config.environment = runtime::agent_environment(context.settings, "pacemaker-execd");
    return runtime::as_core(std::make_shared<executor::Executor>(std::move(config)));
  };
  return runtime::run_daemon(argc, argv, spec);
}
