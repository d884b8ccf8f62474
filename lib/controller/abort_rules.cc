#include "controller/abort_rules.h"

#include <algorithm>

#include "controller/element_fields.h"
#include "controller/history.h"

namespace quorate::controller {
namespace {

using xml::Element;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The element a path's last step names.
std::string_view last_step(std::string_view path) {
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\'') quoted = !quoted;
    if (path[i] == '/' && !quoted) start = i + 1;
  }
  std::string_view step = path.substr(start);
  return step.substr(0, step.find('['));
}

std::string describe(std::string_view operation, std::string_view path, Element result) {
  if (operation == "delete") return "deletion of " + std::string(path.substr(path.rfind('/') + 1));
  if (result.name() == "nvpair") {
    return std::string(result.id()) + " doing " + std::string(operation) + " " +
           std::string(result.get_or("name", {})) + "=" + std::string(result.get_or("value", {}));
  }
  if (result.name() == "lrm_rsc_op") {
    return "operation " + std::string(result.get_or("operation_key", {})) + " '" +
           std::string(operation) + "' on " + std::string(result.get_or("on_node", {}));
  }
  if (result.name() == "node_state" || result.name() == "node") {
    return std::string(result.name()) + " '" + std::string(operation) + "' on " +
           std::string(result.get_or("uname", {}));
  }
  return std::string(result.name()) + "." + std::string(result.id()) + " '" +
         std::string(operation) + "'";
}

class Reader {
 public:
  std::vector<Finding> findings;

  /// False: the rest of the patch isn't looked at.
  bool change(Element change) {
    const std::string_view operation = change.get_or("operation", {});
    const std::string_view path = change.get_or("path", {});
    if (operation.empty() || path.empty()) return true;
    if (operation == "move") {
      if (!contains(path, "/cib/configuration/resources")) return true;
      return abort(Finding::Kind::kAbort, "Configuration change", operation, path, {});
    }
    const Element result = operation == "create"
                               ? change.first_child()
                               : change.first_child("change-result").first_child();
    if ((operation == "create" || operation == "modify") && !result) return true;
    if (contains(path, "/cib/configuration")) {
      return abort(Finding::Kind::kAbort, "Configuration change", operation, path, result);
    }
    if (contains(path, "/tickets") || result.name() == "tickets") {
      return abort(Finding::Kind::kAbort, "Ticket attribute change", operation, path, result);
    }
    if (contains(path, "/transient_attributes[") || last_step(path) == "transient_attributes" ||
        result.name() == "transient_attributes") {
      const auto kind =
          operation == "delete" ? Finding::Kind::kAbortUnlessDown : Finding::Kind::kAbort;
      return abort(kind, "Transient attribute change", operation, path, result);
    }
    if (operation == "delete") {
      deleted(path);
    } else {
      changed(operation, path, result);
    }
    return true;
  }

 private:
  bool abort(Finding::Kind kind, std::string_view text, std::string_view operation,
             std::string_view path, Element result) {
    Finding finding;
    finding.kind = kind;
    finding.text = text;
    finding.cause = describe(operation, path, result);
    finding.node_id = id_in_path(path, "node_state");
    findings.push_back(std::move(finding));
    return false;
  }

  void deleted(std::string_view path) {
    const std::string_view step = last_step(path);
    if (step == "lrm_rsc_op") {
      Finding finding;
      finding.kind = Finding::Kind::kRemovedResult;
      finding.text = "Resource operation removal";
      finding.cause = describe("delete", path, {});
      finding.node_id = finding.result.node_id = id_in_path(path, "node_state");
      finding.result.resource = id_in_path(path, "lrm_resource");
      finding.result.entry_id = id_in_path(path, "lrm_rsc_op");
      findings.push_back(std::move(finding));
    } else if (contains(path, "/lrm[") || step == "lrm") {
      abort(Finding::Kind::kAbortUnlessDown, "Resource state removal", "delete", path, {});
    } else if (contains(path, "/node_state")) {
      abort(Finding::Kind::kAbortUnlessDown, "Node state removal", "delete", path, {});
    }
  }

  void changed(std::string_view operation, std::string_view path, Element result) {
    const std::string_view name = result.name();
    if (name == "cib") {
      if (result.first_child("configuration")) {
        abort(Finding::Kind::kAbort, "Non-status-only change", operation, path, result);
      }
      for (const Element status : xml::children(result, "status")) results(status, path);
    } else if (name == "status" || name == "node_state" || name == "lrm" ||
               name == "lrm_resources") {
      results(result, path);
    } else if (name == "lrm_resource") {
      resource(result, id_in_path(path, "node_state"));
      if (result.get_or("shutdown-lock", {}) == "0") {
        abort(Finding::Kind::kAbort, "Shutdown lock cleared", operation, path, result);
      }
    } else if (name == "lrm_rsc_op") {
      entry(result, id_in_path(path, "node_state"), id_in_path(path, "lrm_resource"));
    } else {
      Finding finding;
      finding.kind = Finding::Kind::kUnknown;
      finding.text = "change of " + std::string(name) + " at " + std::string(path);
      findings.push_back(std::move(finding));
    }
  }

  void results(Element root, std::string_view path) {
    std::size_t resources = 0;
    xml::for_each_descendant(root, [&](Element e) { resources += e.name() == "lrm_resource"; });
    if (resources > 1) {
      Finding finding;
      finding.kind = Finding::Kind::kRefresh;
      finding.text = "History refresh";
      finding.cause = describe("create", path, root);
      findings.push_back(std::move(finding));
    }
    xml::for_each_descendant(root, [&](Element e) {
      if (e.name() != "lrm_resource") return;
      std::string node = id_in_path(path, "node_state");
      for (Element up = e; up && node.empty(); up = up.parent()) {
        if (up.name() == "node_state") node = up.id();
      }
      resource(e, node);
    });
  }

  void resource(Element lrm_resource, const std::string& node_id) {
    for (const Element op : xml::children(lrm_resource, "lrm_rsc_op")) {
      entry(op, node_id, std::string(lrm_resource.id()));
    }
  }

  void entry(Element op, const std::string& node_id, std::string resource) {
    Finding finding;
    finding.kind = Finding::Kind::kResult;
    finding.result = read_result(op);
    finding.node_id = finding.result.node_id = node_id;
    finding.result.resource = std::move(resource);
    findings.push_back(std::move(finding));
  }
};

bool any_change(Element diff, bool (*wanted)(std::string_view path, Element result)) {
  for (const Element change : xml::children(diff, "change")) {
    Element result = change.first_child();
    if (result.name() == "change-list") result = result.next();
    if (result.name() == "change-result") result = result.first_child();
    if (wanted(change.get_or("path", {}), result)) return true;
  }
  return false;
}

}  // namespace

bool names_one_of(const std::vector<std::string>& sections,
                  std::initializer_list<std::string_view> wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](std::string_view name) {
    return std::find(sections.begin(), sections.end(), name) != sections.end();
  });
}

std::string id_in_path(std::string_view path, std::string_view name) {
  const std::string step = "/" + std::string(name) + "[@id='";
  const std::size_t at = path.rfind(step);
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + step.size();
  const std::size_t end = path.find("']", start);
  return end == std::string_view::npos ? std::string()
                                       : std::string(path.substr(start, end - start));
}

RecordedResult read_result(Element op) {
  RecordedResult result;
  result.entry_id = op.id();
  result.operation_key = field::text(op, "operation_key");
  result.operation = field::text(op, "operation");
  result.transition_key = field::text(op, "transition-key");
  result.call_id = field::number(op, "call-id", -1);
  result.rc = static_cast<int>(field::number(op, "rc-code", 1));
  result.status = static_cast<int>(field::number(op, "op-status", 0));
  result.interval_ms = field::number(op, "interval");
  result.last_rc_change = field::number(op, "last-rc-change");
  result.on_node = field::text(op, "on_node");
  result.exit_reason = field::text(op, "exit-reason");
  result.refreshed = op.get_or("crm-debug-origin", {}) == kReportOrigin;
  return result;
}

std::vector<Finding> read_patch(Element diff) {
  Reader reader;
  for (const Element change : xml::children(diff, "change")) {
    if (!reader.change(change)) break;
  }
  return std::move(reader.findings);
}

bool touches_options(Element diff) {
  return any_change(diff, [](std::string_view path, Element result) {
    return contains(path, "/crm_config") || contains(path, "/alerts") ||
           path == "/cib/configuration" || (path == "/cib" && result.name() != "cib") ||
           result.name() == "crm_config" || result.name() == "alerts";
  });
}

bool touches_nodes_or_status(Element diff) {
  return any_change(diff, [](std::string_view path, Element result) {
    return contains(path, "/cib/configuration/nodes") || contains(path, "/cib/status") ||
           result.name() == "nodes" || result.name() == "status";
  });
}

bool touches_membership(Element diff) {
  static constexpr std::string_view kOfNode[] = {"in_ccm", "crmd", "join", "expected"};
  static constexpr std::string_view kOfCluster[] = {"dc-uuid", "have-quorum"};
  const auto is_one_of = [](auto& names, std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  for (const Element change : xml::children(diff, "change")) {
    const std::string_view path = change.get_or("path", {});
    const bool of_node = path.substr(path.rfind('/') + 1).starts_with("node_state");
    const Element list = change.first_child("change-list");
    if (!list || (!of_node && path != "/cib")) continue;
    for (const Element attribute : xml::children(list, "change-attr")) {
      const std::string_view name = attribute.get_or("name", {});
      if (of_node ? is_one_of(kOfNode, name) : is_one_of(kOfCluster, name)) return true;
    }
  }
  return false;
}

std::vector<std::string> histories_removed(Element diff) {
  std::vector<std::string> nodes;
  for (const Element change : xml::children(diff, "change")) {
    if (change.get_or("operation", {}) != "delete") continue;
    const std::string_view path = change.get_or("path", {});
    if (last_step(path) == "lrm") nodes.push_back(id_in_path(path, "node_state"));
  }
  return nodes;
}

}  // namespace quorate::controller
