#include "cib/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "base/text.h"
#include "cib/diagnose.h"
#include "cib/embedded_schemas.h"
#include "cib/references.h"

namespace quorate::cib {

namespace {

constexpr std::array<std::string_view, 26> kNames = {
    "pacemaker-1.0", "pacemaker-1.2", "pacemaker-1.3", "pacemaker-2.0",  "pacemaker-2.1",
    "pacemaker-2.2", "pacemaker-2.3", "pacemaker-2.4", "pacemaker-2.5",  "pacemaker-2.6",
    "pacemaker-2.7", "pacemaker-2.8", "pacemaker-2.9", "pacemaker-2.10", "pacemaker-3.0",
    "pacemaker-3.1", "pacemaker-3.2", "pacemaker-3.3", "pacemaker-3.4",  "pacemaker-3.5",
    "pacemaker-3.6", "pacemaker-3.7", "pacemaker-3.8", "pacemaker-3.9",  "pacemaker-3.10",
    "pacemaker-4.0"};

std::string_view version_of(std::string_view name) {
  return name.substr(std::string_view("pacemaker-").size());
}

/// Whether a pattern marked q:since / q:before exists in `version`.
bool exists_in(xml::Element pattern, std::string_view version) {
  const auto since = pattern.get("since");
  const auto before = pattern.get("before");
  return (!since || compare_versions(version, *since) >= 0) &&
         (!before || compare_versions(version, *before) < 0);
}

void remove_other_versions(xml::Element pattern, std::string_view version) {
  xml::Element child = pattern.first_child();
  while (child) {
    xml::Element following = child.next();
    if (!exists_in(child, version)) {
      child.remove();
    } else {
      child.remove_attribute("since");
      child.remove_attribute("before");
      remove_other_versions(child, version);
      // A choice all of whose alternatives belong to other versions is nothing at all; a wrapper
      // without content can only come from that.
      const bool wrapper = child.name() == "choice" || child.name() == "except" ||
                           child.name() == "optional" || child.name() == "zeroOrMore";
      if (wrapper && !child.first_child()) child.remove();
    }
    child = following;
  }
}

}  // namespace

std::span<const std::string_view> schema_names() { return kNames; }

int schema_position(std::string_view name) {
  if (name == "none") return static_cast<int>(kNames.size());
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  return found == kNames.end() ? -1 : static_cast<int>(found - kNames.begin());
}

std::string Violation::to_string() const {
  return line > 0 ? fmt::format("line {}: {}: {}", line, path, message)
                  : fmt::format("{}: {}", path, message);
}

xml::Document Schemas::grammar(std::string_view name) {
  auto parsed = xml::Document::parse(kCibGrammar, "cib.rng");
  assert(parsed && "the grammar is part of the program");
  remove_other_versions(parsed->root(), version_of(name));
  return std::move(*parsed);
}

xml::RelaxNg& Schemas::compiled(std::string_view name) {
  if (const auto found = compiled_.find(name); found != compiled_.end()) return found->second;
  auto schema = xml::RelaxNg::compile(grammar(name));
  assert(schema && "the grammar is part of the program");
  return compiled_.emplace(std::string(name), std::move(*schema)).first->second;
}

std::vector<Violation> Schemas::validate(xml::Element cib, std::string_view name, bool explain) {
  const xml::DetachedContent status(cib.first_child("status"));
  const auto errors = compiled(name).validate(cib, explain ? 20 : 1);
  if (!errors.empty()) {
    if (!explain) return {{"/cib", 0, fmt::format("doesn't validate with {}", name)}};
    return diagnose(cib, grammar(name).root(), errors);
  }
  return check_references(cib, name);
}

}  // namespace quorate::cib
