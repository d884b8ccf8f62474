#include "crm_resource/attribute_search.h"

#include <fmt/format.h>

#include "xml/xpath.h"

namespace quorate::crm_resource {

std::string_view set_element(AttributeKind kind) {
  switch (kind) {
    case AttributeKind::kInstance:
      return "instance_attributes";
    case AttributeKind::kMeta:
      return "meta_attributes";
    case AttributeKind::kUtilization:
      return "utilization";
    case AttributeKind::kElement:
      break;
  }
  return {};
}

Result<FoundPairs> search_pairs(Session& session, std::string_view resource_id,
                                std::string_view set, std::string_view name) {
  auto document = session.cib.document();
  if (!document) return tl::unexpected(document.error());
  const Settings& settings = session.settings;
  std::string path = fmt::format("/cib/configuration/resources//*[@id={}]",
                                 xml::xpath_literal(model::base_name(resource_id)));
  if (!set.empty()) {
    path += fmt::format("/{}", set);
    if (settings.set_id) path += fmt::format("[@id={}]", xml::xpath_literal(*settings.set_id));
  }
  path += "//nvpair";
  if (settings.pair_id) path += fmt::format("[@id={}]", xml::xpath_literal(*settings.pair_id));
  if (!name.empty()) path += fmt::format("[@name={}]", xml::xpath_literal(name));
  auto pairs = xml::find_all(document->root(), path);
  if (!pairs) return tl::unexpected(pairs.error());
  if (pairs->size() > 1) {
    session.output.info(fmt::format("Multiple attributes match name={}", name));
    for (const xml::Element pair : *pairs) {
      session.output.info(
          fmt::format("  Value: {} \t(id={})", pair.get_or("value", "(null)"), pair.id()));
    }
    session.output.text().line("");
  }
  return FoundPairs{std::move(*document), std::move(*pairs)};
}

}  // namespace quorate::crm_resource
