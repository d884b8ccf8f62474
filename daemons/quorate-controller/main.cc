// quorate-controller: membership, DC, transitions (lib/controller).
#include <cstdlib>
#include <thread>

#include "base/text.h"
#include "controller/controller.h"
#include "io/runtime/daemon.h"

namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace quorate;
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kController;
  spec.summary = "coordinates the cluster: membership, DC, transitions";
  spec.siblings = {Daemon::kCib, Daemon::kAttributes, Daemon::kScheduler, Daemon::kExecutor,
                   Daemon::kFencer};
  spec.make_core = [](const runtime::StartContext& context) -> Result<runtime::Core> {
    ControllerConfig config;
    config.node = context.local_node.node;
    config.name = context.local_node.name;
    config.uuid = runtime::StartContext::random_uuid();
    config.cluster_name = context.cluster.name;
    config.token_timeout_ms = context.cluster.token_timeout_ms;
    config.cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    config.node_action_limit =
        static_cast<int>(to_integer(from_environment("PCMK_node_action_limit")).value_or(0));
    config.start_state = from_environment("PCMK_node_start_state");
    return runtime::as_core(std::make_shared<Controller>(std::move(config)));
  };
  return runtime::run_daemon(argc, argv, spec);
}
