#include "cibadmin/access_view.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace quorate::cibadmin {

namespace {

using cib::AccessLevel;

/// How a level of access is written in each mode.
struct Style {
  AccessLevel level;
  std::string_view kind;
  std::string_view label;
  std::string_view color;
};
constexpr std::array<Style, 3> kStyles = {
    {{AccessLevel::kWritable, "writable", "[ WRITABLE ]", "\x1b[32m"},
     {AccessLevel::kReadable, "readable", "[ READABLE ]", "\x1b[34m"},
     {AccessLevel::kDenied, "denied", "[ ~DENIED~ ]", "\x1b[31m"}}};
constexpr std::string_view kColorEnd = "\x1b[0m";

const Style& style_of(AccessLevel level) {
  for (const Style& style : kStyles) {
    if (style.level == level) return style;
  }
  return kStyles.back();
}

class AccessWriter {
 public:
  AccessWriter(const cib::AccessMarks& marks, AccessMode mode) : marks_(marks), mode_(mode) {}

  std::string write(xml::Element root) {
    if (mode_ == AccessMode::kNamespace) collect_used(root, AccessLevel::kDenied, true);
    element(root, AccessLevel::kDenied, 0);
    return std::move(text_);
  }

 private:
  bool namespaces() const { return mode_ == AccessMode::kNamespace; }
  bool colors() const { return mode_ == AccessMode::kColor; }

  void collect_used(xml::Element at, AccessLevel inherited, bool is_root) {
    const AccessLevel own = marks_.level(at, inherited);
    if (is_root || own != inherited) used_.insert(own);
    for (const xml::Element child : xml::children(at)) collect_used(child, own, false);
  }

  void element(xml::Element at, AccessLevel inherited, std::size_t depth) {
    const AccessLevel own = marks_.level(at, inherited);
    const bool marked = depth == 0 || own != inherited;
    const Style& style = style_of(own);
    const std::string indent(depth * 2, ' ');
    std::string name(at.name());
    if (marked && namespaces()) name = fmt::format("pcmk-access-{}:{}", style.kind, name);
    if (marked && mode_ == AccessMode::kText) {
      if (depth > 0) text_ += indent + "\n";
      text_ += fmt::format("{}vvv---{}---vvv\n", indent, style.label);
    }
    const std::string_view color = colors() ? style.color : "";
    const std::string_view end = colors() ? kColorEnd : "";
    text_ += fmt::format("{}{}<{}", indent, color, name);
    at.for_each_attribute([&](const xml::Attribute& attribute) {
      text_ += fmt::format(" {}=\"{}\"", attribute.name, xml::escape(attribute.value));
    });
    if (depth == 0 && namespaces()) declare_used();
    if (!at.first_child()) {
      text_ += fmt::format("/>{}\n", end);
      return;
    }
    text_ += ">\n";
    for (const xml::Element child : xml::children(at)) element(child, own, depth + 1);
    text_ += fmt::format("{}{}</{}>{}\n", indent, color, name, end);
  }

  void declare_used() {
    for (const Style& style : kStyles) {
      if (!used_.contains(style.level)) continue;
      text_ += fmt::format(
          " xmlns:pcmk-access-{0}=\"http://clusterlabs.org/ns/pacemaker/access/{0}\"", style.kind);
    }
  }

  const cib::AccessMarks& marks_;
  AccessMode mode_;
  std::string text_;
  std::set<AccessLevel> used_;
};

}  // namespace

std::string access_text(xml::Element cib, const cib::AccessMarks& marks, std::string_view user,
                        AccessMode mode) {
  return fmt::format("<!-- ACLs as evaluated for user {} -->\n", user) +
         AccessWriter(marks, mode).write(cib);
}

}  // namespace quorate::cibadmin
