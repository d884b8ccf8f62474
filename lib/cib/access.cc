#include "cib/access.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/score.h"
#include "base/text.h"
#include "xml/xpath.h"

namespace quorate::cib {
namespace {

std::optional<Permission::Kind> kind_from(std::string_view text) {
  if (text == "read") return Permission::Kind::kRead;
  if (text == "write") return Permission::Kind::kWrite;
  if (text == "deny") return Permission::Kind::kDeny;
  return std::nullopt;
}

/// The XPath of spec/08 §11.2; empty if the permission names nothing.
std::string xpath_of(xml::Element permission) {
  if (const auto xpath = permission.get("xpath")) return std::string(*xpath);
  const auto type = permission.get("object-type");
  const auto reference = permission.get("reference");
  const auto attribute = permission.get("attribute");
  if (!type && !reference) return {};
  std::string xpath = "//" + std::string(type.value_or("*"));
  if (reference) {
    xpath += "[@id=" + xml::xpath_literal(*reference);
    if (attribute) xpath += " and @" + std::string(*attribute);
    xpath += "]";
  } else if (attribute) {
    xpath += "[@" + std::string(*attribute) + "]";
  }
  return xpath;
}

void collect(std::vector<Permission>& all, xml::Element permission) {
  const auto kind = kind_from(permission.get_or("kind", {}));
  std::string xpath = xpath_of(permission);
  if (kind && !xpath.empty()) all.push_back({*kind, std::move(xpath)});
}

void collect_role(std::vector<Permission>& all, xml::Element acls, std::string_view id) {
  for (const xml::Element role : xml::children(acls, "acl_role")) {
    if (role.id() != id) continue;
    for (const xml::Element permission : xml::children(role, "acl_permission")) {
      collect(all, permission);
    }
    return;
  }
}

/// Same names and values in any order: reordering needs no permission.
bool same_attributes(const xml::AttributeList& a, xml::Element b) {
  const xml::AttributeList list = xml::attribute_list(b);
  return list.size() == a.size() && std::all_of(a.begin(), a.end(), [&](const auto& entry) {
           return list.find(entry.first) == entry.second;
         });
}

bool applies(xml::Element entry, std::string_view user, const std::vector<std::string>& groups) {
  const std::string_view name = entry.get_or("name", entry.id());
  if (entry.name() == "acl_target") return name == user;
  return entry.name() == "acl_group" &&
         std::find(groups.begin(), groups.end(), name) != groups.end();
}

}  // namespace

std::vector<Permission> permissions_of(const Cib& cib, std::string_view user,
                                       const std::vector<std::string>& groups) {
  std::vector<Permission> all;
  const xml::Element acls = cib.section("acls");
  for (const xml::Element entry : xml::children(acls)) {
    if (!applies(entry, user, groups)) continue;
    for (const xml::Element child : xml::children(entry)) {
      if (child.name() == "role") collect_role(all, acls, child.id());
      if (child.name() == "acl_permission") collect(all, child);
    }
  }
  return all;
}

bool acls_enabled(const Cib& cib) {
  struct Candidate {
    bool bootstrap;
    Score score;
    bool value;
  };
  std::optional<Candidate> best;
  for (const xml::Element set : xml::children(cib.section("crm_config"), "cluster_property_set")) {
    const Candidate place{set.id() == "cib-bootstrap-options",
                          parse_score(set.get_or("score", "0")).value_or(0), false};
    for (const xml::Element pair : xml::children(set, "nvpair")) {
      if (pair.get_or("name", {}) != "enable-acl") continue;
      Candidate found = place;
      found.value = parse_boolean(pair.get_or("value", {})).value_or(false);
      if (set.first_child("rule")) {
        if (found.value) return true;
        continue;
      }
      const bool wins = !best || (found.bootstrap && !best->bootstrap) ||
                        (found.bootstrap == best->bootstrap && found.score > best->score);
      if (wins) best = found;
      break;
    }
  }
  return best && best->value;
}

AccessMarks::AccessMarks(const Cib& cib, std::string_view user,
                         const std::vector<std::string>& groups)
    : permissions_(permissions_of(cib, user, groups)) {
  mark(cib.root());
}

void AccessMarks::mark(xml::Element root) {
  for (const Permission& permission : permissions_) {
    const auto matches = xml::find_all(root, permission.xpath);
    if (!matches) continue;
    for (const xml::Element element : *matches) {
      Mark& mark = marks_[element.raw()];
      mark.read = mark.read || permission.kind == Permission::Kind::kRead;
      mark.write = mark.write || permission.kind == Permission::Kind::kWrite;
      mark.deny = mark.deny || permission.kind == Permission::Kind::kDeny;
    }
  }
}

AccessLevel AccessMarks::level(xml::Element element, AccessLevel of_parent) const {
  const auto found = marks_.find(element.raw());
  if (found == marks_.end()) return of_parent;
  if (found->second.deny) return AccessLevel::kDenied;
  if (found->second.write) return AccessLevel::kWritable;
  // A read mark doesn't take away what may be written.
  return of_parent == AccessLevel::kWritable ? of_parent : AccessLevel::kReadable;
}

bool AccessMarks::may_write(xml::Element element,
                            const std::unordered_map<_xmlNode*, xml::Element>& removed_from) const {
  for (xml::Element at = element; at;) {
    const auto found = marks_.find(at.raw());
    if (found != marks_.end()) {
      if (found->second.deny) return false;
      if (found->second.write) return true;
    }
    const auto removed = removed_from.find(at.raw());
    at = removed != removed_from.end() ? removed->second : at.parent();
  }
  return false;
}

bool AccessMarks::may_create(
    xml::Element element, const std::unordered_map<_xmlNode*, xml::Element>& removed_from) const {
  bool allowed = true;
  xml::for_each_descendant(element, [&](xml::Element at) {
    if (!allowed) return;
    const std::vector<xml::Attribute> attributes = at.attributes();
    const bool bare = std::all_of(attributes.begin(), attributes.end(),
                                  [](const xml::Attribute& a) { return a.name == "id"; });
    bool in_acls = false;
    for (xml::Element up = at; up; up = up.parent()) in_acls = in_acls || up.name() == "acls";
    allowed = (bare && !in_acls) || may_write(at, removed_from);
  });
  return allowed;
}

bool AccessMarks::allows(const Edit& edit) {
  if (permissions_.empty() && edit.changed()) return false;
  std::unordered_map<_xmlNode*, xml::Element> removed_from;
  for (const Edit::Deletion& deletion : edit.deletions()) {
    removed_from.emplace(deletion.node.raw(), deletion.parent);
  }
  for (const auto& deletion : edit.deletions()) {
    const xml::Element judged = deletion.is_comment ? deletion.parent : deletion.node.element();
    if (!may_write(judged, removed_from)) return false;
  }
  for (const auto& [raw, modification] : edit.modifications()) {
    const xml::Element element(raw);
    const bool differs = !same_attributes(modification.before, element);
    if (differs && !may_write(element, removed_from)) return false;
  }
  if (edit.creations().empty()) return true;
  xml::Element root(*edit.creations().begin());
  while (root.parent()) root = root.parent();
  mark(root);
  for (_xmlNode* raw : edit.creations()) {
    const xml::Node node(raw);
    if (node.is_comment() ? !may_write(node.parent(), removed_from)
                          : !may_create(node.element(), removed_from)) {
      return false;
    }
  }
  return true;
}

namespace {

/// Prunes what a user may not read (spec/08 §11.5, step 2).
class Pruner {
 public:
  Pruner(Edit& edit, const std::vector<Permission>& permissions) : edit_(edit) {
    for (const Permission& permission : permissions) {
      const auto matches = xml::find_all(edit.cib().root(), permission.xpath);
      if (!matches) continue;
      for (const xml::Element element : *matches) {
        auto& marks = permission.kind == Permission::Kind::kDeny ? denied_ : readable_;
        marks.insert(element.raw());
      }
      if (permission.kind == Permission::Kind::kDeny)
        order_.insert(order_.end(), matches->begin(), matches->end());
    }
  }

  /// True if something readable is left of the element.
  bool run() {
    const xml::Element root = edit_.cib().root();
    for (const xml::Element element : order_) {
      if (is_within(element, root) && !(element == root)) prune(element);
    }
    return prune(root);
  }

 private:
  bool prune(xml::Element element) {
    if (readable_.count(element.raw()) != 0 && denied_.count(element.raw()) == 0) return true;
    for (const auto& [name, value] : xml::attribute_list(element)) {
      if (name != "id") edit_.unset(element, name);
    }
    bool readable = false;
    for (xml::Node child = xml::Node(element).first_child(); child;) {
      const xml::Node next = child.next();
      if (child.is_comment()) {
        edit_.remove(child);
      } else if (prune(child.element())) {
        readable = true;
      }
      child = next;
    }
    if (!readable && !(element == edit_.cib().root())) edit_.remove(element);
    return readable;
  }

  Edit& edit_;
  std::unordered_set<_xmlNode*> readable_;
  std::unordered_set<_xmlNode*> denied_;
  std::vector<xml::Element> order_;
};

}  // namespace

Result<Cib> readable_copy(const Cib& cib, std::string_view user,
                          const std::vector<std::string>& groups) {
  const std::vector<Permission> permissions = permissions_of(cib, user, groups);
  const auto denied = [&] {
    return fail(ErrorKind::kPermission, "user '" + std::string(user) + "' may read nothing");
  };
  if (permissions.empty()) return denied();
  auto copy = Cib::from(xml::Document::copy_of(cib.root()));
  if (!copy) return copy;
  {
    Edit edit(*copy);
    if (!Pruner(edit, permissions).run()) return denied();
    edit.commit();
  }
  return copy;
}

}  // namespace quorate::cib
