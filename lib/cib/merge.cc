#include "cib/merge.h"

#include <algorithm>

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
    xml::Element best;
    for (const xml::Element candidate : cib.index().find(input.name(), wanted)) {
      if (candidate.id() != wanted || !(candidate.parent() == parent)) continue;
      if (!best || xml::compare_place(candidate, best) < 0) best = candidate;
    }
    return best;
  }
  for (const xml::Element child : xml::children(parent, input.name())) {
    if (child.get(key) == wanted) return child;
  }
  return {};
}

void merge_comment(Edit& edit, xml::Element target, xml::Node comment) {
  for (xml::Node child = xml::Node(target).first_child(); child; child = child.next()) {
    if (child.is_comment() && iequals(child.comment_text(), comment.comment_text())) return;
  }
  edit.insert(target, comment);
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
  for (xml::Node child = xml::Node(input).first_child(); child; child = child.next()) {
    if (child.is_comment()) {
      merge_comment(edit, target, child);
      continue;
    }
    xml::Element match = counterpart(edit.cib(), target, child.element());
    if (!match) match = edit.insert_new(target, child.element().name());
    if (!match || !merge(edit, match, child.element(), score_update)) return false;
  }
  return !edit.over_depth();
}

}  // namespace quorate::cib
