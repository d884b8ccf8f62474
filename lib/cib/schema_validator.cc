#include "cib/schema_validator.h"

#include "base/text.h"

namespace quorate::cib {

std::vector<std::string> SchemaValidator::complaints(xml::Element cib) const {
  const auto claimed = cib.get("validate-with");
  if (!claimed) return {"validate-with is missing in <cib>; known: pacemaker-1.0 to pacemaker-4.0"};
  if (*claimed == "none") return {};
  if (schema_position(*claimed) < 0) {
    return {"validate-with=\"" + std::string(*claimed) +
            "\" isn't a known schema; known: pacemaker-1.0 to pacemaker-4.0"};
  }
  std::vector<std::string> lines;
  for (const Violation& violation : schemas_.validate(cib, *claimed)) {
    lines.push_back(violation.to_string());
  }
  return lines;
}

/// All schemas have the values of parameters as text, and those of cluster options but for two.
bool SchemaValidator::is_free(xml::Element element, std::string_view attribute) const {
  if (attribute != "value" || element.name() != "nvpair") return false;
  const std::string_view block = element.parent().name();
  if (block == "cluster_property_set") {
    const std::string_view option = trim(element.get_or("name", {}));
    return option != "stonith-action" && option != "cluster-infrastructure";
  }
  return block == "instance_attributes" || block == "meta_attributes" || block == "utilization";
}

Result<xml::Document> SchemaValidator::upgrade(xml::Element cib, std::string_view limit) const {
  xml::Document copy = xml::Document::copy_of(cib);
  const auto report = cib::upgrade(copy, schemas_, limit.empty() ? kNewestSchema : limit);
  if (!report) return tl::unexpected(report.error());
  return copy;
}

}  // namespace quorate::cib
