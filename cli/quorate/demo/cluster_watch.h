#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "follow/cib_follower.h"
#include "io/ipc/client.h"
#include "io/loop/loop.h"

namespace quorate::demo {

/// Where things are, what is to happen and why, as CIB and scheduler say.
struct Picture {
  struct NodeLine {
    std::string name;
    std::string state;  ///< online, UNCLEAN (offline), OFFLINE, ...
    bool dc = false;
    std::string plan;  ///< what is to be done with it, and why; empty: nothing
  };
  struct ResourceLine {
    std::string name;
    std::string state;                ///< Started, Stopped, Starting, FAILED, ...
    std::vector<std::string> places;  ///< nodes
    std::string plan;
  };
  bool readable = false;
  bool has_dc = false;
  std::vector<NodeLine> nodes;
  std::vector<ResourceLine> resources;         ///< one for all instances of a clone
  std::map<std::string, std::string> runs_on;  ///< primitive -> node
  std::vector<std::string> failures;           ///< of agents, a line each
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
/// the fencer. Each change is looked at as it comes; the picture of the whole is made once for
/// changes that come together.
class ClusterWatch {
 public:
  struct Callbacks {
    std::function<void(const Picture&)> changed;
    /// Words for the timeline, at the time they were noticed.
    std::function<void(std::int64_t at_us, const std::string& what)> happened;
  };
  ClusterWatch(io::Loop& loop, const std::string& run_directory, Callbacks callbacks);

  const Picture& picture() const { return picture_; }
  /// Time of the agents of results seen since `from_us`.
  std::vector<AgentTime> agent_times(std::int64_t from_us) const;

 private:
  void take_document();
  void take_change(xml::Element patch);
  void fencer_message(const std::string& text);
  void note_joins();
  void note_result(xml::Element entry, std::string_view node, bool news);
  void refresh_soon();
  void refresh();

  io::Loop& loop_;
  Callbacks callbacks_;
  io::Timer refresh_timer_;
  Picture picture_;
  bool seen_a_document_ = false;
  std::set<std::string> seen_results_;
  struct Result {
    std::int64_t at_us = 0;
    AgentTime time;
  };
  std::vector<Result> results_;
  std::map<std::string, std::string> join_states_;
  // Last: their callbacks use the rest.
  std::unique_ptr<cli::CibFollower> cib_;
  std::unique_ptr<ipc::Client> fencer_;
};

}  // namespace quorate::demo
