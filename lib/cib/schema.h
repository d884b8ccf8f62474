#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/relaxng.h"

namespace quorate::cib {

/// Schema names in order of their versions, oldest first; without `none` (spec/01 §16.1).
std::span<const std::string_view> schema_names();
inline constexpr std::string_view kNewestSchema = "pacemaker-4.0";
/// First version of the newest major series: what a document must reach to be used.
inline constexpr std::string_view kOldestUsableSchema = "pacemaker-4.0";

/// Position in schema_names(), -1 if unknown. `none` is after all of them (spec/01 §16.1).
int schema_position(std::string_view name);

/// One thing wrong with a document: where, what, what is allowed.
struct Violation {
  std::string path;     ///< /cib/configuration/resources/primitive[@id='db']
  long line = 0;        ///< of the text it was parsed from, 0 if unknown
  std::string message;  ///< subject first, one line
  std::string to_string() const;
};

/// The schemas, compiled when first used and kept. One per thread.
class Schemas {
 public:
  /// Does the document validate with that version? Content of `status` is not looked at. Empty if
  /// valid. With `explain` false at most one, unspecific violation (faster). `name` must be known.
  /// Cost: linear in the configuration.
  std::vector<Violation> validate(xml::Element cib, std::string_view name, bool explain = true);

  /// The plain RelaxNG grammar of one version.
  static xml::Document grammar(std::string_view name);

 private:
  xml::RelaxNg& compiled(std::string_view name);
  std::map<std::string, xml::RelaxNg, std::less<>> compiled_;
};

}  // namespace quorate::cib
