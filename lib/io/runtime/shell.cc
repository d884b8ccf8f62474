#include "io/runtime/shell.h"

#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <mutex>
#include <utility>

#include "io/ipc/endpoint.h"
#include "io/runtime/disk.h"
#include "messages/launcher.h"

namespace quorate::runtime {
namespace {

constexpr std::size_t kComputeThreads = 2;
constexpr std::int64_t kFlushMs = 200;
/// What the core may hand over for broadcast while the layer refuses; it knows that it does.
constexpr std::size_t kMaxUnsent = 10'000;
constexpr int kExitDisconnected = 102;
/// An event that takes longer than this is named in the log: meanwhile the daemon did nothing else.
constexpr std::int64_t kLongMs = 100;
constexpr int kExitPanic = 101;

Now read_clocks() {
  timespec wall{};
  clock_gettime(CLOCK_REALTIME, &wall);
  return {io::Loop::monotonic_ms(),
          static_cast<std::int64_t>(wall.tv_sec) * 1000 + wall.tv_nsec / 1'000'000};
}

/// The part of an event that may be poison: what others wrote, as kind and content.
struct Input {
  std::string_view kind;
  std::string_view content;
};
Input input_of(const Event& event) {
  if (const auto* message = std::get_if<ClientMessage>(&event)) return {"client", message->payload};
  if (const auto* message = std::get_if<SiblingMessage>(&event))
    return {daemon_name(message->daemon), message->payload};
  if (const auto* message = std::get_if<Delivered>(&event)) return {"group", message->payload};
  return {};
}

/// What happened, for the log.
std::string_view name_of(const Event& event) {
  static constexpr std::array<std::string_view, 17> kNames = {"the start",
                                                              "the request to stop",
                                                              "a new client",
                                                              "a client's message",
                                                              "a client's end",
                                                              "a daemon that came up",
                                                              "a daemon's end",
                                                              "a daemon's message",
                                                              "a new view of the group",
                                                              "a group message",
                                                              "the nodes' membership",
                                                              "room for group messages",
                                                              "a timer",
                                                              "a written file",
                                                              "work done aside",
                                                              "a process' end",
                                                              "an answer of systemd"};
  static_assert(kNames.size() == std::variant_size_v<Event>);
  return kNames[event.index()];
}

}  // namespace

class Shell::GroupListener final : public cluster::Listener {
 public:
  explicit GroupListener(Shell& shell) : shell_(shell) {}
  void on_view(GroupView view) override {
    shell_.member_ = true;
    ++shell_.position_;
    shell_.post(std::move(view));
    shell_.flush_broadcasts();
  }
  void on_delivered(NodeNumber sender, std::string payload) override {
    shell_.post(Delivered{++shell_.position_, sender, std::move(payload)});
  }
  void on_nodes(NodeMembership nodes) override { shell_.post(std::move(nodes)); }
  void on_broadcast_allowed(bool allowed) override {
    shell_.broadcast_allowed_ = allowed;
    shell_.post(BroadcastAllowed{allowed});
    shell_.flush_broadcasts();
  }
  void on_lost(const std::string& reason) override {
    shell_.member_ = false;
    shell_.unsent_.clear();
    if (shell_.parts_.needs_cluster)
      shell_.finish(kExitDisconnected, "lost the cluster layer: " + reason);
    else
      shell_.post(NodeMembership{});
  }

 private:
  Shell& shell_;
};

Shell::Shell(io::Loop& loop, LogSink& log, ShellParts parts)
    : loop_(loop),
      log_(log),
      parts_(std::move(parts)),
      guard_(parts_.settings.run_dir + "/" + std::string(daemon_name(parts_.daemon)) + ".input"),
      processes_(
          loop,
          [this](std::uint64_t request, ProcessResult result) {
            post(ProcessEnded{request, std::move(result)});
          },
          parts_.settings.run_dir + "/" + std::string(daemon_name(parts_.daemon)) + ".children"),
      units_(loop, [this](UnitCallDone done) { post(std::move(done)); }),
      disk_(loop, 1),
      compute_(loop, kComputeThreads),
      strand_(loop, 1) {
  for (std::size_t slot = 1; slot <= kComputeThreads; ++slot) free_slots_.push_back(slot);
}

Shell::~Shell() = default;

Result<std::unique_ptr<Shell>> Shell::create(io::Loop& loop, LogSink& log, ShellParts parts) {
  std::unique_ptr<Shell> shell(new Shell(loop, log, std::move(parts)));
  if (auto opened = shell->open(); !opened) return tl::unexpected(opened.error());
  return shell;
}

Result<void> Shell::open() {
  ipc::ServerOptions options;
  options.path = ipc::service_path(parts_.settings.run_dir, daemon_name(parts_.daemon));
  ipc::Server::Handlers handlers;
  handlers.admit = [this](const PeerCredentials& peer) -> Result<void> {
    if (ipc::may_connect(peer, parts_.settings.group)) return {};
    return fail(ErrorKind::kPermission, "user \"" + peer.user +
                                            "\" may not use the cluster; add it to the group " +
                                            parts_.settings.group);
  };
  handlers.connected = [this](ClientId client, const PeerCredentials& peer) {
    post(ClientConnected{client, peer});
  };
  handlers.message = [this](ClientId client, std::string payload) {
    on_client_message(client, std::move(payload));
  };
  handlers.gone = [this](ClientId client, const std::string& reason) {
    log_.write(LogLevel::kDebug, "client " + std::to_string(client) + ": " + reason);
    post(ClientGone{client});
  };
  auto server = ipc::Server::listen(loop_, options, handlers);
  if (!server) return tl::unexpected(server.error());
  server_ = std::move(*server);
  // Only now is it certain that the former process is gone.
  const auto former = processes_.end_former();
  if (!former) return tl::unexpected(former.error());
  if (*former > 0) {
    log_.write(LogLevel::kWarning,
               "ended " + std::to_string(*former) + " agents that a former process left at work");
  }
  return {};
}

int Shell::run(Core core) {
  const io::Watch signals = loop_.on_signals({SIGTERM, SIGINT, SIGCHLD}, [this](int signal) {
    if (signal == SIGCHLD)
      processes_.reap_orphans();
    else
      post(ShutdownRequested{});
  });
  start(std::move(core));
  if (!done_) loop_.run();
  return status_;
}

void Shell::start(Core core) {
  core_ = std::move(core);
  started_ = true;
  if (parts_.adopts_orphans) processes_.adopt_orphans();
  if (guard_.deaths() > 0)
    log_.write(LogLevel::kWarning, "has died in the middle of an input " +
                                       std::to_string(guard_.deaths()) +
                                       " times since the node was set up; see the core files");
  waiting_.push_front(Started{});
  post_pending();
  for (const Daemon sibling : parts_.siblings) connect_sibling(sibling);
  if (parts_.layer) {
    listener_ = std::make_unique<GroupListener>(*this);
    parts_.layer->start(*listener_);
    if (parts_.joins_group) parts_.layer->join(std::string(daemon_name(parts_.daemon)));
  }
}

void Shell::connect_sibling(Daemon daemon) {
  ipc::ClientOptions options;
  options.path = ipc::service_path(parts_.settings.run_dir, daemon_name(daemon));
  ipc::Client::Handlers handlers;
  handlers.up = [this, daemon](std::int32_t pid) { post(SiblingUp{daemon, pid}); };
  handlers.down = [this, daemon](const std::string&) { post(SiblingDown{daemon}); };
  handlers.message = [this, daemon](std::string payload) {
    post(SiblingMessage{daemon, std::move(payload)});
  };
  siblings_[daemon] = std::make_unique<ipc::Client>(loop_, options, handlers);
}

void Shell::on_client_message(ClientId client, std::string payload) {
  if (is_liveness_ping(payload)) {
    if (const auto ping = decode_liveness_ping(payload))
      server_->send(client, encode(LivenessPong{ping->id}));
    return;
  }
  post(ClientMessage{client, std::move(payload)});
}

void Shell::post(Event event) {
  waiting_.push_back(std::move(event));
  post_pending();
}

void Shell::post_pending() {
  if (!started_ || handling_scheduled_) return;
  handling_scheduled_ = true;
  loop_.defer([this] { handle_waiting(); });
}

/// Handles what waited when it began; the loop sees to everything else in between.
void Shell::handle_waiting() {
  handling_scheduled_ = false;
  for (std::size_t count = waiting_.size(); count > 0 && !waiting_.empty() && !done_; --count) {
    const Event event = std::move(waiting_.front());
    waiting_.pop_front();
    handle(event);
  }
  if (!waiting_.empty() && !done_) post_pending();
}

void Shell::handle(const Event& event) {
  const Input input = input_of(event);
  const bool guarded = !input.kind.empty();
  if (guarded) {
    const std::uint64_t mark = InputGuard::mark_of(input.kind, input.content);
    if (is_refused(event, mark)) return;
    guard_.begin(0, mark);
  }
  Effects effects;
  const Now begin = read_clocks();
  core_(event, begin, effects);
  if (guarded) guard_.end(0);
  const std::int64_t core_ms = io::Loop::monotonic_ms() - begin.monotonic_ms;
  carry_out(effects);
  const std::int64_t took_ms = io::Loop::monotonic_ms() - begin.monotonic_ms;
  if (took_ms < kLongMs) return;
  log_.write(LogLevel::kInfo,
             "was busy for " + std::to_string(took_ms) + " ms (" + std::to_string(core_ms) +
                 " ms of it deciding) with " +
                 (guarded ? "a message of " + std::to_string(input.content.size()) +
                                " bytes from " + std::string(input.kind)
                          : std::string(name_of(event))));
}

/// What the group delivers is never kept from one member alone: replicas would part.
bool Shell::is_refused(const Event& event, std::uint64_t mark) {
  if (!guard_.is_poison(mark) || std::holds_alternative<Delivered>(event)) return false;
  const auto* message = std::get_if<ClientMessage>(&event);
  log_.write(LogLevel::kError,
             std::string("refused an input that has brought this daemon down twice, from ") +
                 (message ? "client " + std::to_string(message->client) : "a sibling daemon") +
                 "; see the core files");
  if (message) {
    server_->disconnect(message->client);
    post(ClientGone{message->client});
  }
  return true;
}

struct Shell::Carrier {
  Shell& shell;
  void operator()(Reply& reply) const {
    if (reply.event)
      shell.server_->send_event(reply.client, reply.payload);
    else
      shell.server_->send(reply.client, reply.payload);
  }
  void operator()(const DisconnectClient& disconnect) const {
    shell.log_.write(LogLevel::kInfo, "disconnecting client " + std::to_string(disconnect.client) +
                                          ": " + disconnect.reason);
    shell.server_->disconnect(disconnect.client);
  }
  void operator()(const SendSibling& send) const {
    const auto found = shell.siblings_.find(send.daemon);
    if (found == shell.siblings_.end() || !found->second->send(send.payload))
      shell.log_.write(LogLevel::kInfo, "message to " + std::string(daemon_name(send.daemon)) +
                                            " dropped: it is down");
  }
  void operator()(Broadcast& broadcast) const { shell.broadcast(std::move(broadcast.payload)); }
  void operator()(const SetTimer& timer) const { shell.set_timer(timer); }
  void operator()(const CancelTimer& timer) const { shell.drop_timer(timer.timer); }
  void operator()(WriteFile& write) const { shell.write_file(std::move(write)); }
  void operator()(ComputeAside& compute) const { shell.compute_aside(std::move(compute)); }
  void operator()(const RunProcess& process) const { shell.processes_.start(process); }
  void operator()(const KillProcess& kill) const {
    shell.processes_.signal(kill.request, kill.signal);
  }
  void operator()(const UnitCall& call) const { shell.units_.call(call); }
  void operator()(const Log& log) const { shell.log_.write(log.record); }
  void operator()(const Exit& exit) const { shell.finish(exit.status, exit.reason); }
  void operator()(const PanicNode& panic) const { shell.panic(panic.reason); }
};

void Shell::carry_out(Effects& effects) {
  for (Effect& effect : effects) {
    if (done_) return;
    std::visit(Carrier{*this}, effect);
  }
}

/// Also if it was due already and its event waits to be handled.
void Shell::drop_timer(TimerId timer) {
  timers_.erase(timer);
  std::erase_if(waiting_, [timer](const Event& event) {
    const auto* fired = std::get_if<TimerFired>(&event);
    return fired != nullptr && fired->timer == timer;
  });
}

void Shell::set_timer(const SetTimer& timer) {
  const TimerId id = timer.timer;
  drop_timer(id);
  timers_[id] = loop_.after(timer.delay_ms, [this, id] {
    timers_.erase(id);
    post(TimerFired{id});
  });
}

void Shell::broadcast(std::string payload) {
  if (!parts_.layer) {
    log_.write(LogLevel::kWarning, "broadcast dropped: this node has no cluster layer");
    return;
  }
  unsent_.push_back(std::move(payload));
  flush_broadcasts();
  if (unsent_.size() > kMaxUnsent) {
    log_.write(LogLevel::kError, "broadcast dropped: the cluster layer refuses messages");
    unsent_.pop_back();
  }
}

void Shell::flush_broadcasts() {
  while (member_ && broadcast_allowed_ && !unsent_.empty()) {
    const auto sent = parts_.layer->broadcast(unsent_.front());
    if (!sent && sent.error().kind == ErrorKind::kTimeout) return;
    if (!sent) log_.write(LogLevel::kWarning, "broadcast dropped: " + sent.error().message);
    unsent_.pop_front();
  }
}

void Shell::write_file(WriteFile file) {
  const std::string folder = parts_.settings.state_folder(parts_.daemon);
  disk_.run([this, folder, write = std::move(file)]() -> Workers::Finish {
    const bool sync = write.how != WriteFile::How::kReplaceUnsynced;
    const auto written = write.how == WriteFile::How::kInPlace
                             ? overwrite_file(folder, write.name, write.content)
                             : replace_file(folder, write.name, write.content, write.keep, sync);
    FileWritten event{write.request, written.has_value(),
                      written ? std::string() : written.error().message};
    return [this, event = std::move(event)] { post(event); };
  });
}

void Shell::compute_aside(ComputeAside work) {
  if (parts_.strand.tasks.contains(work.task)) return compute_in_strand(std::move(work));
  const auto found = parts_.tasks.find(work.task);
  if (found == parts_.tasks.end()) {
    return post(ComputeDone{work.request, "unknown task " + work.task, true});
  }
  compute_.run([this, compute = std::move(work), &task = found->second]() -> Workers::Finish {
    const std::uint64_t mark = InputGuard::mark_of(compute.task, compute.input);
    ComputeDone done =
        guarded(compute, mark, [&]() -> Result<std::string> { return task(compute.input); });
    return [this, done = std::move(done)]() mutable { post(std::move(done)); };
  });
}

void Shell::compute_in_strand(ComputeAside work) {
  strand_.run([this, compute = std::move(work)]() -> Workers::Finish {
    const Strand& strand = parts_.strand;
    const std::optional<std::string> identity = strand.identity(compute.task);
    const std::uint64_t mark =
        InputGuard::mark_of(compute.task, identity ? *identity : compute.input);
    ComputeDone done =
        guarded(compute, mark, [&] { return strand.run(compute.task, compute.input); });
    return [this, done = std::move(done)]() mutable { post(std::move(done)); };
  });
}

/// In a worker: runs a task unless it is poison, marked as work in progress.
ComputeDone Shell::guarded(const ComputeAside& work, std::uint64_t mark,
                           const std::function<Result<std::string>()>& run) {
  ComputeDone done{work.request, {}, false};
  const std::size_t slot = take_slot();
  if (guard_.is_poison(mark)) {
    done.output = "refused: this input has brought the daemon down twice";
    done.failed = true;
  } else {
    guard_.begin(slot, mark);
    try {
      Result<std::string> output = run();
      done.failed = !output;
      done.output = output ? std::move(*output) : work.task + ": " + output.error().message;
    } catch (const std::exception& error) {
      done.output = work.task + ": " + error.what();
      done.failed = true;
    }
    guard_.end(slot);
  }
  return_slot(slot);
  return done;
}

std::size_t Shell::take_slot() {
  const std::lock_guard lock(slots_mutex_);
  const std::size_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void Shell::return_slot(std::size_t slot) {
  const std::lock_guard lock(slots_mutex_);
  free_slots_.push_back(slot);
}

void Shell::panic(const std::string& reason) {
  log_.write(LogLevel::kCritical, "this node must stop at once: " + reason);
  processes_.kill_all();
  if (parts_.panic) parts_.panic(reason);
  status_ = kExitPanic;
  done_ = true;
  loop_.stop();
}

void Shell::finish(int status, const std::string& reason) {
  if (done_) return;
  log_.write(status == 0 ? LogLevel::kInfo : LogLevel::kError,
             "ending with status " + std::to_string(status) +
                 (reason.empty() ? std::string() : ": " + reason));
  server_->flush(kFlushMs);
  if (status == 0) guard_.remove_if_clean();
  for (const auto& [daemon, client] : siblings_) client->flush(kFlushMs);
  if (parts_.layer && parts_.says_goodbye && status == 0) parts_.layer->say_goodbye();
  status_ = status;
  done_ = true;
  loop_.stop();
}

}  // namespace quorate::runtime
