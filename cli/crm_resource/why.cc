// --why: what keeps a resource from running, or keeps it where it is (spec/14 §6.14).

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "scheduler/state/state.h"

namespace quorate::crm_resource {

namespace {

using model::Resource;

/// What the checks found about one resource.
struct Findings {
  bool stopped = false;
  bool not_promoted = false;
  bool unmanaged = false;
  const model::Node* locked_to = nullptr;
  bool unhealthy = false;
};

class Why {
 public:
  explicit Why(Session& session)
      : session_(session),
        xml_(session.output.xml()),
        context_{session.snapshot(), *session.picture->schedule.actions} {}

  int run() {
    xml_.open("reason");
    if (session_.resource != nullptr) {
      one_resource();
    } else {
      xml_.open("resources");
      if (session_.node != nullptr) {
        resources_of_node();
      } else {
        all_resources();
      }
      xml_.close();
    }
    xml_.close();
    return cli::exit_code::kOk;
  }

  void checks(const Resource& resource) {
    const std::string_view top = model::outermost_of(resource).id;
    const Findings found = find(resource);
    if (found.stopped) {
      line(fmt::format("Configuration specifies '{}' should remain stopped", top));
    }
    if (found.not_promoted) {
      line(fmt::format("Configuration specifies '{}' should not be promoted", top));
    }
    if (found.unmanaged) {
      line(fmt::format("Configuration prevents cluster from stopping or starting unmanaged '{}'",
                       top));
    }
    if (found.locked_to != nullptr) {
      line(fmt::format("'{}' is locked to node {} due to shutdown", top, found.locked_to->name));
    }
    if (found.unhealthy) {
      line(fmt::format("'{}' cannot run on unhealthy nodes due to node-health-strategy='{}'", top,
                       session_.snapshot().options.health_strategy_text));
    }
    xml_.open("check");
    xml_.attribute("id", top);
    if (found.stopped) xml_.attribute("remain_stopped", true);
    if (found.not_promoted) xml_.attribute("promotable", false);
    if (found.unmanaged) xml_.attribute("unmanaged", true);
    if (found.locked_to != nullptr) xml_.attribute("locked-to", found.locked_to->name);
    if (found.unhealthy) xml_.attribute("unhealthy", true);
    xml_.close();
  }

 private:
  void line(const std::string& text) { session_.output.text().line(text); }

  void one_resource() {
    const Resource& resource = *session_.resource;
    if (session_.node != nullptr) {
      const auto active = model::active_nodes(resource);
      const bool here = std::find(active.begin(), active.end(), session_.node) != active.end();
      line(fmt::format("Resource {} is {}running on host {}", resource.id, here ? "" : "not ",
                       session_.node->name));
      if (here) xml_.attribute("running_on", session_.node->name);
    } else {
      const bool running = model::is_active(resource, false);
      line(fmt::format("Resource {} is {}running", resource.id, running ? "" : "not "));
      xml_.attribute("running", running);
    }
    checks(resource);
  }

  void all_resources() {
    for (const Resource* resource : session_.snapshot().resources) {
      const bool running = model::is_active(*resource, false);
      line(fmt::format("Resource {} is {}running", resource->id, running ? "" : "not "));
      listed(*resource, running, "");
    }
  }

  void resources_of_node() {
    const model::Node& node = *session_.node;
    for (const Resource* resource : node.running) {
      line(fmt::format("Resource {} is running on host {}", resource->id, node.name));
      listed(*resource, true, node.name);
    }
    for (const Resource& resource : session_.snapshot().all_resources) {
      const bool assigned = resource.is_primitive() && resource.assigned.has_value() &&
                            resource.assigned->node == &node;
      const bool active =
          std::find(node.running.begin(), node.running.end(), &resource) != node.running.end();
      if (!assigned || active) continue;
      line(fmt::format("Resource {} is assigned to host {} but not running", resource.id,
                       node.name));
      listed(resource, false, node.name);
    }
  }

  void listed(const Resource& resource, bool running, std::string_view host) {
    xml_.open("resource");
    xml_.attribute("id", resource.id);
    xml_.attribute("running", running);
    if (!host.empty()) xml_.attribute("host", host);
    checks(resource);
    xml_.close();
  }

  bool is_unhealthy(const model::Node& node) {
    const Score score = scheduler::node_health(context_, node);
    switch (session_.snapshot().options.health_strategy) {
      case model::HealthStrategy::kMigrateOnRed:
        return score < 0;
      case model::HealthStrategy::kOnlyGreen:
        return score <= 0;
      default:
        return false;
    }
  }

  Findings find(const Resource& resource) {
    Findings found;
    const model::Role target = model::parse_role(resource.meta.get_or("target-role", {}));
    const Resource& top = model::outermost_of(resource);
    found.stopped = target == model::Role::kStopped;
    found.not_promoted = target == model::Role::kUnpromoted && model::top_of(resource).promotable;
    const auto managed = resource.meta.get("is-managed");
    found.unmanaged = managed && !parse_boolean(*managed).value_or(false);
    found.locked_to = resource.lock_node != nullptr ? resource.lock_node : top.lock_node;
    if (session_.node != nullptr) {
      found.unhealthy = is_unhealthy(*session_.node);
    } else {
      found.unhealthy = !resource.allowed.empty();
      resource.allowed.for_each([&](const model::NodeEntry& entry) {
        found.unhealthy = found.unhealthy && is_unhealthy(*entry.node);
      });
    }
    return found;
  }

  Session& session_;
  xml::Writer& xml_;
  scheduler::Context context_;
};

}  // namespace

int why(Session& session) { return Why(session).run(); }

void write_checks(Session& session, const model::Resource& resource) {
  Why(session).checks(resource);
}

}  // namespace quorate::crm_resource
