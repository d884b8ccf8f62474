#pragma once

#include <string_view>

#include "explain/edit.h"
#include "explain/subject.h"

/// Common changes of a configuration as edits.
namespace quorate::explain {

Edit deletion(std::string xpath);
Edit modification(std::string xpath, std::string_view attribute, std::string_view value);

/// `//NAME[@ATTRIBUTE='VALUE']`.
std::string path_to(std::string_view element, std::string_view attribute, std::string_view value);

/// A cluster option; a legacy name it may be set under is looked for too.
Change set_option(const Run& run, std::string_view name, std::string_view value,
                  std::string_view legacy = {});
/// A meta-attribute of a resource: changed wherever the resource or what it is in sets it, else
/// added to `resource`.
Change set_meta(const Run& run, const model::Resource& resource, std::string_view name,
                std::string_view value);
/// Takes a permanent and transient attribute from a node.
Change remove_node_attribute(const model::Node& node, std::string_view name);
/// What crm_resource --cleanup does: fail counts and history of a resource on a node.
Change clean_up(const Run& run, const model::Resource& resource, const model::Node& node);
/// The node is a member again.
Change bring_online(const Run& run, const model::Node& node);

}  // namespace quorate::explain
