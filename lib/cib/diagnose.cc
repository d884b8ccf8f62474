#include "cib/diagnose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <unordered_map>

#include "base/text.h"

namespace quorate::cib {

namespace {

constexpr std::size_t kMostViolations = 20;

/// What one element pattern of the grammar allows directly inside the element.
struct Shape {
  std::map<std::string, std::vector<xml::Element>, std::less<>> attributes;  ///< name -> patterns
  std::set<std::string, std::less<>> required;
  std::map<std::string, std::vector<xml::Element>, std::less<>> children;  ///< name -> patterns
  bool anything = false;
};

class Diagnosis {
 public:
  explicit Diagnosis(xml::Element grammar) {
    for (xml::Element define : xml::children(grammar, "define")) {
      defines_.emplace(define.get_or("name", {}), define);
    }
  }

  std::vector<Violation> run(xml::Element cib) {
    std::vector<Violation> found;
    xml::Element start = definition("cib").first_child("element");
    check(cib, {start}, found);
    return found;
  }

 private:
  xml::Element definition(std::string_view name) const {
    const auto found = defines_.find(name);
    return found == defines_.end() ? xml::Element() : found->second;
  }

  /// Adds what `pattern` (not itself an element) contributes to the shape; returns the attributes
  /// required by it.
  std::set<std::string> gather(xml::Element pattern, Shape& shape) const {
    const std::string_view kind = pattern.name();
    if (kind == "ref") return gather_children(definition(pattern.get_or("name", {})), shape, kind);
    if (kind == "attribute") {
      const std::string name(pattern.get_or("name", {}));
      if (name.empty()) {
        shape.anything = true;
        return {};
      }
      shape.attributes[name].push_back(pattern);
      return {name};
    }
    if (kind == "element") {
      const auto name = pattern.get("name");
      if (!name) {
        shape.anything = true;
      } else {
        shape.children[std::string(*name)].push_back(pattern);
      }
      return {};
    }
    return gather_children(pattern, shape, kind);
  }

  std::set<std::string> gather_children(xml::Element pattern, Shape& shape,
                                        std::string_view kind) const {
    std::set<std::string> required;
    bool first = true;
    for (xml::Element child : xml::children(pattern)) {
      std::set<std::string> of_child = gather(child, shape);
      if (kind == "choice") {
        if (first) {
          required = std::move(of_child);
        } else {
          std::erase_if(required, [&](const std::string& n) { return !of_child.contains(n); });
        }
      } else {
        required.merge(of_child);
      }
      first = false;
    }
    if (kind == "optional" || kind == "zeroOrMore") required.clear();
    return required;
  }

  Shape shape_of(xml::Element element_pattern) const {
    Shape shape;
    shape.required = {};
    for (const std::string& name : gather_children(element_pattern, shape, "element")) {
      shape.required.insert(name);
    }
    return shape;
  }

  // Value patterns -----------------------------------------------------------------------------

  bool accepts_all(xml::Element pattern, std::string_view value) const {
    for (xml::Element child : xml::children(pattern)) {
      if (!accepts(child, value)) return false;
    }
    return true;
  }

  bool accepts_any(xml::Element pattern, std::string_view value) const {
    for (xml::Element child : xml::children(pattern)) {
      if (accepts(child, value)) return true;
    }
    return false;
  }

  bool accepts(xml::Element pattern, std::string_view value) const {
    const std::string_view kind = pattern.name();
    if (kind == "value") return pattern.text() == value;
    if (kind == "choice") return accepts_any(pattern, value);
    if (kind == "ref") return accepts_all(definition(pattern.get_or("name", {})), value);
    if (kind == "data") return accepts_data(pattern, value);
    return true;
  }

  bool accepts_data(xml::Element data, std::string_view value) const {
    const std::string_view type = data.get_or("type", {});
    const std::string_view word = trim(value);
    const bool digits = !word.empty() && word.find_first_not_of("0123456789") == word.npos;
    const bool is_signed = !word.empty() && (word[0] == '-' || word[0] == '+') && word.size() > 1 &&
                           word.find_first_not_of("0123456789", 1) == word.npos;
    if (type == "integer" && !digits && !is_signed) return false;
    if (type == "nonNegativeInteger" && !digits && !(is_signed && word[0] == '+')) return false;
    if (type == "positiveInteger" && (!digits || word.find_first_not_of('0') == word.npos)) {
      return false;
    }
    if (type == "NCName" && !is_name(word)) return false;
    for (xml::Element rule : xml::children(data)) {
      if (rule.name() == "except" && accepts_any(rule.first_child("choice"), value)) return false;
      if (rule.name() != "param") continue;
      const std::string text = rule.text();
      if (rule.get("name") == "maxInclusive") {
        if (to_integer(word).value_or(0) > to_integer(text).value_or(0)) return false;
      } else if (!std::regex_match(std::string(value), std::regex(text))) {
        return false;
      }
    }
    return true;
  }

  static bool is_name(std::string_view word) {
    const auto letter = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
    };
    if (word.empty() || !letter(word[0])) return false;
    return std::all_of(word.begin(), word.end(), [&](char c) {
      return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
  }

  void describe(xml::Element pattern, std::vector<std::string>& words) const {
    for (xml::Element child : xml::children(pattern)) {
      const std::string_view kind = child.name();
      if (kind == "value") {
        words.push_back(child.text());
      } else if (kind == "choice") {
        describe(child, words);
      } else if (kind == "ref") {
        describe(definition(child.get_or("name", {})), words);
      } else if (kind == "data") {
        words.push_back(describe_data(child));
      }
    }
  }

  std::string describe_data(xml::Element data) const {
    const std::string_view type = data.get_or("type", {});
    std::string text;
    if (type == "integer") text = "a whole number";
    if (type == "nonNegativeInteger") text = "a whole number of at least 0";
    if (type == "positiveInteger") text = "a whole number of at least 1";
    if (type == "NCName") {
      text = "a name of letters, digits, '.', '-' and '_' that begins with a letter or '_'";
    }
    for (xml::Element rule : xml::children(data)) {
      if (rule.get("name") == "maxInclusive") text += " and at most " + rule.text();
      if (rule.get("name") == "pattern") text = "text of the form " + rule.text();
      if (rule.name() != "except") continue;
      std::vector<std::string> excluded;
      describe(rule, excluded);
      std::erase(excluded, "");
      text = fmt::format("any text but {}", fmt::join(excluded, ", "));
    }
    return text.empty() ? "any text" : text;
  }

  // Documents ----------------------------------------------------------------------------------

  void add(std::vector<Violation>& found, xml::Element at, std::string message) const {
    found.push_back({at.path(), at.line(), std::move(message)});
  }

  void check(xml::Element element, const std::vector<xml::Element>& patterns,
             std::vector<Violation>& found) const {
    if (found.size() >= kMostViolations) return;
    std::vector<Violation> best;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      std::vector<Violation> now;
      check_one(element, shape_of(patterns[i]), now);
      if (now.empty()) return;
      if (i == 0 || now.size() < best.size()) best = std::move(now);
    }
    for (Violation& violation : best) {
      if (found.size() < kMostViolations) found.push_back(std::move(violation));
    }
  }

  void check_one(xml::Element element, const Shape& shape, std::vector<Violation>& found) const {
    if (shape.anything) return;
    check_attributes(element, shape, found);
    for (xml::Element child : xml::children(element)) {
      const auto allowed = shape.children.find(child.name());
      if (allowed != shape.children.end()) {
        check(child, allowed->second, found);
        continue;
      }
      std::vector<std::string> names;
      for (const auto& [name, patterns] : shape.children) names.push_back("<" + name + ">");
      add(found, child,
          fmt::format("element <{}> isn't allowed in <{}>; allowed there: {}", child.name(),
                      element.name(),
                      names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "))));
    }
  }

  void check_attributes(xml::Element element, const Shape& shape,
                        std::vector<Violation>& found) const {
    for (const xml::Attribute& attribute : element.attributes()) {
      const auto allowed = shape.attributes.find(attribute.name);
      if (allowed == shape.attributes.end()) {
        std::vector<std::string> names;
        for (const auto& [name, patterns] : shape.attributes) names.push_back(name);
        add(found, element,
            fmt::format("attribute '{}' isn't allowed in <{}>; allowed there: {}", attribute.name,
                        element.name(), fmt::join(names, ", ")));
        continue;
      }
      const bool good =
          std::any_of(allowed->second.begin(), allowed->second.end(),
                      [&](xml::Element pattern) { return accepts_all(pattern, attribute.value); });
      if (good) continue;
      std::vector<std::string> words;
      for (xml::Element pattern : allowed->second) describe(pattern, words);
      add(found, element,
          fmt::format("{}=\"{}\" isn't allowed in <{}>; allowed: {}", attribute.name,
                      attribute.value, element.name(), fmt::join(words, ", ")));
    }
    for (const std::string& name : shape.required) {
      if (!element.has(name)) {
        add(found, element, fmt::format("attribute '{}' is missing in <{}>", name, element.name()));
      }
    }
  }

  std::unordered_map<std::string_view, xml::Element> defines_;
};

}  // namespace

std::vector<Violation> diagnose(xml::Element cib, xml::Element grammar,
                                const std::vector<xml::ValidityError>& errors) {
  std::vector<Violation> found = Diagnosis(grammar).run(cib);
  if (!found.empty()) return found;
  // Every piece is allowed where it stands, but not together: too many, too few, or alternatives
  // that exclude each other. The first complaint is the innermost.
  for (const xml::ValidityError& error : errors) {
    if (!error.element) continue;
    found.push_back({error.element.path(), error.element.line(),
                     fmt::format("the attributes and elements in <{}> don't go together ({})",
                                 error.element.name(), error.message)});
    break;
  }
  if (found.empty()) found.push_back({"/cib", 0, "the document isn't valid"});
  return found;
}

}  // namespace quorate::cib
