// quorate-localhub: the ordering process of a local cluster (lib/io/cluster/local).
#include <poll.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "io/cluster/local/hub.h"
#include "io/ipc/connection.h"

namespace {

using namespace quorate;

constexpr int kExitUsage = 64;
constexpr std::int64_t kAnswerMs = 5000;

void print_help() {
  std::printf(
      "quorate-localhub - the cluster layer of a cluster on one host, for trying and testing\n\n"
      "Usage: quorate-localhub [OPTIONS] FOLDER\n"
      "       quorate-localhub FOLDER COMMAND\n\n"
      "FOLDER holds cluster.json, the node list, and the hub's socket. With COMMAND a running hub\n"
      "is told: status, isolate NODE, partition A,B|C, heal.\n\n"
      "      --exit-when-idle  end when the last process of the cluster has gone\n"
      "  -h, --help            this text\n"
      "      --version         version\n");
}

int fail_with(const Error& error) {
  std::fprintf(stderr, "quorate-localhub: %s\n", error.message.c_str());
  return 1;
}

int send_command(const std::string& folder, const std::string& text) {
  auto connection = ipc::Connection::open_path(cluster::hub_path(folder), kAnswerMs);
  if (!connection) return fail_with(connection.error());
  if (auto sent = connection->send(encode(cluster::hub::ToHub{cluster::hub::Command{text}})); !sent)
    return fail_with(sent.error());
  const auto answer = connection->receive(kAnswerMs);
  if (!answer) return fail_with(answer.error());
  const auto message = cluster::hub::decode_to_process(*answer);
  if (!message) return fail_with(message.error());
  const auto* done = std::get_if<cluster::hub::CommandDone>(&*message);
  if (!done) return fail_with({ErrorKind::kInvalid, "the hub gave no answer to the command"});
  std::printf("%s%s", done->text.c_str(), done->text.ends_with("\n") ? "" : "\n");
  return done->text.starts_with("error: ") ? 1 : 0;
}

int serve(const std::string& folder, bool exit_when_idle) {
  auto file = cluster::read_cluster_file(folder);
  if (!file) return fail_with(file.error());
  io::Loop loop;
  auto hub = cluster::Hub::open(loop, folder, std::move(*file));
  if (!hub) return fail_with(hub.error());
  const io::Watch signals = loop.on_signals({SIGTERM, SIGINT}, [&loop](int) { loop.stop(); });
  if (exit_when_idle) (*hub)->on_idle([&loop] { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words;
  bool exit_when_idle = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "-h" || argument == "--help") {
      print_help();
      return 0;
    }
    if (argument == "--version") {
      std::printf("Pacemaker 3.0.2\nWritten by the Quorate project\n");
      return 0;
    }
    if (argument == "--exit-when-idle")
      exit_when_idle = true;
    else
      words.emplace_back(argument);
  }
  if (words.size() == 1 && !words[0].starts_with("-")) return serve(words[0], exit_when_idle);
  if (words.size() < 2 || words[0].starts_with("-")) {
    print_help();
    return kExitUsage;
  }
  std::string command = words[1];
  for (std::size_t i = 2; i < words.size(); ++i) command += " " + words[i];
  return send_command(words[0], command);
}
