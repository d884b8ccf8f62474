#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "follow/cib_follower.h"
#include "messages/cib_health.h"
#include "messages/launcher.h"
#include "mon/cluster_state.h"

namespace quorate::cli::mon {

/// Follows this node's view of a running cluster: the CIB and the fencing history as a subscriber,
/// state of the daemons and the node's name by asking. Stays connected, or tries to, for ever.
/// Everything is called back from the loop.
class Monitor {
 public:
  struct Handlers {
    std::function<void()> updated;  ///< something that is shown has changed
    std::function<void()> link;     ///< the CIB has come or gone
    /// An operation's result was added to the history or replaced: its element, and its node.
    std::function<void(xml::Element entry, std::string_view node)> result;
    std::function<void(const fencer::Operation&)> fenced;
  };
  struct Options {
    std::int64_t interval_ms = 5'000;
    bool fencing = true;  ///< follow fencing
  };
  Monitor(io::Loop& loop, const Options& options, Handlers handlers);

  /// Whether there is a CIB to show.
  bool connected() const { return cib_->cib() != nullptr; }
  /// Whether everything there is to ask has been answered, or can't be asked.
  bool complete() const;
  /// Code of spec/13 §5, if the launcher is there.
  std::optional<std::string> launcher_state() const;
  /// A copy of what is known, with the CIB upgraded to a usable schema: kSchema if that can't be.
  /// Only while connected.
  Result<ClusterState> state() const;

 private:
  void fencer_message(const std::string& text);
  void ask_history();
  void ask_launcher();
  void launcher_message(const std::string& text);
  void cib_health_message(const std::string& text);
  std::vector<std::string> warnings() const;
  void ask_controller();
  void controller_message(const std::string& text);
  void tick();

  io::Loop& loop_;
  Options options_;
  Handlers handlers_;
  std::optional<FencingHistory> fencing_;
  bool asking_history_ = false;
  bool history_changed_ = false;  ///< while an answer was on its way
  std::optional<LauncherReply> launcher_;
  CibHealth health_;
  std::optional<std::string> local_node_;
  io::Timer tick_;
  // Last: their callbacks use the rest.
  std::unique_ptr<CibFollower> cib_;
  std::unique_ptr<ipc::Client> fencer_client_, launcher_client_, controller_client_, health_client_;
};

}  // namespace quorate::cli::mon
