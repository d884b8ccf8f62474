// --restart: stop a resource with what depends on it, and start all of it again (spec/14 §6.17).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/duration.h"
#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "graph/action.h"

namespace quorate::crm_resource {

namespace exit_code = cli::exit_code;

namespace {

using Names = std::set<std::string>;
using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::seconds(2);

/// What to take for active: what may be active now, what is known to have been started, or what
/// will be active once the plan is carried out.
enum class Active { kMaybe, kStarted, kPlanned };

/// Whether it is active, on a node if one is given.
bool active_on(const model::Resource& resource, const std::string& node, Active which) {
  if (!resource.children.empty()) {
    return std::any_of(
        resource.children.begin(), resource.children.end(),
        [&](const model::Resource* child) { return active_on(*child, node, which); });
  }
  if (which == Active::kStarted && resource.start_pending) return false;
  if (which == Active::kPlanned) {
    if (model::next_role_of(resource) <= model::Role::kStopped) return false;
    const model::Node* placed = model::placed_node(resource);
    return placed != nullptr && (node.empty() || placed->name == node);
  }
  const auto nodes = model::active_nodes(resource);
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](const model::Node* at) { return node.empty() || at->name == node; });
}

/// Groups by their members, everything else as a whole.
Names active_resources(const model::Snapshot& snapshot, const std::string& node, Active which) {
  Names names;
  for (const model::Resource* resource : snapshot.resources) {
    if (resource->is_group()) {
      for (const model::Resource* member : resource->children) {
        if (active_on(*member, node, which)) names.emplace(member->id);
      }
    } else if (active_on(*resource, node, which)) {
      names.emplace(resource->id);
    }
  }
  return names;
}

class Restart {
 public:
  explicit Restart(Session& session)
      : session_(session), node_(session.node == nullptr ? "" : session.node->name) {}

  int run() {
    model::Resource& resource = subject();
    if (!active_on(resource, node_, Active::kMaybe)) {
      session_.output.bare_error(
          node_.empty()
              ? fmt::format("{} is not running anywhere and so cannot be restarted", resource.id)
              : fmt::format("{} is not running on {} and so cannot be restarted", resource.id,
                            node_));
      return exit_code::kNoSuch;
    }
    if (!resource.managed) {
      session_.output.bare_error("Unmanaged resources cannot be restarted.");
      return exit_code::kUnsatisfied;
    }
    name_ = std::string(resource.id);
    noted_ = active_resources(session_.snapshot(), node_, Active::kMaybe);
    deadline_ =
        session_.settings.timeout_ms
            ? std::optional(Clock::now() + std::chrono::milliseconds(*session_.settings.timeout_ms))
            : std::nullopt;
    if (const int code = stop(resource); code != exit_code::kOk) return code;
    if (const int code = wait_for_stop(); code != exit_code::kOk) {
      static_cast<void>(undo());
      return code;
    }
    if (const int code = undo(); code != exit_code::kOk) return code;
    return wait_for_start();
  }

 private:
  /// Members of a bundle stand for it; of an anonymous clone the instance that runs on the node.
  model::Resource& subject() {
    model::Resource& given = *session_.resource;
    if (model::Resource* bundle = model::bundle_of(given)) return *bundle;
    if (given.parent != nullptr && given.parent->is_clone() &&
        !active_on(given, node_, Active::kMaybe)) {
      for (model::Resource* instance : given.parent->children) {
        if (active_on(*instance, node_, Active::kMaybe)) return *instance;
      }
    }
    return given;
  }

  /// Bans it from the node, or sets its target-role.
  int stop(model::Resource& resource) {
    model::Resource& top = model::outermost_of(resource);
    banned_ = !node_.empty() && (top.is_clone() || top.is_bundle());
    settings_ = session_.settings;
    settings_.quiet = true;
    settings_.resource = std::string(banned_ ? top.id : resource.id);
    settings_.kind = AttributeKind::kMeta;
    settings_.attribute = "target-role";
    settings_.value = "stopped";
    settings_.recursive = false;
    settings_.lifetime.reset();
    if (banned_) {
      session_.output.set_quiet(true);
      const int code = with_settings(&ban, banned_ ? &top : &resource);
      return code;
    }
    if (const auto previous = resource.meta.get("target-role")) previous_ = std::string(*previous);
    const int code = with_settings(&set_parameter, &resource);
    if (code != exit_code::kOk) {
      session_.output.bare_error(fmt::format("Could not set target-role for {}: {} ({})", name_,
                                             cli::exit_code_description(code), code));
    }
    return code;
  }

  int undo() {
    auto picture = cli::read_cluster(session_.cib, cli::Depth::kConstraints);
    if (!picture) return cli::exit_code_of(picture.error().kind);
    session_.picture = std::move(*picture);
    if (!node_.empty()) session_.node = session_.snapshot().find_node_by_name(node_);
    model::Resource* resource =
        find_resource(session_.snapshot(), *settings_.resource, Lookup::kAnonymous);
    if (resource == nullptr) return exit_code::kOk;  // removed meanwhile: nothing to undo
    if (banned_) return with_settings(&clear, resource);
    int code = exit_code::kOk;
    if (previous_) {
      settings_.value = previous_;
      code = with_settings(&set_parameter, resource);
    } else {
      code = with_settings(&delete_parameter, resource);
    }
    if (code != exit_code::kOk) {
      session_.output.bare_error(fmt::format("Could not unset target-role for {}: {} ({})", name_,
                                             cli::exit_code_description(code), code));
    }
    return code;
  }

  /// Runs another command with the settings made up for it.
  int with_settings(int (*command)(Session&), model::Resource* resource) {
    Session step{settings_,
                 session_.output,
                 session_.cib,
                 std::move(session_.picture),
                 resource,
                 session_.node,
                 {}};
    const int code = command(step);
    session_.picture = std::move(step.picture);
    return code;
  }

  Result<Names> active_now(Active which) {
    auto picture = cli::read_cluster(session_.cib);
    if (!picture) return tl::unexpected(picture.error());
    session_.picture = std::move(*picture);
    return active_resources(session_.snapshot(), node_, which);
  }

  int wait_for_stop() {
    auto plan = cli::read_cluster(session_.cib, cli::Depth::kPlan);
    if (!plan) return failed(plan.error());
    const Names after = active_resources((*plan)->snapshot(), node_, Active::kPlanned);
    Names to_stop;
    std::set_difference(noted_.begin(), noted_.end(), after.begin(), after.end(),
                        std::inserter(to_stop, to_stop.end()));
    list(fmt::format("Waiting for {} resources to stop:", to_stop.size()), to_stop);
    return poll("shutdown", Active::kMaybe, to_stop, [&](const Names& now, Names& left) {
      std::set_intersection(to_stop.begin(), to_stop.end(), now.begin(), now.end(),
                            std::inserter(left, left.end()));
    });
  }

  int wait_for_start() {
    const std::string node = std::exchange(node_, "");
    auto now = active_now(Active::kStarted);
    if (!now) return failed(now.error());
    Names to_start;
    std::set_difference(noted_.begin(), noted_.end(), now->begin(), now->end(),
                        std::inserter(to_start, to_start.end()));
    list(fmt::format("Waiting for {} resources to start again:", to_start.size()), to_start);
    return poll("restart", Active::kStarted, to_start, [&](const Names& active, Names& left) {
      std::set_difference(to_start.begin(), to_start.end(), active.begin(), active.end(),
                          std::inserter(left, left.end()));
      const model::Resource* resource =
          find_resource(session_.snapshot(), name_, Lookup::kAnonymous);
      if (resource != nullptr && !active_on(*resource, node, Active::kStarted)) left.insert(name_);
    });
  }

  /// Until nothing is left, or no resource got done within the time a step may take.
  template <class Remaining>
  int poll(std::string_view what, Active which, const Names& all, Remaining remaining) {
    Names left = all;
    auto deadline = step_deadline(all);
    while (true) {
      const auto now = active_now(which);
      if (!now) return failed(now.error());
      Names still;
      remaining(*now, still);
      if (still.empty()) return exit_code::kOk;
      if (still.size() < left.size()) deadline = step_deadline(still);
      left = std::move(still);
      if (Clock::now() + kPause > deadline) {
        session_.output.bare_error(fmt::format(
            "Could not complete {} of {}, {} resources remaining", what, name_, left.size()));
        for (const std::string& name : left) session_.output.bare_error(" * " + name);
        return exit_code::kTimeout;
      }
      // As --wait: what is waited for may be a file, which has no events.
      std::this_thread::sleep_for(kPause);
    }
  }

  Clock::time_point step_deadline(const Names& resources) {
    if (deadline_) return *deadline_;
    std::int64_t longest_ms = 20'000;
    for (const std::string& name : resources) {
      const model::Resource* resource =
          find_resource(session_.snapshot(), name, Lookup::kAnonymous);
      if (resource == nullptr) continue;
      for (const xml::Element op : xml::children(resource->operations, "op")) {
        if (op.get("name") != "stop" && op.get("name") != "start") continue;
        longest_ms =
            std::max(longest_ms, parse_interval_ms(op.get_or("timeout", "20s")).value_or(0));
      }
    }
    return Clock::now() + std::chrono::milliseconds(longest_ms + 5'000);
  }

  void list(const std::string& heading, const Names& names) {
    session_.output.info(heading);
    for (const std::string& name : names) session_.output.info(" * " + name);
    session_.output.flush();
  }

  int failed(const Error& error) {
    session_.output.bare_error(error.message);
    return cli::exit_code_of(error.kind);
  }

  Session& session_;
  std::string node_;
  std::string name_;
  Names noted_;
  Settings settings_;
  bool banned_ = false;
  std::optional<std::string> previous_;
  std::optional<Clock::time_point> deadline_;
};

}  // namespace

int restart(Session& session) { return Restart(session).run(); }

}  // namespace quorate::crm_resource
