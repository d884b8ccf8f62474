// quorate-fencer: fence devices and fencing operations (lib/fencer).
#include "fencer/fencer.h"
#include "io/runtime/agent_files.h"
#include "io/runtime/daemon.h"

int main(int argc, char** argv) {
  using namespace quorate;
  const agents::AgentPaths paths = runtime::agent_paths();
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kFencer;
  spec.summary = "fences nodes of the cluster (STONITH)";
  spec.siblings = {Daemon::kCib};
  spec.tasks["list-agents"] = [paths](const std::string& query) {
    return runtime::list_agents(paths, query);
  };
  spec.make_core = [paths](const runtime::StartContext& context) -> Result<runtime::Core> {
    fencer::FencerConfig config;
    config.node_name = context.local_node.name;
    config.node = context.local_node.node;
    config.paths = paths;
    config.environment = runtime::agent_environment(context.settings, "pacemaker-fenced");
    config.random_seed = runtime::StartContext::random_number();
    return runtime::as_core(std::make_shared<fencer::Fencer>(std::move(config)));
  };
  return runtime::run_daemon(argc, argv, spec);
}
