#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/document.h"

namespace quorate::cib {

/// What the document's rules need to know of schemas (spec/01 §16, §17). Implemented over RelaxNG
/// beside it; tests use simpler ones. Results depend on nothing but the arguments, so that all
/// replicas with the same schemas decide alike.
class Validator {
 public:
  virtual ~Validator() = default;

  /// Does the document satisfy the schema its `validate-with` names? The content of `status` is
  /// detached by the caller while this runs. Empty if it does; otherwise the complaints, one line
  /// each, the first being the most useful. An unknown or missing schema name is a complaint.
  virtual std::vector<std::string> complaints(xml::Element cib) const = 0;

  /// Whether a valid document stays valid whatever value this attribute, which it has, is given.
  virtual bool is_free(xml::Element /*element*/, std::string_view /*attribute*/) const {
    return false;
  }

  /// The walk of spec/01 §16.3 up to `limit` (empty: the highest stable schema). The root of the
  /// result differs from `cib` in content only if a transformation ran; `validate-with` names the
  /// schema reached. kSchema: no schema is satisfied; kInvalid: a transformation failed.
  virtual Result<xml::Document> upgrade(xml::Element cib, std::string_view limit) const = 0;

  /// Highest stable schema known, such as pacemaker-4.0.
  virtual std::string highest_schema() const = 0;
};

}  // namespace quorate::cib
