#include "agents/fence_metadata.h"

#include <set>

#include "agents/metadata.h"
#include "xml/document.h"

namespace quorate::agents {

Result<std::string> shown_fence_metadata(std::string_view text, std::string_view agent) {
  auto document = xml::Document::parse(
      without_declarations(text), "metadata of " + std::string(agent), {std::size_t{1} << 20, 32});
  if (!document) return tl::unexpected(document.error());
  xml::Element root = document->root();
  std::set<std::string_view> filled_in = {"action", "plug", "port"};
  for (xml::Element parameter : xml::children(root.first_child("parameters"), "parameter")) {
    if (filled_in.erase(parameter.get_or("name", {})) > 0) parameter.set("required", "0");
  }
  xml::Element actions = root.first_child("actions");
  if (!actions) actions = root.add("actions");
  bool has_stop = false;
  for (xml::Element action : xml::children(actions, "action")) {
    has_stop = has_stop || action.get_or("name", {}) == "stop";
  }
  if (!has_stop) {
    for (const char* name : {"stop", "start"}) {
      xml::Element action = actions.add("action");
      action.set("name", name);
      action.set("timeout", "20s");
    }
  }
  return root.to_pretty_string();
}

}  // namespace quorate::agents
