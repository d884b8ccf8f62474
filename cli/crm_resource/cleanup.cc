// Cleanup, refresh, fail, delete (spec/14 §6.15, §6.17).

#include <fmt/format.h>

#include <cstdlib>

#include "base/duration.h"
#include "common/controller_call.h"
#include "common/exit_code.h"
#include "crm_resource/session.h"

namespace quorate::crm_resource {

namespace exit_code = cli::exit_code;

namespace {

constexpr std::int64_t kReplyTimeoutMs = 60'000;

void collect_leaves(model::Resource& resource, std::vector<model::Resource*>& leaves) {
  if (resource.children.empty()) {
    leaves.push_back(&resource);
    return;
  }
  for (model::Resource* child : resource.children) collect_leaves(*child, leaves);
}

/// The name under which history and fail counts know a leaf.
std::string history_name(const model::Resource& leaf) {
  return std::string(leaf.unique ? leaf.id : model::base_name(leaf.id));
}

ResourceIdentity identity_of(const model::Resource& leaf) {
  ResourceIdentity identity;
  identity.id = history_name(leaf);
  if (identity.id != leaf.id) identity.long_id = std::string(leaf.id);
  identity.standard = std::string(leaf.standard);
  identity.provider = std::string(leaf.provider);
  identity.type = std::string(leaf.type);
  return identity;
}

bool has_failure(const model::Snapshot& snapshot, const model::Resource& leaf,
                 const model::Node& node, const Settings& settings) {
  const std::int64_t interval_ms =
      settings.interval ? parse_interval_ms(*settings.interval).value_or(0) : 0;
  for (const model::FailedOperation& failed : snapshot.failed_operations) {
    if (failed.resource != &leaf || failed.node != &node) continue;
    if (!settings.operation) return true;
    const std::int64_t own = parse_interval_ms(failed.entry.get_or("interval", "0")).value_or(0);
    if (failed.entry.get("operation") == *settings.operation && own / 1000 == interval_ms / 1000) {
      return true;
    }
  }
  return false;
}

/// One clean-up: attribute manager and controller, and how many replies are still to come.
class Cleaner {
 public:
  explicit Cleaner(Session& session, bool refresh) : session_(session), refresh_(refresh) {}

  int connect() {
    auto controller = cli::ControllerCall::open("crm_resource");
    if (!controller) {
      session_.output.error("Error connecting to the controller: " + controller.error().message);
      return cli::exit_code_of(controller.error().kind);
    }
    controller_.emplace(std::move(*controller));
    auto attributes = cli::AttributesCall::open("crm_resource");
    if (!attributes) {
      session_.output.error("Error connecting to quorate-attributes: " +
                            attributes.error().message);
      return cli::exit_code_of(attributes.error().kind);
    }
    attributes_.emplace(std::move(*attributes));
    return exit_code::kOk;
  }

  int clean(model::Resource& leaf, const model::Node& node) {
    const std::string name = history_name(leaf);
    const std::string where(node.name);
    if (!node.probes_allowed) {
      session_.output.bare_error(fmt::format(
          "Unable to clean up {} because resource discovery disabled on {}", leaf.id, where));
      return exit_code::kUnimplemented;
    }
    AttributeRequest request;
    request.kind = AttributeRequest::Kind::kClearFailures;
    request.resource = name;
    request.node = where;
    if (!refresh_) request.operation = session_.settings.operation.value_or("");
    if (!refresh_ && session_.settings.interval) {
      request.interval_ms = parse_interval_ms(*session_.settings.interval).value_or(0);
    }
    const auto cleared = attributes_->ask(std::move(request), kReplyTimeoutMs);
    if (!cleared || (!cleared->ok && cleared->error != ErrorKind::kNotFound)) {
      session_.output.bare_error(fmt::format("Unable to clean up {} failures on {}: {}", leaf.id,
                                             where,
                                             cleared ? cleared->message : cleared.error().message));
      return exit_code::kOk;
    }
    const bool delete_history =
        refresh_ || has_failure(session_.snapshot(), leaf, node, session_.settings);
    if (delete_history) {
      if (const int code = wish(HistoryWish::Kind::kRefresh, leaf, where); code != exit_code::kOk) {
        session_.output.bare_error(
            fmt::format("Cleaned {} failures on {}, but unable to clean history: {}", leaf.id,
                        where, cli::exit_code_description(code)));
        return exit_code::kOk;
      }
    }
    session_.output.info(fmt::format("Cleaned up {} on {}", leaf.id, where));
    return exit_code::kOk;
  }

  /// Asks the controller about one resource and waits for its answer.
  int wish(HistoryWish::Kind kind, const model::Resource& leaf, const std::string& node) {
    ControllerRequest request;
    request.kind = ControllerRequest::Kind::kHistory;
    request.wish.kind = kind;
    request.wish.node = node;
    request.wish.resource = history_name(leaf);
    request.wish.identity = identity_of(leaf);
    request.wish.privileged = true;
    return send(std::move(request));
  }

  int reprobe(const std::string& node) {
    ControllerRequest request;
    request.kind = ControllerRequest::Kind::kHistory;
    request.wish.kind = HistoryWish::Kind::kReprobe;
    request.wish.node = node;
    return send(std::move(request));
  }

  int clear_all_failures(const std::string& node) {
    AttributeRequest request;
    request.kind = AttributeRequest::Kind::kClearFailures;
    request.node = node;
    const auto cleared = attributes_->ask(std::move(request), kReplyTimeoutMs);
    if (cleared && (cleared->ok || cleared->error == ErrorKind::kNotFound)) return exit_code::kOk;
    session_.output.bare_error(fmt::format("Unable to clean up all failures on {}: {}",
                                           node.empty() ? "all nodes" : node,
                                           cleared ? cleared->message : cleared.error().message));
    return cleared ? cli::exit_code_of(cleared->error) : cli::exit_code_of(cleared.error().kind);
  }

  /// Every question waits for its answer, so all replies are here by now.
  void say_replies() {
    if (replies_ == 0) return;
    session_.output.info(replies_ == 1
                             ? std::string("Waiting for 1 reply from the controller")
                             : fmt::format("Waiting for {} replies from the controller", replies_));
    for (int i = 1; i <= replies_; ++i) {
      session_.output.info(i == replies_ ? "... got reply (done)" : "... got reply");
    }
  }

 private:
  int send(ControllerRequest request) {
    const auto reply = controller_->ask(std::move(request), kReplyTimeoutMs);
    if (!reply) {
      if (reply.error().kind == ErrorKind::kTimeout) {
        session_.output.error("Aborting because no messages received in 60 seconds");
      }
      return cli::exit_code_of(reply.error().kind);
    }
    if (!reply->ok) {
      session_.output.bare_error("Error: bad reply from controller: " + reply->message);
      return cli::exit_code_of(reply->error);
    }
    ++replies_;
    return reply->rc;
  }

  Session& session_;
  bool refresh_;
  int replies_ = 0;
  std::optional<cli::ControllerCall> controller_;
  std::optional<cli::AttributesCall> attributes_;
};

std::vector<const model::Node*> nodes_to_clean(const Session& session,
                                               const model::Resource& leaf) {
  std::vector<const model::Node*> nodes;
  const auto add = [&](const model::Node* node) {
    if (node->online) nodes.push_back(node);
  };
  if (session.node != nullptr) {
    add(session.node);
  } else if (!leaf.known_on.empty()) {
    for (const model::Node* node : leaf.known_on) add(node);
  } else if (session.settings.force) {
    for (const model::Node* node : session.snapshot().nodes_by_name) add(node);
  } else {
    leaf.allowed.for_each([&](const model::NodeEntry& entry) {
      if (!leaf.exclusive_discovery || entry.score >= 0) add(entry.node);
    });
  }
  return nodes;
}

bool dry_run(Session& session, const std::string& what) {
  if (std::getenv("CIB_file") == nullptr) return false;
  session.output.bare_error(fmt::format("Dry run: skipping {} due to CIB_file", what));
  return true;
}

int clean_everything(Session& session, bool refresh) {
  const std::string node = session.node == nullptr ? "" : std::string(session.node->name);
  const std::string where = node.empty() ? "all nodes" : node;
  if (std::getenv("CIB_file") != nullptr) {
    session.output.info(fmt::format("Dry run: skipping clean-up of {} due to CIB_file", where));
    return exit_code::kOk;
  }
  Cleaner cleaner(session, refresh);
  if (const int code = cleaner.connect(); code != exit_code::kOk) return code;
  if (const int code = cleaner.clear_all_failures(node); code != exit_code::kOk) return code;
  if (refresh) {
    if (const int code = cleaner.reprobe(node); code != exit_code::kOk) return code;
  } else {
    for (const model::FailedOperation& failed : session.snapshot().failed_operations) {
      if (failed.resource == nullptr || failed.node == nullptr) continue;
      if (session.node != nullptr && failed.node != session.node) continue;
      const int code = cleaner.clean(*failed.resource, *failed.node);
      if (code != exit_code::kOk) return code;
    }
    session.output.info("Cleaned up all resources on " + where);
  }
  cleaner.say_replies();
  return exit_code::kOk;
}

}  // namespace

int cleanup(Session& session, bool refresh) {
  if (session.resource == nullptr) return clean_everything(session, refresh);
  model::Resource& root =
      session.settings.force ? *session.resource : model::outermost_of(*session.resource);
  std::vector<model::Resource*> leaves;
  collect_leaves(root, leaves);
  Cleaner cleaner(session, refresh);
  const bool dry = std::getenv("CIB_file") != nullptr;
  if (!dry) {
    if (const int code = cleaner.connect(); code != exit_code::kOk) return code;
  }
  for (model::Resource* leaf : leaves) {
    for (const model::Node* node : nodes_to_clean(session, *leaf)) {
      if (dry_run(session, fmt::format("clean-up of {} on {}", leaf->id, node->name))) continue;
      static_cast<void>(cleaner.clean(*leaf, *node));
    }
  }
  if (!session.settings.quiet) write_checks(session, *session.resource);
  cleaner.say_replies();
  return exit_code::kOk;
}

int fail_resource(Session& session) {
  const model::Resource& resource = *session.resource;
  if (!resource.is_primitive()) {
    session.output.bare_error(
        fmt::format("We can only process primitive resources, not {}", session.requested()));
    return exit_code::kSoftware;
  }
  const std::string node(session.node->name);
  if (dry_run(session, fmt::format("fail of {} on {}", session.requested(), node))) {
    if (!session.settings.quiet) write_checks(session, resource);
    return exit_code::kOk;
  }
  if (!session.node->online) {
    session.output.bare_error(fmt::format("Node {} is not online", node));
    return exit_code::kDisconnect;
  }
  Cleaner cleaner(session, false);
  if (const int code = cleaner.connect(); code != exit_code::kOk) return code;
  const int code = cleaner.wish(HistoryWish::Kind::kFail, resource, node);
  if (!session.settings.quiet) write_checks(session, resource);
  if (code == exit_code::kOk) cleaner.say_replies();
  return code;
}

int delete_resource(Session& session) {
  if (!session.settings.element) {
    session.output.error("You need to specify a resource type with -t");
    return exit_code::kUsage;
  }
  xml::Document data = xml::Document::with_root(*session.settings.element);
  data.root().set("id", session.requested());
  cib::Request request;
  request.operation = cib::Operation::kDelete;
  request.section = "resources";
  request.data = data.root().to_string();
  const int code = change_cib(session, request);
  if (code == exit_code::kNoSuch) return exit_code::kOk;
  if (code != exit_code::kOk) {
    session.output.error(fmt::format("Could not delete resource {}: {}", session.requested(),
                                     cli::exit_code_description(code)));
  }
  return code;
}

}  // namespace quorate::crm_resource
