#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/cluster/layer.h"
#include "io/ipc/client.h"
#include "io/loop/loop.h"

namespace quorate::demo {

/// Where things are, as the CIB says.
struct Picture {
  struct NodeLine {
    std::string name;
    std::string state;  ///< online, UNCLEAN (offline), OFFLINE, ...
  };
  struct ResourceLine {
    std::string name;
    std::string state;  ///< `Started node2`, `Stopped`, ...
  };
  bool readable = false;
  bool has_dc = false;
  std::vector<NodeLine> nodes;
  std::vector<ResourceLine> resources;
  std::map<std::string, std::string> runs_on;  ///< primitive -> node
  std::size_t planned = 0;                     ///< actions that are still to be done
  bool idle() const { return readable && has_dc && planned == 0; }
};

/// How long an agent took, by the history.
struct AgentTime {
  std::string resource;
  std::string task;
  std::string node;
  std::int64_t exec_ms = 0;
};

/// Watches a cluster through one of its nodes: the CIB as a subscriber, fencing as a subscriber of
/// the fencer.
class ClusterWatch {
 public:
  struct Callbacks {
    std::function<void(const Picture&)> changed;
    /// Words for the timeline, at the time they were noticed.
    std::function<void(std::int64_t at_us, const std::string& what)> happened;
  };
  ClusterWatch(io::Loop& loop, std::string run_directory, Callbacks callbacks);

  const Picture& picture() const { return picture_; }
  bool connected() const { return cib_->is_up(); }
  /// Time of the agents of results seen since `from_us`.
  std::vector<AgentTime> agent_times(std::int64_t from_us) const;

 private:
  void subscribe();
  /// False if it doesn't fit the document: then everything is asked for again.
  bool apply_patch(const std::string& patch);
  void cib_message(const std::string& text);
  void fencer_message(const std::string& text);
  void note_results(std::int64_t at_us);
  void refresh();

  io::Loop& loop_;
  Callbacks callbacks_;
  std::unique_ptr<ipc::Client> cib_;
  std::unique_ptr<ipc::Client> fencer_;
  io::Timer refresh_timer_;
  std::string document_;
  Picture picture_;
  std::set<std::string> seen_results_;
  struct Result {
    std::int64_t at_us = 0;
    AgentTime time;
  };
  std::vector<Result> results_;
  std::map<std::string, std::string> join_states_;
};

}  // namespace quorate::demo
