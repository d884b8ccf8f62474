#include <string>

#include "base/text.h"
#include "cib/patch.h"

namespace quorate::cib {
namespace {

void append_header(std::string& out, xml::Element patch) {
  const xml::Element version = patch.first_child("version");
  const Version source = version_of(version.first_child("source"));
  const Version target = version_of(version.first_child("target"));
  if (source == Version{} && target == Version{}) return;
  if (source == target) {
    out += "Local-only Change: " + to_text(target) + "\n";
    return;
  }
  out += "Diff: --- " + to_text(source) + " " + std::string(patch.get_or("format", "(no format)")) +
         "\n";
  out += "Diff: +++ " + to_text(target) + " " + std::string(patch.get_or("digest", "(no digest)")) +
         "\n";
}

void append_modification(std::string& out, xml::Element change, const std::string& path) {
  std::string set;
  std::string unset;
  for (const xml::Element attribute :
       xml::children(change.first_child("change-list"), "change-attr")) {
    const std::string name(attribute.get_or("name", {}));
    if (attribute.get_or("operation", {}) == "set") {
      set += (set.empty() ? "@" : ", @") + name + "=" + std::string(attribute.get_or("value", {}));
    } else {
      unset += (unset.empty() ? "@" : ", @") + name;
    }
  }
  if (!set.empty()) out += "+  " + path + ":  " + set + "\n";
  if (!unset.empty()) out += "-- " + path + ":  " + unset + "\n";
}

void append_creation(std::string& out, xml::Element change, const std::string& path) {
  const xml::Node content = xml::Node(change).first_child();
  const std::string prefix = "++ " + path + ":  ";
  if (!content || content.is_comment()) {
    out += prefix + "<!--" + std::string(content.comment_text()) + "-->\n";
    return;
  }
  const std::string text = content.element().to_pretty_string();
  bool first = true;
  for (const std::string_view line : split_words(text, '\n')) {
    out += first ? prefix : "++" + std::string(prefix.size() - 2, ' ');
    const bool start_tag = first && !line.ends_with("/>");  // shown as if it were empty (a quirk)
    out += start_tag ? std::string(line.substr(0, line.size() - 1)) + "/>" : std::string(line);
    out += '\n';
    first = false;
  }
}

}  // namespace

std::string patch_as_text(xml::Element patch) {
  std::string out;
  append_header(out, patch);
  for (const xml::Element change : xml::children(patch, "change")) {
    const std::string_view operation = change.get_or("operation", {});
    const std::string path(change.get_or("path", {}));
    if (operation == "delete") {
      out += "-- " + path;
      if (const auto position = change.get("position")) {
        out += " (" + std::string(*position) + ")";
      }
      out += '\n';
    } else if (operation == "modify") {
      append_modification(out, change, path);
    } else if (operation == "create") {
      append_creation(out, change, path);
    } else if (operation == "move") {
      out += "+~ " + path + " moved to offset " + std::string(change.get_or("position", {})) + "\n";
    }
  }
  return out;
}

}  // namespace quorate::cib
