// quorate-cib: one replica of the cluster's configuration and status (lib/replica).
#include <array>
#include <ctime>

#include "cib/schema_validator.h"
#include "io/runtime/daemon.h"
#include "replica/replica.h"

namespace {

using namespace quorate;

/// Local time like `Thu Jul  2 10:11:12 2026`.
std::string format_time(std::int64_t wall_seconds) {
  const auto seconds = static_cast<std::time_t>(wall_seconds);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &local);
  return text.data();
}

std::vector<replica::StoredFile> stored_files(const runtime::StartContext& context) {
  std::vector<replica::StoredFile> files;
  for (const std::string& name : context.state_files()) {
    if (!name.starts_with("cib") && !name.starts_with("replica.state")) continue;
    auto content = context.read_state(name);
    if (content)
      files.push_back({name, std::move(*content)});
    else
      context.log.write(LogLevel::kError, "ignored: " + content.error().message);
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  const cib::SchemaValidator validator;
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kCib;
  spec.summary = "keeps the cluster's configuration and status, a replica on every node";
  spec.make_core = [&validator](const runtime::StartContext& context) -> Result<runtime::Core> {
    replica::ReplicaConfig config;
    config.node = context.local_node.node;
    config.node_name = context.local_node.name;
    config.validator = &validator;
    config.files = stored_files(context);
    config.format_time = format_time;
    return runtime::as_core(std::make_shared<replica::Replica>(std::move(config)));
  };
  return runtime::run_daemon(argc, argv, spec);
}
