// Fence agent for power switches on this host; see README.md.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <map>
#include <optional>
#include <string>

namespace {

constexpr std::size_t kMaxLine = 1000;

constexpr const char* kMetadata = R"(<?xml version="1.0" ?>
<resource-agent name="fence_switch" shortdesc="Fence agent for power switches on one host">
  <longdesc>Switches nodes off and on that are processes of this host, through the Unix socket of whoever started them.</longdesc>
  <vendor-url></vendor-url>
  <parameters>
    <parameter name="action" unique="0" required="1">
      <getopt mixed="-o, --action=[action]" />
      <content type="string" default="reboot" />
      <shortdesc lang="en">Fencing action</shortdesc>
    </parameter>
    <parameter name="switch_dir" unique="0" required="1">
      <getopt mixed="--switch-dir=[directory]" />
      <content type="string" />
      <shortdesc lang="en">Folder with the switch's socket</shortdesc>
    </parameter>
    <parameter name="plug" unique="0" required="1" obsoletes="port">
      <getopt mixed="-n, --plug=[node]" />
      <content type="string" />
      <shortdesc lang="en">Name of the node to switch</shortdesc>
    </parameter>
  </parameters>
  <actions>
    <action name="on" automatic="0" />
    <action name="off" />
    <action name="reboot" />
    <action name="status" />
    <action name="monitor" />
    <action name="metadata" />
    <action name="validate-all" />
  </actions>
</resource-agent>
)";

using Options = std::map<std::string, std::string>;

/// `name=value` lines; empty lines and comments are skipped, the last of equal names counts.
Options read_options(std::istream& in) {
  Options options;
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    options[line.substr(0, equals)] = value;
  }
  return options;
}

/// For people at a terminal: `-o ACTION`, `-n NODE`, `--switch-dir=DIR`, and the like.
bool read_arguments(int count, char** arguments, Options& options) {
  const std::map<std::string, std::string> names = {{"-o", "action"},
                                                    {"--action", "action"},
                                                    {"-n", "plug"},
                                                    {"--plug", "plug"},
                                                    {"--switch-dir", "switch_dir"}};
  for (int i = 1; i < count; ++i) {
    std::string argument = arguments[i];
    std::optional<std::string> value;
    if (const std::size_t equals = argument.find('='); equals != std::string::npos) {
      value = argument.substr(equals + 1);
      argument.resize(equals);
    } else if (i + 1 < count) {
      value = arguments[++i];
    }
    const auto name = names.find(argument);
    if (name == names.end() || !value) return false;
    options[name->second] = *value;
  }
  return true;
}

/// A connection to the switch, or -1 with a message.
int connect_to_switch(const std::string& folder) {
  const std::string path = folder + "/switch";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    std::cerr << "switch_dir '" << folder << "' is too long for a Unix socket\n";
    return -1;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::cerr << "No power switch at " << path << ": " << std::strerror(errno) << "\n";
    if (fd >= 0) ::close(fd);
    return -1;
  }
  return fd;
}

/// Sends one line, reads one line; empty if the connection ended before an answer.
std::string ask(int fd, const std::string& request) {
  const std::string line = request + "\n";
  if (::send(fd, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    return {};
  }
  std::string answer;
  char c = 0;
  while (answer.size() < kMaxLine && ::recv(fd, &c, 1, 0) == 1) {
    if (c == '\n') return answer;
    answer += c;
  }
  return {};
}

int act(const std::string& action, const Options& options) {
  const auto get = [&](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  const std::string folder = get("switch_dir");
  std::string node = get("plug");
  if (node.empty()) node = get("port");
  if (folder.empty()) {
    std::cerr << "Parameter switch_dir is missing\n";
    return 1;
  }
  const bool needs_node = action != "monitor" && action != "validate-all";
  const bool plain = node.size() < kMaxLine / 2 && node.find_first_of(" \n\r") == std::string::npos;
  if (needs_node && (node.empty() || !plain)) {
    std::cerr << "Parameter plug must name a node\n";
    return 1;
  }
  if (action == "validate-all") return 0;
  const int fd = connect_to_switch(folder);
  if (fd < 0) return 1;
  if (action == "monitor") {
    ::close(fd);
    return 0;
  }
  const std::string answer = ask(fd, action + " " + node);
  ::close(fd);
  if (action == "status" && answer == "off") return 2;
  if (answer == (action == "status" ? "on" : "ok")) return 0;
  std::cerr << "Power switch could not " << action << " " << node << ": "
            << (answer.empty() ? "it gave no answer" : answer) << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc > 1) {
    if (!read_arguments(argc, argv, options)) {
      std::cerr << "Usage: fence_switch --action=ACTION --plug=NODE --switch-dir=DIR\n"
                   "       or name=value lines on standard input\n";
      return 1;
    }
  } else {
    options = read_options(std::cin);
  }
  const std::string action = options.contains("action") ? options["action"] : "reboot";
  if (action == "metadata") {
    std::cout << kMetadata;
    return 0;
  }
  for (const char* known : {"on", "off", "reboot", "status", "monitor", "validate-all"}) {
    if (action == known) return act(action, options);
  }
  std::cerr << "Unrecognised action '" << action << "'\n";
  return 1;
}
