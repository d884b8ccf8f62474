#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "messages/attributes.h"
#include "messages/cib.h"
#include "messages/cib_steps.h"
#include "messages/controller.h"
#include "messages/core.h"
#include "messages/executor.h"
#include "messages/fencer.h"
#include "messages/scheduler.h"

namespace quorate::controller {

/// How a request to the CIB ended. `position`: place in the CIB's order that holds its effect.
struct CibOutcome {
  bool ok = false;
  Error error;
  std::uint64_t position = 0;
  std::string content;  ///< of a query
};
using CibDone = std::function<void(const CibOutcome&)>;

/// The ways out of the controller's core, for all its machines: every message leaves through here,
/// in the order it was asked for. While the CIB service or the group can't take messages they wait.
class Ports {
 public:
  /// `session` names this process to the CIB service, so that what is sent again applies once.
  explicit Ports(std::string session) : session_(std::move(session)) {}

  /// Before an event is handled: where effects go and what time it is.
  void begin(Effects& effects, Now now);
  const Now& now() const { return now_; }

  void log(LogLevel level, std::string text);
  void reply(ClientId client, const ControllerReply& reply);
  void set_timer(TimerId timer, std::int64_t delay_ms);
  void cancel_timer(TimerId timer);
  void exit(int status, std::string reason);
  void panic(std::string reason);

  void broadcast(const ControllerMessage& message);
  void set_broadcast_allowed(bool allowed);

  /// Changes the CIB, all steps or none, with a user's rights (empty: the cluster's own).
  void write_cib(const std::vector<CibStep>& steps, CibDone done = {}, std::string user = {},
                 bool dry_run = false);
  /// Reads what an XPath selects; `content` is its text, empty without a match.
  void query_cib(std::string_view xpath, CibDone done, bool no_children = false);
  void cib_up();
  void cib_down();
  bool is_cib_up() const { return cib_up_; }
  /// Writes of this controller without answer, and whether others are about to follow.
  std::size_t open_writes() const { return open_writes_ + (more_to_write_ ? 1 : 0); }
  void set_more_to_write(bool more) { more_to_write_ = more; }
  /// Place in the order that holds all own writes answered so far.
  std::uint64_t written_position() const { return written_position_; }
  void cib_answered(const CibReply& reply);
  void subscribe_to_cib();
  void seen_cib(std::uint64_t position);
  void tell_cib(const CibClusterFact& fact);

  void to_executor(const executor::Request& request);
  void to_fencer(const fencer::Request& request);
  /// Kept until answered, and sent again when the attribute manager comes back.
  void to_attributes(AttributeRequest request);
  void attributes_up();
  void attributes_down() { attributes_up_ = false; }
  void attributes_answered(std::uint64_t id) { open_attributes_.erase(id); }
  void to_scheduler(const SchedulerMessage& message);
  std::uint64_t next_request() { return ++last_request_; }

 private:
  struct OpenCib {
    std::string payload;
    CibDone done;
    bool write = false;
  };
  void send_cib(std::uint64_t id, OpenCib open);

  std::string session_;
  Effects* effects_ = nullptr;
  Now now_;
  bool broadcast_allowed_ = true;
  std::deque<std::string> outbox_;
  bool cib_up_ = false;
  std::map<std::uint64_t, OpenCib> open_cib_;
  bool attributes_up_ = false;
  std::map<std::uint64_t, std::string> open_attributes_;
  std::size_t open_writes_ = 0;
  bool more_to_write_ = false;
  std::uint64_t written_position_ = 0;
  std::uint64_t last_request_ = 0;
};

}  // namespace quorate::controller
