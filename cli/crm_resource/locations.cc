// Ban, move, clear (spec/14 §6.16).

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "rules/datetime.h"
#include "xml/xpath.h"

namespace quorate::crm_resource {

namespace exit_code = cli::exit_code;

namespace {

/// IDs of the parts of a constraint that has a lifetime.
struct RuleIds {
  std::string rule;
  std::string expression;
  std::string lifetime;
};

rules::LocalClock local_clock() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return {now, static_cast<std::int32_t>(local.tm_gmtoff)};
}

/// `now + duration` as the constraint holds it; kUsage with the text for the user.
Result<std::string> end_of_lifetime(const std::string& text) {
  const auto duration = rules::parse_duration(text);
  if (!duration) {
    return fail(ErrorKind::kUsage,
                fmt::format("Invalid duration specified: {}\nPlease refer to "
                            "https://en.wikipedia.org/wiki/ISO_8601#Durations for examples of "
                            "valid durations",
                            text));
  }
  const rules::LocalClock clock = local_clock();
  const rules::DateTime now = rules::from_epoch(clock.now_seconds, clock.offset_seconds);
  return rules::format_datetime(rules::add(now, *duration), rules::DateForm::kCalendar, false);
}

xml::Document constraint(const Session& session, const std::string& id, const std::string& node,
                         std::string_view score, bool promoted, const RuleIds& ids,
                         const std::string& end) {
  xml::Document document = xml::Document::with_root("constraints");
  xml::Element location = document.root().add("rsc_location");
  location.set("id", id);
  location.set("rsc", session.requested());
  location.set("role", promoted ? "Promoted" : "Started");
  if (end.empty()) {
    location.set("node", node);
    location.set("score", score);
    return document;
  }
  xml::Element rule = location.add("rule");
  rule.set("id", ids.rule);
  rule.set("score", score);
  rule.set("boolean-op", "and");
  xml::Element expression = rule.add("expression");
  expression.set("id", ids.expression);
  expression.set("attribute", "#uname");
  expression.set("operation", "eq");
  expression.set("value", node);
  expression.set("type", "string");
  xml::Element date = rule.add("date_expression");
  date.set("id", ids.lifetime);
  date.set("operation", "lt");
  date.set("end", end);
  return document;
}

int put_constraint(Session& session, const xml::Document& document) {
  cib::Request request;
  request.operation = cib::Operation::kModify;
  request.section = "constraints";
  request.options.may_create = true;
  request.data = document.root().to_string();
  return change_cib(session, request);
}

int ban_from(Session& session, const std::string& node, bool promoted) {
  const std::string& resource = session.requested();
  const std::string id = fmt::format("cli-ban-{}-on-{}", resource, node);
  std::string end;
  if (session.settings.lifetime) {
    auto parsed = end_of_lifetime(*session.settings.lifetime);
    if (!parsed) {
      session.output.bare_error(parsed.error().message);
      return exit_code::kUsage;
    }
    end = *parsed;
    session.output.info("Migration will take effect until: " + end);
  }
  session.output.info(fmt::format(
      "WARNING: Creating rsc_location constraint '{}' with a score of -INFINITY for resource {} on "
      "{}.\n\tThis will prevent {} from {} on {} until the constraint is removed using the clear "
      "option or by editing the CIB with an appropriate tool.\n\tThis will be the case even if {} "
      "is the last node in the cluster",
      id, resource, node, resource, promoted ? "being promoted" : "running", node, node));
  const RuleIds ids{id + "-rule", id + "-expr", id + "-lifetime"};
  return put_constraint(session, constraint(session, id, node, "-INFINITY", promoted, ids, end));
}

int prefer(Session& session, const std::string& node, bool promoted) {
  const std::string& resource = session.requested();
  std::string end;
  if (session.settings.lifetime) {
    auto parsed = end_of_lifetime(*session.settings.lifetime);
    if (!parsed) {
      session.output.bare_error(parsed.error().message);
      return exit_code::kUsage;
    }
    end = *parsed;
    session.output.info("Migration will take effect until: " + end);
  }
  const RuleIds ids{"cli-prefer-rule-" + resource, "cli-prefer-expr-" + resource,
                    "cli-prefer-lifetime-end-" + resource};
  return put_constraint(
      session, constraint(session, "cli-prefer-" + resource, node, "INFINITY", promoted, ids, end));
}

int delete_by_xpath(Session& session, const std::string& xpath) {
  cib::Request request;
  request.operation = cib::Operation::kDelete;
  request.options.xpath = true;
  request.section = xpath;
  const int code = change_cib(session, request);
  return code == exit_code::kNoSuch ? exit_code::kOk : code;
}

/// Removes the preference of the resource for one node.
int clear_preference(Session& session, const std::string& node, bool force) {
  const std::string& resource = session.requested();
  const std::string value = xml::xpath_literal(node);
  const std::string id = xml::xpath_literal("cli-prefer-" + resource);
  const int code = delete_by_xpath(
      session, fmt::format("//rsc_location[@id={}][rule[@id={}]/expression[@attribute='#uname' and "
                           "@value={}]]",
                           id, xml::xpath_literal("cli-prefer-rule-" + resource), value));
  if (code != exit_code::kOk) return code;
  return delete_by_xpath(session,
                         force ? fmt::format("//rsc_location[@id={}]", id)
                               : fmt::format("//rsc_location[@id={} and @node={}]", id, value));
}

/// Removes the ban and the preference of the resource for one node.
int clear_node(Session& session, const std::string& node, bool force) {
  const std::string ban = fmt::format("cli-ban-{}-on-{}", session.requested(), node);
  const int code =
      delete_by_xpath(session, fmt::format("//rsc_location[@id={}]", xml::xpath_literal(ban)));
  return code == exit_code::kOk ? clear_preference(session, node, force) : code;
}

int clear_all_nodes(Session& session, bool force) {
  for (const model::Node* node : session.snapshot().nodes_by_name) {
    if (const int code = clear_node(session, std::string(node->name), force);
        code != exit_code::kOk) {
      return code;
    }
  }
  return exit_code::kOk;
}

/// Nodes where a resource is active, counted over instances of a clone.
struct Activity {
  std::vector<const model::Node*> active;
  std::vector<const model::Node*> promoted;
};

Activity activity_of(const model::Resource& resource) {
  Activity activity;
  if (!resource.is_clone()) {
    for (const model::Node* node : model::active_nodes(resource)) activity.active.push_back(node);
    return activity;
  }
  for (const model::Resource* instance : resource.children) {
    for (const model::Node* node : model::active_nodes(*instance)) {
      activity.active.push_back(node);
      if (model::role_of(*instance) == model::Role::kPromoted) activity.promoted.push_back(node);
    }
  }
  return activity;
}

std::set<std::string> cli_constraints(Session& session) {
  std::set<std::string> ids;
  auto document = session.cib.document();
  if (!document) return ids;
  const auto found = xml::find_all(document->root(), "/cib/configuration/constraints/rsc_location");
  if (!found) return ids;
  for (const xml::Element location : *found) {
    const std::string_view id = location.id();
    if (id.starts_with("cli-ban-") || id.starts_with("cli-prefer-")) ids.emplace(id);
  }
  return ids;
}

bool has_expired(xml::Element location, const Settings& settings) {
  const std::string id(location.id());
  const bool is_ban = id.starts_with("cli-ban-");
  if (!is_ban && !id.starts_with("cli-prefer-")) return false;
  const std::string resource(location.get_or("rsc", {}));
  const xml::Element rule = location.first_child("rule");
  if (settings.resource && resource != *settings.resource) return false;
  const std::string_view role = location.get_or("role", {});
  if (settings.promoted && role != "Promoted" && role != "Master") return false;
  if (settings.node) {
    const bool by_node = location.get("node") == *settings.node;
    bool by_rule = false;
    for (xml::Element expression : xml::children(rule, "expression")) {
      by_rule = by_rule || (expression.get("attribute") == "#uname" &&
                            expression.get("value") == *settings.node);
    }
    if (!by_node && !by_rule) return false;
  }
  const std::string wanted = is_ban ? id + "-lifetime" : "cli-prefer-lifetime-end-" + resource;
  for (xml::Element date : xml::children(rule, "date_expression")) {
    if (date.id() != wanted) continue;
    const rules::LocalClock clock = local_clock();
    const auto end = rules::parse_datetime(date.get_or("end", {}), clock);
    return end && rules::to_epoch(*end) < clock.now_seconds;
  }
  return false;
}

int clear_expired(Session& session) {
  auto document = session.cib.document();
  if (!document) return cli::exit_code_of(document.error().kind);
  const auto found = xml::find_all(document->root(), "/cib/configuration/constraints/rsc_location");
  if (!found) return exit_code::kOk;
  for (const xml::Element location : *found) {
    if (!has_expired(location, session.settings)) continue;
    const int code = delete_by_xpath(
        session, fmt::format("//rsc_location[@id={}]", xml::xpath_literal(location.id())));
    if (code != exit_code::kOk) return code;
  }
  return exit_code::kOk;
}

}  // namespace

int ban(Session& session) {
  if (session.node != nullptr) {
    return ban_from(session, std::string(session.node->name), session.settings.promoted);
  }
  const Activity activity = activity_of(*session.resource);
  if (activity.active.size() == 1) {
    return ban_from(session, std::string(activity.active.front()->name), session.settings.promoted);
  }
  if (session.resource->promotable && activity.promoted.size() == 1) {
    return ban_from(session, std::string(activity.promoted.front()->name),
                    session.settings.promoted);
  }
  const std::string& name = session.requested();
  if (session.resource->promotable) {
    session.output.error(fmt::format(
        "Resource '{0}' not moved: active in {1} locations (promoted in {2}).\nTo prevent '{0}' "
        "from running on a specific location, specify a node.To prevent '{0}' from being promoted "
        "at a specific location, specify a node and the --promoted option.",
        name, activity.active.size(), activity.promoted.size()));
  } else {
    session.output.error(fmt::format(
        "Resource '{0}' not moved: active in {1} locations.\nTo prevent '{0}' from running on a "
        "specific location, specify a node.",
        name, activity.active.size()));
  }
  return exit_code::kUsage;
}

int move(Session& session) {
  if (session.node == nullptr) return ban(session);
  const model::Resource& resource = *session.resource;
  const std::string destination(session.node->name);
  bool promoted = session.settings.promoted;
  if (promoted && !resource.promotable) {
    session.output.info(
        fmt::format("Ignoring --promoted option: {} is not promotable", session.requested()));
    promoted = false;
  }
  const Activity activity = activity_of(resource);
  const bool by_promoted = resource.promotable && (promoted || !activity.promoted.empty());
  const auto& places = by_promoted ? activity.promoted : activity.active;
  const model::Node* current = places.size() == 1 ? places.front() : nullptr;
  if (places.size() > 1 && !resource.is_clone()) return exit_code::kMultiple;
  if (current == session.node && !session.settings.force) return exit_code::kExists;
  // What can't be cleared shows in the result of the preference.
  for (const model::Node* node : session.snapshot().nodes_by_name) {
    static_cast<void>(clear_preference(session, std::string(node->name), session.settings.force));
  }
  static_cast<void>(clear_node(session, destination, session.settings.force));
  const int code = prefer(session, destination, promoted);
  if (!session.settings.force || current == session.node) return code;
  if (current != nullptr) {
    ban_from(session, std::string(current->name), promoted);
  } else if (places.size() > 1) {
    session.output.info(fmt::format(
        "Resource '{}' is currently {} in {} locations. One may now move to {}",
        session.requested(), promoted ? "promoted" : "active", places.size(), destination));
    session.output.info(
        fmt::format("To prevent '{}' from being {} at a specific location, specify a node",
                    session.requested(), promoted ? "promoted" : "active"));
  }
  return code;
}

int clear(Session& session) {
  const std::set<std::string> before = cli_constraints(session);
  int code = exit_code::kOk;
  if (session.settings.expired) {
    code = clear_expired(session);
  } else if (session.node != nullptr) {
    code = clear_node(session, std::string(session.node->name), session.settings.force);
  } else {
    code = clear_all_nodes(session, session.settings.force);
  }
  if (session.settings.quiet) return code;
  const std::set<std::string> after = cli_constraints(session);
  for (const std::string& id : before) {
    if (!after.contains(id)) session.output.info("Removing constraint: " + id);
  }
  return code;
}

}  // namespace quorate::crm_resource
