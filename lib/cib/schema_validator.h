#pragma once

#include "cib/schema.h"
#include "cib/upgrade.h"
#include "cib/validator.h"

namespace quorate::cib {

/// The Validator over this program's own schemas. Compiled schemas are kept; one per thread.
class SchemaValidator : public Validator {
 public:
  std::vector<std::string> complaints(xml::Element cib) const override;
  bool is_free(xml::Element element, std::string_view attribute) const override;
  Result<xml::Document> upgrade(xml::Element cib, std::string_view limit) const override;
  std::string highest_schema() const override { return std::string(kNewestSchema); }

 private:
  mutable Schemas schemas_;
};

}  // namespace quorate::cib
