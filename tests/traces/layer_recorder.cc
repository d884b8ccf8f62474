// layer_recorder FILE [LAYER]: joins the group "traces", sends a message every few milliseconds and
// writes to FILE what it sends and hears (layer_trace.h), line by line, until it is killed.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "io/cluster/layer.h"
#include "io/loop/fd.h"

namespace {

using namespace quorate;

template <class List, class Text>
std::string joined(const List& list, const Text& text) {
  std::string all;
  for (const auto& each : list) all += (all.empty() ? "" : ",") + text(each);
  return all.empty() ? "-" : all;
}

class Recorder : public cluster::Listener {
 public:
  Recorder(io::Loop& loop, cluster::Layer& layer, io::Fd file)
      : loop_(loop), layer_(layer), file_(std::move(file)) {
    begin_run();
    layer_.start(*this);
    layer_.join("traces");
    send();
  }

  void on_view(GroupView view) override {
    say(fmt::format("view {} {} {} {} {}", view.view, view.ring, members(view.members),
                    numbers(view.joined), numbers(view.left)));
  }
  void on_delivered(NodeNumber sender, std::string payload) override {
    say(fmt::format("got {} {}", sender, payload.substr(0, payload.find('|'))));
  }
  void on_nodes(NodeMembership nodes) override {
    say(fmt::format("nodes {} {} {} {}", nodes.ring, nodes.quorate ? 1 : 0, members(nodes.members),
                    members(nodes.configured)));
  }
  void on_broadcast_allowed(bool allowed) override { allowed_ = allowed; }
  void on_lost(const std::string&) override { begin_run(); }

 private:
  static std::string members(const std::vector<Member>& list) {
    return joined(list, [](const Member& member) {
      return fmt::format("{}:{}", member.node, member.incarnation);
    });
  }
  static std::string numbers(const std::vector<NodeNumber>& list) {
    return joined(list, [](NodeNumber node) { return std::to_string(node); });
  }

  void begin_run() {
    run_ = fmt::format("{}.{}", getpid(), ++runs_);
    sent_ = 0;
    say(fmt::format("run {} {}", layer_.local_node().node, run_));
  }
  void say(std::string line) {
    line += '\n';
    // One write a line: who is killed leaves whole lines, but for the last.
    if (write(file_.get(), line.data(), line.size()) < 0) loop_.stop();
  }
  void send() {
    constexpr std::int64_t kEachMs = 7;
    if (allowed_) {
      // Now and then a message of several pieces.
      const std::size_t size = (sent_ + 1) % 97 == 0 ? 200'000 : 50;
      const std::string payload = fmt::format("{} {}|{}", run_, sent_ + 1, std::string(size, 'x'));
      if (layer_.broadcast(payload)) say(fmt::format("sent {}", ++sent_));
    }
    timer_ = loop_.after(kEachMs, [this] { send(); });
  }

  io::Loop& loop_;
  cluster::Layer& layer_;
  io::Fd file_;
  io::Timer timer_;
  std::string run_;
  std::uint64_t runs_ = 0;
  std::uint64_t sent_ = 0;
  bool allowed_ = true;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: layer_recorder FILE [LAYER]\n");
    return 64;
  }
  io::Fd file(open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (file.get() < 0) {
    std::perror(argv[1]);
    return 1;
  }
  io::Loop loop;
  auto layer = cluster::open_layer(loop, argc > 2 ? argv[2] : "", "");
  if (!layer) {
    std::fprintf(stderr, "layer_recorder: %s\n", layer.error().message.c_str());
    return 1;
  }
  Recorder recorder(loop, **layer, std::move(file));
  loop.run();
}
