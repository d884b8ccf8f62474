#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "cib/edit.h"

/// Access control lists (spec/08 §11).
namespace quorate::cib {

/// The permissions of one user, collected from a document (spec/08 §11.2).
struct Permission {
  enum class Kind { kRead, kWrite, kDeny };
  Kind kind = Kind::kRead;
  std::string xpath;
};
std::vector<Permission> permissions_of(const Cib& cib, std::string_view user,
                                       const std::vector<std::string>& groups);

/// Is `enable-acl` true in this document? Read with the usual order of cluster property sets; a
/// set with a rule counts as applying, so that a rule can't switch protection off.
bool acls_enabled(const Cib& cib);

/// What a user may do with an element (spec/08 §11.4).
enum class AccessLevel { kDenied, kReadable, kWritable };

/// Marks of a document's elements for a user. Made before a change, so that what is deleted is
/// judged by what it was.
class AccessMarks {
 public:
  AccessMarks(const Cib& cib, std::string_view user, const std::vector<std::string>& groups);

  /// May everything an edit did be done? Marks what is new first (spec/08 §11.6). `origin` is the
  /// root's attribute changes made by the service itself: call before they are made.
  bool allows(const Edit& edit);
  bool has_permissions() const { return !permissions_.empty(); }
  /// Access to an element, given that to its parent (kDenied for the root).
  AccessLevel level(xml::Element element, AccessLevel of_parent) const;

 private:
  struct Mark {
    bool read = false;
    bool write = false;
    bool deny = false;
  };
  void mark(xml::Element root);
  bool may_write(xml::Element element,
                 const std::unordered_map<_xmlNode*, xml::Element>& removed_from) const;
  bool may_create(xml::Element element,
                  const std::unordered_map<_xmlNode*, xml::Element>& removed_from) const;

  std::vector<Permission> permissions_;
  std::unordered_map<_xmlNode*, Mark> marks_;
};

/// The copy a user may read (spec/08 §11.5). kPermission if nothing is left.
Result<Cib> readable_copy(const Cib& cib, std::string_view user,
                          const std::vector<std::string>& groups);

}  // namespace quorate::cib
