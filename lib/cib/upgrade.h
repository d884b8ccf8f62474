#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cib/schema.h"
#include "xml/document.h"

namespace quorate::cib {

/// What an upgrade did.
struct UpgradeReport {
  std::string from;                  ///< schema the document claimed
  std::string to;                    ///< schema it validates with now
  bool transformed = false;          ///< something besides validate-with changed
  std::vector<std::string> changes;  ///< one line each for the log
  bool changed() const { return from != to; }
};

/// One line for the log with the versions and what was rewritten on the way; empty if nothing but
/// the version changed.
std::string describe(const UpgradeReport& report);

/// Brings a document to the newest schema version it can reach, at most `limit`, in place: the walk
/// of spec/01 §16.3 with the transformations of §17. `status` is neither validated nor transformed.
/// On an Error the document is as it was and the message names what stopped the upgrade: kSchema if
/// no schema is satisfied, kInvalid if a transformation failed.
/// `validate-with` missing or unknown is an Error, `none` is left alone.
Result<UpgradeReport> upgrade(xml::Document& document, Schemas& schemas,
                              std::string_view limit = kNewestSchema);

/// Does the document claim a schema it can be used with as it is, or `none` (spec/01 §16.2)?
bool is_usable(xml::Element cib);

/// What tools and the scheduler do before using a document (spec/01 §16.2): nothing if it claims a
/// usable version or `none`, otherwise upgrade it to one; an Error if it can't be.
Result<UpgradeReport> make_usable(xml::Document& document, Schemas& schemas);

}  // namespace quorate::cib
