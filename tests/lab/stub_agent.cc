// OCF agent of the lab that costs next to nothing: active while its file in /run is there. What is
// measured with a thousand of them is the cluster manager.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kUnimplemented = 3;
constexpr int kNotRunning = 7;

constexpr const char* kMetadata = R"(<?xml version="1.0"?>
<resource-agent name="Stub" version="1.0"><version>1.1</version>
<longdesc lang="en">Active while its file is there.</longdesc><shortdesc lang="en">Costs nothing</shortdesc>
<parameters/><actions><action name="start" timeout="20s"/><action name="stop" timeout="20s"/>
<action name="monitor" timeout="20s" interval="10s"/><action name="meta-data" timeout="5s"/></actions>
</resource-agent>
)";

int start(const std::string& path) {
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  return fd >= 0 && close(fd) == 0 ? kOk : kFailed;
}

int stop(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? kOk : kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string action = argc > 1 ? argv[1] : "";
  const char* name = std::getenv("OCF_RESOURCE_INSTANCE");
  if (action == "meta-data") return std::puts(kMetadata) < 0 ? kFailed : kOk;
  if (name == nullptr) return kFailed;
  const std::string path = std::string("/run/stub-") + name;
  if (action == "start") return start(path);
  if (action == "stop") return stop(path);
  if (action == "monitor") return access(path.c_str(), F_OK) == 0 ? kOk : kNotRunning;
  return kUnimplemented;
}
