#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/time.h"

/// The vocabulary between a daemon's core and whatever runs it: a shell (lib/io/runtime, daemons)
/// in production, the simulator (tests/sim) in tests. A core is a class with
///
///   void handle(const Event& event, Now now, Effects& effects);
///
/// that takes one event, changes its own state and appends effects in the order they are to be
/// carried out. It reads no clock, socket, file, environment or random device, never blocks and
/// gives the same effects for the same events. Payloads are encoded messages (lib/messages): a core
/// decodes what it gets and treats content it can't use as an error value, never as an invariant.
namespace quorate {

/// The cluster layer's number of a node, 1 and up, stable across restarts (corosync's nodeid).
using NodeNumber = std::uint32_t;

/// The daemons of one node. Each that takes part in the cluster has a group of its own in the
/// cluster layer.
enum class Daemon { kLauncher, kCib, kAttributes, kController, kScheduler, kExecutor, kFencer };
std::string_view daemon_name(Daemon daemon);  ///< "quorate-cib" and so on; "quorated"

/// A connection of a local client to this daemon, unique for the daemon's lifetime.
using ClientId = std::uint64_t;

/// Who is behind a connection, from the kernel, never from the message.
struct PeerCredentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;
  std::string user;                 ///< name of uid
  std::vector<std::string> groups;  ///< names of the user's groups, for ACLs
  bool privileged = false;          ///< root or the cluster's own user: no ACLs
};

/// One member of a view. `incarnation` counts the entries of this node's process into the group:
/// same number and incarnation, same uninterrupted process.
struct Member {
  NodeNumber node = 0;
  std::string name;
  std::uint64_t incarnation = 0;
  friend bool operator==(const Member&, const Member&) = default;
};

// ---- Events -----------------------------------------------------------------------------------

/// First event a core gets, once.
struct Started {};
/// The daemon is asked to end. It finishes what must be finished and returns Exit.
struct ShutdownRequested {};

struct ClientConnected {
  ClientId client = 0;
  PeerCredentials peer;
};
struct ClientMessage {
  ClientId client = 0;
  std::string payload;
};
/// The connection has ended; nothing can be sent to it any more.
struct ClientGone {
  ClientId client = 0;
};

/// This daemon's connection, as a client, to a sibling on the same node. Shells keep trying; a core
/// sees Up and Down in turns. What was sent before a Down may or may not have been handled.
struct SiblingUp {
  Daemon daemon{};
  std::int32_t pid = 0;  ///< its process; 0 if unknown
};
struct SiblingDown {
  Daemon daemon{};
};
struct SiblingMessage {
  Daemon daemon{};
  std::string payload;
};

/// This daemon's cluster group changed. All members that stay together see the same sequence of
/// views and deliveries (lib/io/cluster/contract.md). `view` grows.
struct GroupView {
  std::uint64_t view = 0;
  /// The ring in which it was made: what NodeMembership said of an earlier ring, quorum above all,
  /// doesn't hold for this view.
  std::uint64_t ring = 0;
  std::vector<Member> members;  ///< sorted by node number; includes this node
  std::vector<NodeNumber> joined;
  std::vector<NodeNumber> left;
};
/// A message of this daemon's group in the agreed order, also one's own.
struct Delivered {
  std::uint64_t position = 0;  ///< counts deliveries and views of this group on this node
  NodeNumber sender = 0;
  std::string payload;
};
/// Nodes and quorum as the cluster layer sees them: its own stream, unordered to group deliveries,
/// matched by ring.
struct NodeMembership {
  std::uint64_t ring = 0;
  bool quorate = false;
  std::vector<Member> members;     ///< nodes that are up in the cluster layer
  std::vector<Member> configured;  ///< the node list, up or not; empty if unknown
};
/// Whether Broadcast is refused for now. While refused a core keeps what it would send, bounded.
struct BroadcastAllowed {
  bool allowed = true;
};

/// Name of a core's timer; the core chooses it. Setting a name again replaces the timer.
using TimerId = std::uint64_t;
struct TimerFired {
  TimerId timer = 0;
};

/// A WriteFile effect has ended: the content and its folder are synced, or `error` says why not.
struct FileWritten {
  std::uint64_t request = 0;
  bool ok = false;
  std::string error;
};

/// A ComputeAside effect has ended. `output` is what the worker function returned.
struct ComputeDone {
  std::uint64_t request = 0;
  std::string output;
  /// The task is unknown, threw, or has brought this daemon down twice on this very input and was
  /// not run a third time; `output` then says which.
  bool failed = false;
};

/// How a child process ended.
struct ProcessResult {
  enum class End { kExited, kSignalled, kTimedOut, kCouldNotStart };
  End end = End::kExited;
  int status = 0;   ///< exit status, signal number, or errno
  std::string out;  ///< standard output, bounded by RunProcess::max_output_bytes
  std::string err;
  bool truncated = false;  ///< output beyond the bound was discarded
  std::int64_t exec_ms = 0;
};
struct ProcessEnded {
  std::uint64_t request = 0;
  ProcessResult result;
};

/// Result of a UnitCall. For StartUnit, StopUnit, RestartUnit and ReloadUnit it comes when the job
/// has been removed, `ok` if its result was `done`. For queries `state` is the property's value.
struct UnitCallDone {
  std::uint64_t request = 0;
  bool ok = false;
  std::string state;
  /// If not ok: the job's result (`timeout`, `failed`, `canceled`, ...), `not-found` if systemd
  /// doesn't know the unit, `no-connection` without D-Bus, else the text of the D-Bus error.
  std::string error;
};

using Event = std::variant<Started, ShutdownRequested, ClientConnected, ClientMessage, ClientGone,
                           SiblingUp, SiblingDown, SiblingMessage, GroupView, Delivered,
                           NodeMembership, BroadcastAllowed, TimerFired, FileWritten, ComputeDone,
                           ProcessEnded, UnitCallDone>;

// ---- Effects ----------------------------------------------------------------------------------

/// Sends to a local client. What a client doesn't read is queued up to a bound, then the
/// connection is closed (or, for subscribers, replaced by one `resync`, see the message types).
struct Reply {
  ClientId client = 0;
  std::string payload;
  /// A notification to a subscriber. Beyond 1,000 events or 16 MiB unread, the client gets one
  /// kResyncPayload in place of its backlog of events; replies are never dropped.
  bool event = false;
};
/// "You have missed events: fetch the whole state again."
inline constexpr std::string_view kResyncPayload = "<resync/>";
struct DisconnectClient {
  ClientId client = 0;
  std::string reason;  ///< for the log
};
/// Sends to a sibling daemon of the same node. Dropped, with a log line, while it is down.
struct SendSibling {
  Daemon daemon{};
  std::string payload;
};
/// Sends to every member of this daemon's group, oneself included, in the agreed order.
struct Broadcast {
  std::string payload;
};
struct SetTimer {
  TimerId timer = 0;
  std::int64_t delay_ms = 0;
};
struct CancelTimer {
  TimerId timer = 0;
};
/// Writes a file of this daemon's state folder. Writes of one daemon are carried out in order.
struct WriteFile {
  enum class How {
    /// New file, fsync, rename, fsync of the folder. `keep` former versions stay as NAME.1, NAME.2
    /// …
    kReplace,
    /// The same without any fsync: for what may be lost or damaged when the power fails.
    kReplaceUnsynced,
    /// Over the file's former content, whose end may stay behind it, and one fdatasync. Much faster
    /// than a new file, but a crash may leave any mixture of both: the content has to tell.
    kInPlace,
  };
  std::uint64_t request = 0;
  std::string name;
  std::string content;
  int keep = 0;
  How how = How::kReplace;
};
/// Work of more than about 10 ms, done beside the main loop. The shell knows `task` as a pure
/// function from `input` to `output`; the simulator gives it simulated time.
struct ComputeAside {
  std::uint64_t request = 0;
  std::string task;
  std::string input;
};
/// Runs a program in a process group of its own: no shell, a clean environment of exactly `env`,
/// standard input `input`. After `timeout_ms` (0: never) the whole group gets SIGKILL (SIGTERM
/// first if `term_grace_ms` > 0), or only the process itself if `kill_process_only`. Always
/// answered by ProcessEnded, also when it couldn't start; a process that has exited has ended even
/// if children of it keep its output open.
struct RunProcess {
  std::uint64_t request = 0;
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> env;
  std::string input;
  std::int64_t timeout_ms = 0;
  std::int64_t term_grace_ms = 0;
  std::size_t max_output_bytes = 256 * 1024;
  bool kill_process_only = false;
  std::string describe;  ///< for simulator and log: "start of web on node1"; no secrets
  /// A daemon (launcher only): output goes where the shell's goes, and it outlives the shell.
  bool daemon = false;
  /// Above 0: nothing is started; the daemon already running under this process id is watched as
  /// if it had been (its exit status is unknown: ProcessEnded says kExited with status -1).
  std::int32_t adopt_pid = 0;
};
/// SIGKILL, or another signal, for the process group of a RunProcess (its process only, if it was
/// started so); ProcessEnded follows when it has died.
struct KillProcess {
  std::uint64_t request = 0;
  int signal = 9;
};
/// A systemd D-Bus call. `method` is StartUnit, StopUnit, RestartUnit or ReloadUnit, or a property
/// to query: ActiveState or Description. StartUnit also writes the override file that orders the
/// unit before the cluster's own service, StopUnit removes it (spec/11 §18.4).
struct UnitCall {
  std::uint64_t request = 0;
  std::string method;
  std::string unit;
  std::int64_t timeout_ms = 0;
};
struct Log {
  LogRecord record;
};
/// The daemon ends with this status. The launcher restarts it unless the status says not to.
struct Exit {
  int status = 0;
  std::string reason;
};
/// This very node must stop at once (self-fencing): all of its processes die, nothing is synced.
struct PanicNode {
  std::string reason;
};

using Effect =
    std::variant<Reply, DisconnectClient, SendSibling, Broadcast, SetTimer, CancelTimer, WriteFile,
                 ComputeAside, RunProcess, KillProcess, UnitCall, Log, Exit, PanicNode>;
using Effects = std::vector<Effect>;

}  // namespace quorate
