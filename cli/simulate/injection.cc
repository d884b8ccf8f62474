#include "simulate/injection.h"

#include <fmt/format.h>

#include <functional>

#include "base/agent_result.h"
#include "base/text.h"
#include "status/history.h"

namespace quorate::cli::simulate {
namespace {

/// What is needed of a resource to write its history, copied before the document changes.
struct InjectedResult {
  std::string spec;
  std::string node;
  int code = 0;
  int fields = 3;
  std::string name;  ///< as SPEC has it; empty if the key can't be read
  bool known = false;
  std::string task;
  std::int64_t interval_ms = 0;
  std::string standard, provider, type;
};

const model::Resource* find_resource(model::Snapshot& snapshot, std::string_view name) {
  if (const model::Resource* found = snapshot.find_resource(name)) return found;
  for (const model::Resource& resource : snapshot.all_resources) {
    if (resource.is_primitive() && resource.xml_id == name) return &resource;
  }
  return nullptr;
}

InjectedResult read_spec(model::Snapshot& snapshot, const std::string& spec) {
  InjectedResult result;
  result.spec = spec;
  const auto at = spec.find('@');
  const auto equals = at == std::string::npos ? at : spec.find('=', at);
  const std::string key = spec.substr(0, at);
  if (key.empty() || at == std::string::npos || equals == std::string::npos || equals == at + 1) {
    result.fields = key.empty() ? 0 : (at == std::string::npos || at + 1 >= spec.size() ? 1 : 2);
    return result;
  }
  result.node = spec.substr(at + 1, equals - at - 1);
  const auto code = to_integer(std::string_view(spec).substr(equals + 1));
  if (!code) {
    result.fields = 2;
    return result;
  }
  result.code = static_cast<int>(*code);
  const auto parts = status::parse_operation_key(key);
  if (!parts) return result;
  result.name = parts->resource;
  result.task = parts->task;
  result.interval_ms = parts->interval_ms;
  if (const model::Resource* resource = find_resource(snapshot, result.name)) {
    result.known = true;
    result.standard = resource->standard;
    result.provider = resource->provider;
    result.type = resource->type;
  }
  return result;
}

class Injection {
 public:
  Injection(Output& output, Cluster& cluster, const Settings& settings, model::Snapshot& snapshot)
      : output_(output),
        cluster_(cluster),
        settings_(settings),
        start_failure_is_fatal_(snapshot.options.start_failure_is_fatal) {
    for (const std::string& spec : settings.inject) results_.push_back(read_spec(snapshot, spec));
  }

  Result<void> run() {
    begin();
    if (settings_.quorum) cluster_.set_quorum(*settings_.quorum);
    if (settings_.watchdog) cluster_.set_watchdog(*settings_.watchdog);
    const auto up = change_nodes(settings_.nodes_up, "Online", "Bringing node {} online",
                                 [&](const std::string& node) { return cluster_.bring_up(node); });
    if (!up) return up;
    const auto down =
        change_nodes(settings_.nodes_down, "Offline", "Taking node {} offline",
                     [&](const std::string& n) { return cluster_.take_down(n, "crm_simulate"); });
    if (!down) return down;
    const auto failed =
        change_nodes(settings_.nodes_fail, "Failing", "Failing node {}",
                     [&](const std::string& node) { return cluster_.fail_node(node); });
    if (!failed) return failed;
    change_tickets(settings_.tickets_grant, "Granting", "Granting ticket {}", "granted", "true");
    change_tickets(settings_.tickets_revoke, "Revoking", "Revoking ticket {}", "granted", "false");
    change_tickets(settings_.tickets_standby, "Standby", "Making ticket {} standby", "standby",
                   "true");
    change_tickets(settings_.tickets_activate, "Activating", "Activating ticket {}", "standby",
                   "false");
    for (const InjectedResult& result : results_) {
      if (auto done = inject(result); !done) return done;
    }
    if (!output_.quiet()) output_.text().end_list();
    return {};
  }

 private:
  void item(const std::string& text) {
    if (!output_.quiet()) output_.text().item(text);
  }

  void begin() {
    if (!output_.quiet()) output_.text().begin_list("Performing Requested Modifications");
    output_.xml().open("modifications");
    if (settings_.quorum) {
      item("Setting quorum: " + *settings_.quorum);
      output_.xml().attribute("quorum", *settings_.quorum);
    }
    if (settings_.watchdog) {
      item("Setting watchdog: " + *settings_.watchdog);
      output_.xml().attribute("watchdog", *settings_.watchdog);
    }
    output_.xml().close();
  }

  Result<void> change_nodes(const std::vector<std::string>& nodes, std::string_view word,
                            fmt::format_string<const std::string&> text,
                            const std::function<Result<void>(const std::string&)>& change) {
    for (const std::string& node : nodes) {
      item(fmt::format(text, node));
      output_.xml().open("modify_node");
      output_.xml().attribute("action", word);
      output_.xml().attribute("node", node);
      output_.xml().close();
      if (auto changed = change(node); !changed) return changed;
    }
    return {};
  }

  void change_tickets(const std::vector<std::string>& tickets, std::string_view word,
                      fmt::format_string<const std::string&> text, std::string_view name,
                      std::string_view value) {
    for (const std::string& ticket : tickets) {
      item(fmt::format(text, ticket));
      output_.xml().open("modify_ticket");
      output_.xml().attribute("action", word);
      output_.xml().attribute("ticket", ticket);
      output_.xml().close();
      cluster_.set_ticket(ticket, name, value);
    }
  }

  Result<void> inject(const InjectedResult& result) {
    item(fmt::format("Injecting {} into the configuration", result.spec));
    output_.xml().open("inject_spec");
    output_.xml().attribute("spec", result.spec);
    output_.xml().close();
    if (result.fields != 3) {
      output_.notice(fmt::format("Invalid operation spec: {}.  Only found {} fields", result.spec,
                                 result.fields));
      return {};
    }
    if (!result.known) {
      output_.notice("Invalid resource name: " + (result.name.empty() ? "(null)" : result.name));
      return {};
    }
    const auto state = cluster_.node_state(result.node);
    if (!state) return tl::unexpected<Error>(state.error());
    const bool expected =
        result.code == ocf::kOk || (result.code == ocf::kNotRunning && result.interval_ms == 0);
    if (!expected) {
      const bool infinite =
          result.task == "stop" || (result.task == "start" && start_failure_is_fatal_);
      raise_fail_count(output_, cluster_, *state, result.name, result.task, result.interval_ms,
                       infinite);
    }
    ActionResult record;
    record.name = record.resource_id = result.name;
    record.standard = result.standard;
    record.provider = result.provider;
    record.type = result.type;
    record.task = result.task;
    record.interval_ms = result.interval_ms;
    record.code = result.code;
    record.exit_reason = "Simulated action result";
    if (auto recorded = cluster_.record(*state, record); !recorded) {
      output_.notice(recorded.error().message);
    }
    return {};
  }

  Output& output_;
  Cluster& cluster_;
  const Settings& settings_;
  bool start_failure_is_fatal_;
  std::vector<InjectedResult> results_;
};

}  // namespace

Result<void> inject(Output& output, Cluster& cluster, const Settings& settings,
                    model::Snapshot& snapshot) {
  return Injection(output, cluster, settings, snapshot).run();
}

void raise_fail_count(Output& output, Cluster& cluster, xml::Element node_state,
                      std::string_view resource, std::string_view task, std::int64_t interval_ms,
                      bool to_infinity) {
  const std::string node_id(node_state.id());
  cluster.raise_fail_count(
      node_state, resource, task, interval_ms, to_infinity,
      [&](std::string_view name, std::string_view value) {
        if (!output.quiet()) {
          output.text().item(
              fmt::format("Injecting attribute {}={} into /node_state '{}'", name, value, node_id));
        }
        output.xml().open("inject_attr");
        output.xml().attribute("name", name);
        output.xml().attribute("value", value);
        output.xml().attribute("node_path", "/node_state");
        output.xml().attribute("cib_node", node_id);
        output.xml().close();
      });
}

}  // namespace quorate::cli::simulate
