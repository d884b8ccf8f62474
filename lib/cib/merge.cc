#include "cib/merge.h"

#include <algorithm>
#include <unordered_map>

#include "base/score.h"
#include "base/text.h"
#include "cib/operations.h"

namespace quorate::cib {
namespace {

Score score_or_zero(std::string_view text) {
  if (text == "red") return -kInfinity;
  if (text == "yellow" || text == "green") return 0;
  return parse_score(text).value_or(0);
}

xml::Element counterpart(const Cib& cib, xml::Element parent, xml::Element input) {
  const char* key = input.has("id") ? "id" : input.has("id-ref") ? "id-ref" : nullptr;
  if (key == nullptr) return parent.first_child(input.name());
  const std::string_view wanted = input.get_or(key, {});
  if (key == std::string_view("id")) {
    // Large parents (status, lrm_resources) aren't walked: the index knows the few candidates.
    return cib.child(parent, input.name(), wanted);
  }
  for (const xml::Element child : xml::children(parent, input.name())) {
    if (child.get(key) == wanted) return child;
  }
  return {};
}

/// The children of an element by id, for merging many into it. What isn't in it is to be looked for
/// elsewhere: it isn't kept up to date.
class Children {
 public:
  Children(xml::Element parent, xml::Element input) {
    constexpr std::size_t kFew = 32;
    const std::size_t wanted = input.child_count();
    if (wanted <= kFew) return;
    by_id_.reserve(wanted);
    std::size_t left = 4 * wanted;  // of a parent with many more the index knows the few
    for (xml::Element child = parent.first_child(); child && left > 0; child = child.next()) {
      if (const auto id = child.get("id")) by_id_.try_emplace(*id, child);
      --left;
    }
  }
  xml::Element find(xml::Element input) const {
    if (by_id_.empty() || !input.has("id")) return {};
    const auto found = by_id_.find(input.id());
    const bool fits = found != by_id_.end() && found->second.name() == input.name();
    return fits ? found->second : xml::Element();
  }

 private:
  std::unordered_map<std::string_view, xml::Element> by_id_;
};

void merge_comment(Edit& edit, xml::Element target, xml::Node comment) {
  for (xml::Node child = xml::Node(target).first_child(); child; child = child.next()) {
    if (child.is_comment() && iequals(child.comment_text(), comment.comment_text())) return;
  }
  edit.insert(target, comment);
}

bool may_merge_with_sibling(xml::Node child) {
  if (child.is_comment()) return true;
  for (xml::Node at = child.previous(); at; at = at.previous()) {
    if (at.is_comment() || at.element().name() == child.element().name()) {
      const auto id = child.element().get("id");
      if (!id || at.is_comment() || at.element().get("id") == id) return true;
    }
  }
  return false;
}

/// Whether merging this into an element that is new gives an equal one: no two of its children, or
/// of theirs, are the same object.
bool is_copied_by_merging(xml::Element input) {
  constexpr std::size_t kMaxCompared = 32;  // each with all before it
  std::size_t children = 0;
  for (xml::Node child = xml::Node(input).first_child(); child; child = child.next()) {
    if (++children > kMaxCompared || may_merge_with_sibling(child)) return false;
    if (!is_copied_by_merging(child.element())) return false;
  }
  return true;
}

}  // namespace

std::string incremented(std::string_view name, std::string_view old_value,
                        std::string_view new_value) {
  if (new_value.substr(0, name.size()) == name) {
    const std::string_view rest = new_value.substr(name.size());
    if (rest == "++") {
      return std::to_string(add_scores(score_or_zero(old_value), 1));
    }
    if (rest.substr(0, 2) == "+=") {
      return std::to_string(add_scores(score_or_zero(old_value), score_or_zero(rest.substr(2))));
    }
  }
  return std::string(new_value);
}

bool merge(Edit& edit, xml::Element target, xml::Element input, bool score_update) {
  input.for_each_attribute([&](const xml::Attribute& attribute) {
    const auto old_value = score_update ? target.get(attribute.name) : std::nullopt;
    if (old_value) {
      edit.set(target, attribute.name, incremented(attribute.name, *old_value, attribute.value));
    } else {
      edit.set(target, attribute.name, attribute.value);
    }
  });
  const Children known(target, input);
  for (xml::Node child = xml::Node(input).first_child(); child; child = child.next()) {
    if (child.is_comment()) {
      merge_comment(edit, target, child);
      continue;
    }
    xml::Element match = known.find(child.element());
    if (!match) match = counterpart(edit.cib(), target, child.element());
    if (!match && is_copied_by_merging(child.element())) {
      if (!edit.insert(target, child)) return false;
      continue;
    }
    if (!match) match = edit.insert_new(target, child.element().name());
    if (!match || !merge(edit, match, child.element(), score_update)) return false;
  }
  return !edit.over_depth();
}

}  // namespace quorate::cib
