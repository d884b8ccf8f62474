#include "live_cluster.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/text.h"
#include "io/ipc/connection.h"
#include "io/ipc/endpoint.h"
#include "io/loop/fd.h"
#include "messages/cib.h"
#include "quorate/demo/process_tree.h"

namespace quorate {
namespace {

namespace fs = std::filesystem;
constexpr int kNodes = 3;

std::string name_of(int node) { return "node" + std::to_string(node); }

void write_text(const std::string& path, const std::string& text) {
  // Agents may be running it: they keep the old one.
  std::ofstream(path + ".new") << text;
  fs::rename(path + ".new", path);
}

}  // namespace

LiveCluster::LiveCluster() : LocalCluster(kNodes, QUORATE_BIN) {
  fs::create_directories(folder() + "/ocf/resource.d/test");
  fs::copy_file(QUORATE_TEST_AGENTS "/Witness", folder() + "/ocf/resource.d/test/Witness");
  fs::create_symlink(QUORATE_FENCE_SWITCH, folder() + "/fence/fence_switch");
  auto opened = demo::PowerSwitch::open(
      loop(), folder() + "/power",
      [this](const std::string& node, demo::PowerAction action) { return operate(node, action); });
  REQUIRE(opened);
  switch_ = std::move(*opened);
}

bool LiveCluster::operate(const std::string& node, demo::PowerAction action) {
  const int number = node.empty() ? 0 : node.back() - '0';
  if (number < 1 || number > kNodes) return false;
  if (action == demo::PowerAction::kStatus) return running(number);
  const bool on = action == demo::PowerAction::kOn;
  switch_requests.push_back((on                                  ? "on "
                             : action == demo::PowerAction::kOff ? "off "
                                                                 : "reboot ") +
                            node);
  if (switch_is_broken) return false;
  if (!on) cut_power(number);
  return true;
}

// ---- Power --------------------------------------------------------------------------------------

void LiveCluster::cut_power(int node) {
  const pid_t root = launcher_pid(node);
  if (root > 0) {
    kill(root, SIGSTOP);
    std::set<pid_t> tree = {root};
    for (bool grew = true; grew;) {
      grew = false;
      for (const pid_t pid : demo::descendants(root)) {
        if (!tree.insert(pid).second) continue;
        kill(pid, SIGSTOP);
        grew = true;
      }
    }
    std::vector<io::Fd> ends;
    for (const pid_t pid : tree)
      ends.emplace_back(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    for (const pid_t pid : tree) kill(pid, SIGKILL);
    for (const io::Fd& end : ends) {
      if (!end) continue;
      pollfd wait{end.get(), POLLIN, 0};
      while (poll(&wait, 1, 5'000) < 0 && errno == EINTR) {
      }
    }
  }
  // What ran there doesn't any more.
  for (const auto& entry : fs::directory_iterator(folder()))
    if (entry.path().filename().string().starts_with("active.") &&
        entry.path().string().ends_with("." + name_of(node)))
      fs::remove(entry.path());
}

void LiveCluster::start_again(int node) {
  eventually("the launcher's end", [&] { return !running(node); });
  fs::remove_all(run_dir(node));
  fs::create_directories(run_dir(node));
  start(node);
}

// ---- Configuration ------------------------------------------------------------------------------

void LiveCluster::bring_up() {
  start_all();
  eventually("all daemons", [this] { return all_up(1) && all_up(2) && all_up(3); });
  eventually("three members", [this] { return all_members(); });
}

void LiveCluster::configure(const std::string& section, const std::string& xml) {
  tool(1, "cibadmin", {"-C", "-o", section, "--xml-text", xml});
}

void LiveCluster::set_option(const std::string& name, const std::string& value) {
  tool(1, "crm_attribute", {"-t", "crm_config", "-n", name, "-v", value});
}

void LiveCluster::add_fence_devices() {
  for (int node = 1; node <= kNodes; ++node) {
    const std::string id = "power" + std::to_string(node);
    configure("resources", "<primitive id='" + id +
                               "' class='stonith' type='fence_switch'><instance_attributes id='" +
                               id + "-i'><nvpair id='" + id + "-h' name='pcmk_host_list' value='" +
                               name_of(node) + "'/><nvpair id='" + id +
                               "-d' name='switch_dir' value='" + folder() +
                               "/power'/></instance_attributes></primitive>");
  }
}

void LiveCluster::add_witness(const std::string& id, const std::string& more,
                              const std::string& operations) {
  configure(
      "resources",
      "<primitive id='" + id +
          "' class='ocf' provider='test' type='Witness'>"
          "<instance_attributes id='" +
          id + "-i'><nvpair id='" + id + "-f' name='folder' value='" + folder() +
          "'/></instance_attributes>" + more + "<operations>" +
          (operations.empty() ? "<op id='" + id + "-m' name='monitor' interval='1s' timeout='10s'/>"
                              : operations) +
          "</operations></primitive>");
}

// ---- Looking ------------------------------------------------------------------------------------

xml::Document LiveCluster::query(int node) const {
  constexpr std::int64_t kMs = 2000;
  const auto ask = [&]() -> std::string {
    auto connection =
        ipc::Connection::open_path(ipc::service_path(run_dir(node), "quorate-cib"), kMs);
    CibRequest request;
    request.id = 1;
    request.client = "test";
    if (!connection || !connection->send(encode(request), kMs)) return {};
    const auto answer = connection->receive(kMs);
    if (!answer) return {};
    const auto message = decode_cib_server_message(*answer);
    const auto* reply = message ? std::get_if<CibReply>(&*message) : nullptr;
    return reply == nullptr ? std::string() : reply->data;
  };
  auto document = xml::Document::parse(ask(), "CIB");
  return document ? std::move(*document) : xml::Document::with_root("none");
}

namespace {
xml::Element state_of(const xml::Document& cib, const std::string& node) {
  for (const xml::Element state : xml::children(cib.root().first_child("status"), "node_state"))
    if (state.get_or("uname", {}) == node) return state;
  return {};
}
}  // namespace

int LiveCluster::members(int node) const {
  const xml::Document cib = query(node);
  int count = 0;
  for (const xml::Element state : xml::children(cib.root().first_child("status"), "node_state"))
    if (state.get_or("join", "") == "member") ++count;
  return count;
}

bool LiveCluster::all_members() const {
  for (int node = 1; node <= kNodes; ++node)
    if (members(node) != kNodes) return false;
  return true;
}

std::string LiveCluster::attribute(int asked, int node, const std::string& name) const {
  const xml::Document cib = query(asked);
  const xml::Element state = state_of(cib, name_of(node));
  std::string value;
  if (!state) return value;
  xml::for_each_descendant(state, [&](xml::Element e) {
    if (e.name() == "nvpair" && e.get_or("name", {}) == name) value = e.get_or("value", {});
  });
  return value;
}

std::string LiveCluster::result(int asked, int node, const std::string& resource,
                                const std::string& operation_key,
                                const std::string& attribute) const {
  const xml::Document cib = query(asked);
  const xml::Element state = state_of(cib, name_of(node));
  std::string value;
  if (!state) return value;
  xml::for_each_descendant(state, [&](xml::Element e) {
    if (e.name() == "lrm_rsc_op" && e.parent().id() == resource &&
        (e.id() == operation_key || e.get_or("operation_key", {}) == operation_key))
      value = e.get_or(attribute, {});
  });
  return value;
}

std::string LiveCluster::active(const std::string& resource) const {
  std::string nodes;
  const std::string begin = "active." + resource + ".";
  for (const auto& entry : fs::directory_iterator(folder())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(begin)) nodes += (nodes.empty() ? "" : " ") + name.substr(begin.size());
  }
  return nodes;
}

int LiveCluster::node_of(const std::string& resource) const {
  const std::string where = active(resource);
  return where.size() == 5 ? where.back() - '0' : 0;
}

int LiveCluster::journal(const std::string& begin) const {
  std::ifstream file(folder() + "/journal");
  int count = 0;
  for (std::string line; std::getline(file, line);) count += line.starts_with(begin);
  return count;
}

bool LiveCluster::ever_twice() const { return fs::exists(folder() + "/twice"); }

void LiveCluster::on(const std::string& action, const std::string& snippet) {
  const std::string path = folder() + "/on_" + action;
  if (snippet.empty())
    fs::remove(path);
  else
    write_text(path, snippet + "\n");
}

void LiveCluster::install_agent(const std::string& name, const std::string& script, int mode) {
  const std::string path = folder() + "/ocf/resource.d/test/" + name;
  write_text(path, script);
  chmod(path.c_str(), static_cast<mode_t>(mode));
}

void LiveCluster::install_fence_agent(const std::string& name, const std::string& script,
                                      int mode) {
  const std::string path = folder() + "/fence/" + name;
  write_text(path, script);
  chmod(path.c_str(), static_cast<mode_t>(mode));
}

// ---- Waiting ------------------------------------------------------------------------------------

void LiveCluster::eventually(const std::string& what, const std::function<bool()>& done,
                             std::int64_t timeout_ms) {
  // Conditions ask daemons: not more often than they can answer without doing little else.
  constexpr std::int64_t kEachMs = 30;
  std::int64_t next = 0;
  const bool came = until(
      [&] {
        const std::int64_t now = io::Loop::monotonic_ms();
        if (now < next) return false;
        const bool is = done();
        next = io::Loop::monotonic_ms() + kEachMs;
        return is;
      },
      timeout_ms);
  if (!came) FAIL("waited " << timeout_ms << " ms in vain for: " << what << "\n" << log());
}

void LiveCluster::bring_up_with_witness(const std::string& id) {
  bring_up();
  set_option("stonith-enabled", "false");
  add_witness(id);
  eventually(id + " to run", [&] { return node_of(id) != 0; });
  settle();
}

void LiveCluster::settle() { tool(1, "crm_resource", {"--wait", "--timeout", "20s"}); }

std::string LiveCluster::tool(int node, const std::string& program,
                              std::vector<std::string> arguments) {
  const ProcessResult result = run_tool(node, program, std::move(arguments));
  INFO(program << " on node" << node << ": " << result.out << result.err);
  if (result.end != ProcessResult::End::kExited || result.status != 0) UNSCOPED_INFO(log());
  REQUIRE(result.end == ProcessResult::End::kExited);
  REQUIRE(result.status == 0);
  return result.out + result.err;
}

}  // namespace quorate
