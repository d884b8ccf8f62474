#include "agents/init_script.h"

#include <array>
#include <map>

#include "base/text.h"
#include "xml/document.h"

namespace quorate::agents {
namespace {

constexpr std::array<std::string_view, 7> kSpecial = {
    "Provides",    "Required-Start", "Required-Stop", "Should-Start",
    "Should-Stop", "Default-Start",  "Default-Stop"};

using Values = std::map<std::string, std::string, std::less<>>;

/// Takes the first line of every keyword, the newline included, and the lines that continue a
/// description.
Values read_block(std::string_view script) {
  Values values;
  bool inside = false;
  bool in_description = false;
  while (!script.empty()) {
    const std::size_t end = script.find('\n');
    const std::string_view line =
        script.substr(0, end == std::string_view::npos ? script.size() : end + 1);
    script.remove_prefix(line.size());
    if (line.starts_with("### BEGIN INIT INFO")) {
      inside = true;
      continue;
    }
    if (!inside) continue;
    if (!line.starts_with('#') || line.starts_with("### END INIT INFO")) break;
    if (in_description && (line.starts_with("#  ") || line.starts_with("#\t"))) {
      values["Description"] += line.substr(1);
      continue;
    }
    in_description = false;
    const std::size_t colon = line.find(':');
    if (!line.starts_with("# ") || colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(2, colon - 2);
    const auto [at, added] = values.try_emplace(std::string(name), line.substr(colon + 1));
    in_description = added && name == "Description";
  }
  return values;
}

}  // namespace

std::string init_script_metadata(std::string_view type, std::string_view script) {
  const Values values = read_block(script);
  const std::string name = xml::escape(to_xml_safe(type));
  const auto value = [&](std::string_view key, const std::string& otherwise) {
    const auto found = values.find(key);
    return found == values.end() ? otherwise : xml::escape(to_xml_safe(found->second));
  };
  std::string text = "<?xml version='1.0'?>\n<resource-agent name='" + name +
                     "' version='0.1'>\n"
                     "  <version>1.1</version>\n"
                     "  <longdesc lang='en'>\n" +
                     value("Description", name) +
                     "  </longdesc>\n"
                     "  <shortdesc lang='en'>" +
                     value("Short-Description", name) +
                     "</shortdesc>\n"
                     "  <parameters/>\n"
                     "  <actions>\n"
                     "    <action name='meta-data' timeout='5s' />\n";
  for (const char* action : {"start", "stop", "status", "restart", "force-reload"}) {
    text += "    <action name='" + std::string(action) + "' timeout='15s' />\n";
  }
  text +=
      "    <action name='monitor' timeout='15s' interval='15s' />\n"
      "  </actions>\n"
      "  <special tag='LSB'>\n";
  for (const std::string_view keyword : kSpecial) {
    const std::string tag(keyword);
    text += "    <" + tag + ">" + value(keyword, {}) + "</" + tag + ">\n";
  }
  return text + "  </special>\n</resource-agent>\n";
}

}  // namespace quorate::agents
