#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cib/document.h"
#include "controller/controller.h"

/// Controllers of several nodes on one ordered bus, with stand-ins for their siblings: one document
/// as the CIB, executors that do what they are told, fencers that fence, a scheduler that answers
/// with the graphs it is given. Events are carried out one at a time, in a fixed order; time passes
/// only when advance() is called.
class ControllerCluster {
 public:
  using NodeNumber = quorate::NodeNumber;

  struct Node {
    std::unique_ptr<quorate::Controller> core;
    std::map<quorate::TimerId, std::int64_t> timers;  ///< due, monotonic
    std::vector<std::string> log;
    std::optional<quorate::Exit> exit;
    std::vector<quorate::ControllerReply> replies;
    std::vector<std::string> attributes;  ///< "name[node]=value" as asked for
    std::vector<std::string> ran;         ///< keys of actions the executor ran
    std::vector<quorate::ScheduleRequest> questions;
    std::optional<quorate::CibClusterFact> fact;  ///< what the CIB was told last
    bool subscribed = false;
    std::optional<std::deque<quorate::Event>>
        inbox;                     ///< it hangs: what it will find when it goes on
    bool scheduler_ready = false;  ///< the scheduler was told to keep a copy
  };

  explicit ControllerCluster(std::size_t size);

  /// Without an executor it has to be fed its SiblingUp later.
  void start(NodeNumber node, bool executor = true);
  /// All of `members` see each other, in cluster layer and group; others are cut off or down.
  void install(const std::set<NodeNumber>& members, bool quorate = true);
  /// The core is gone; install() tells the others.
  void crash(NodeNumber node);
  /// Nothing is heard of the core, which is sent everything, until it goes on.
  void hang(NodeNumber node) { nodes.at(node).inbox.emplace(); }
  void go_on(NodeNumber node);
  /// Until nothing is under way.
  void run();
  void advance(std::int64_t ms);
  void feed(NodeNumber node, const quorate::Event& event);
  bool fire_next(std::int64_t until_ms);

  std::string state(NodeNumber node) { return std::string(nodes.at(node).core->state()); }
  NodeNumber dc();
  std::string cib() { return document_->to_string(); }
  /// Attribute of a node_state; "-" if there is none.
  std::string node_state(NodeNumber node, const std::string& attribute);
  bool cib_has(const std::string& xpath);
  /// As a user's tool would.
  void change_cib(const std::string& section, const std::string& xml, const std::string& client);
  /// Likewise, removing something and merging `status`.
  void remove_from_cib(const std::string& xpath, const std::string& status,
                       const std::string& client);
  /// The CIB is another partition's now, which knew this of the node; nobody is told.
  void replace_history(NodeNumber node, const std::string& lrm);
  /// The CIB is that of a replica that has just started; nobody is told.
  void forget_status();
  void ask(NodeNumber node, const quorate::ControllerRequest& request);
  bool logged(NodeNumber node, const std::string& part);

  /// The graph for a question; empty: can't be scheduled. Default: nothing to do.
  std::function<std::string(const quorate::ScheduleRequest&, quorate::xml::Element)> plan;
  std::function<quorate::AgentResult(NodeNumber, const quorate::executor::RunAction&)> run_action;
  bool fencing_succeeds = true;
  bool hold_fencing = false;  ///< fencers don't answer until release_fencing()
  void release_fencing();
  bool hold_actions = false;  ///< executors don't end actions until end_actions()
  void end_actions(NodeNumber node);
  /// Told of each event before the core of that node is.
  std::function<void(NodeNumber, const quorate::Event&)> before_event;
  std::vector<std::string> fenced;
  bool hold_cib_answers = false;  ///< the CIB service's answers to writes wait
  void release_cib_answers();

  std::map<NodeNumber, Node> nodes;
  quorate::Now now{1'000'000, 1'700'000'000'000};

 private:
  struct Pending {
    NodeNumber node;
    quorate::Event event;
  };
  void carry_out(NodeNumber node, quorate::Effects& effects);
  void sibling(NodeNumber node, const quorate::SendSibling& message);
  void cib_request(NodeNumber node, const std::string& payload);
  void apply(NodeNumber node, const quorate::CibRequest& request);
  void executor_request(NodeNumber node, const std::string& payload);
  quorate::executor::ActionEnded end_of(NodeNumber node, const quorate::executor::RunAction& action,
                                        std::int64_t call_id);
  void fencer_request(NodeNumber node, const std::string& payload);
  void answer_fencing(NodeNumber node, const quorate::fencer::Fence& fence);
  void schedule(NodeNumber node, const std::string& payload);
  std::vector<quorate::Member> members_of(const std::set<NodeNumber>& numbers) const;

  std::size_t size_;
  std::set<NodeNumber> members_;
  std::map<NodeNumber, std::set<NodeNumber>> last_view_;
  std::uint64_t view_ = 0;
  std::uint64_t position_ = 0;      ///< of the group's order
  std::uint64_t cib_position_ = 0;  ///< of the CIB's order
  std::deque<Pending> queue_;
  std::optional<quorate::cib::Cib> document_;
  std::int64_t call_id_ = 0;
  int processes_ = 0;
  std::vector<std::pair<NodeNumber, quorate::fencer::Fence>> held_fencing_;
  std::vector<Pending> held_cib_answers_;
  struct HeldAction {
    NodeNumber node = 0;
    quorate::executor::RunAction action;
    std::int64_t call_id = 0;
  };
  std::vector<HeldAction> held_actions_;
};

std::string graph_text(const quorate::ScheduleRequest& request, const std::string& synapses);
/// A synapse of one rsc_op, waiting for the triggers in `inputs`.
std::string operation_synapse(int id, const std::string& resource, const std::string& task,
                              quorate::NodeNumber node, int target_rc,
                              const std::string& inputs = {}, std::int64_t interval_ms = 0);
/// A synapse that fences a node.
std::string fencing_synapse(int id, quorate::NodeNumber node);
std::string trigger(int id);
