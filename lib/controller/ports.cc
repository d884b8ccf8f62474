#include "controller/ports.h"

namespace quorate::controller {
namespace {
constexpr std::size_t kMaxOutbox = 10'000;
constexpr std::string_view kClient = "quorate-controller";
}  // namespace

void Ports::begin(Effects& effects, Now now) {
  effects_ = &effects;
  now_ = now;
}

void Ports::log(LogLevel level, std::string text) {
  effects_->push_back(Log{{level, std::move(text)}});
}

void Ports::reply(ClientId client, const ControllerReply& reply) {
  effects_->push_back(Reply{client, encode(reply)});
}

void Ports::set_timer(TimerId timer, std::int64_t delay_ms) {
  effects_->push_back(SetTimer{timer, delay_ms < 0 ? 0 : delay_ms});
}

void Ports::cancel_timer(TimerId timer) { effects_->push_back(CancelTimer{timer}); }

void Ports::exit(int status, std::string reason) {
  effects_->push_back(Exit{status, std::move(reason)});
}

void Ports::panic(std::string reason) { effects_->push_back(PanicNode{std::move(reason)}); }

void Ports::broadcast(const ControllerMessage& message) {
  if (broadcast_allowed_) {
    effects_->push_back(Broadcast{encode(message)});
  } else if (outbox_.size() < kMaxOutbox) {
    outbox_.push_back(encode(message));
  } else {
    exit(1, "the cluster layer has refused messages for too long");
  }
}

void Ports::set_broadcast_allowed(bool allowed) {
  broadcast_allowed_ = allowed;
  while (broadcast_allowed_ && !outbox_.empty()) {
    effects_->push_back(Broadcast{std::move(outbox_.front())});
    outbox_.pop_front();
  }
}

// ---- The CIB ------------------------------------------------------------------------------------

void Ports::send_cib(std::uint64_t id, OpenCib open) {
  if (cib_up_) effects_->push_back(SendSibling{Daemon::kCib, open.payload});
  if (open.write) ++open_writes_;
  open_cib_.emplace(id, std::move(open));
}

void Ports::write_cib(const std::vector<CibStep>& steps, CibDone done, std::string user,
                      bool dry_run) {
  if (steps.empty()) return;
  CibRequest request;
  request.id = next_request();
  request.session = session_;
  request.client = kClient;
  request.user = std::move(user);
  request.what = combine(steps);
  request.what.options.dry_run = dry_run;
  send_cib(request.id, {encode(request), std::move(done), !dry_run});
}

void Ports::query_cib(std::string_view xpath, CibDone done, bool no_children) {
  CibRequest request;
  request.id = next_request();
  request.session = session_;
  request.client = kClient;
  request.what.operation = cib::Operation::kQuery;
  request.what.section = xpath;
  request.what.options.xpath = true;
  request.what.options.no_children = no_children;
  send_cib(request.id, {encode(request), std::move(done), false});
}

void Ports::cib_up() {
  cib_up_ = true;
  for (const auto& [id, open] : open_cib_) {
    effects_->push_back(SendSibling{Daemon::kCib, open.payload});
  }
}

void Ports::cib_down() { cib_up_ = false; }

void Ports::cib_answered(const CibReply& reply) {
  const auto found = open_cib_.find(reply.id);
  if (found == open_cib_.end()) return;
  const OpenCib open = std::move(found->second);
  open_cib_.erase(found);
  CibOutcome outcome;
  outcome.ok = reply.code == cib::Code::kOk;
  outcome.position = reply.position;
  outcome.content = reply.data;
  if (open.write) {
    --open_writes_;
    if (outcome.ok && reply.position > written_position_) written_position_ = reply.position;
  }
  if (!outcome.ok) {
    outcome.error = {cib::error_kind_of(reply.code), reply.message};
    if (open.write) log(LogLevel::kError, "CIB change of this controller failed: " + reply.message);
  }
  if (open.done) open.done(outcome);
}

void Ports::subscribe_to_cib() {
  CibSubscribe subscribe;
  subscribe.client = kClient;
  subscribe.controller = true;
  subscribe.part = CibPart::kHistory;
  subscribe.long_changes = LongChanges::kBeginning;
  effects_->push_back(SendSibling{Daemon::kCib, encode(subscribe)});
}

void Ports::seen_cib(std::uint64_t position) {
  effects_->push_back(SendSibling{Daemon::kCib, encode(CibSeen{position})});
}

void Ports::tell_cib(const CibClusterFact& fact) {
  effects_->push_back(SendSibling{Daemon::kCib, encode(fact)});
}

// ---- Other siblings -----------------------------------------------------------------------------

void Ports::to_executor(const executor::Request& request) {
  effects_->push_back(SendSibling{Daemon::kExecutor, executor::encode(request)});
}

void Ports::to_fencer(const fencer::Request& request) {
  effects_->push_back(SendSibling{Daemon::kFencer, fencer::encode(request)});
}

void Ports::to_attributes(AttributeRequest request) {
  constexpr std::size_t kMaxOpen = 10'000;
  request.id = next_request();
  std::string payload = encode(request);
  if (attributes_up_) effects_->push_back(SendSibling{Daemon::kAttributes, payload});
  if (open_attributes_.size() >= kMaxOpen) {
    log(LogLevel::kError, "Attribute manager has not answered for too long: oldest change dropped");
    open_attributes_.erase(open_attributes_.begin());
  }
  open_attributes_.emplace(request.id, std::move(payload));
}

void Ports::attributes_up() {
  attributes_up_ = true;
  for (const auto& [id, payload] : open_attributes_) {
    effects_->push_back(SendSibling{Daemon::kAttributes, payload});
  }
}

void Ports::to_scheduler(const SchedulerMessage& message) {
  effects_->push_back(SendSibling{Daemon::kScheduler,
                                  std::visit([](const auto& m) { return encode(m); }, message)});
}

}  // namespace quorate::controller
