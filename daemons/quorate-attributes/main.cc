// quorate-attributes: transient node attributes (lib/attributes).
#include "attributes/attributes.h"
#include "io/runtime/daemon.h"

int main(int argc, char** argv) {
  using namespace quorate;
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kAttributes;
  spec.summary = "keeps transient node attributes, the same on every node";
  spec.siblings = {Daemon::kCib};
  spec.make_core = [](const runtime::StartContext& context) -> Result<runtime::Core> {
    AttributesConfig config;
    config.node = context.local_node.node;
    config.name = context.local_node.name;
    return runtime::as_core(std::make_shared<Attributes>(std::move(config)));
  };
  return runtime::run_daemon(argc, argv, spec);
}
