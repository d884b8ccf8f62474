#include <algorithm>

#include "base/score.h"
#include "base/text.h"
#include "rules/conditions.h"

namespace quorate::rules {

namespace {

struct Block {
  xml::Element element;
  Score score = 0;
  bool is_first = false;
};

Score block_score(xml::Element block, const Observer& observer) {
  const auto text = block.get("score");
  if (!text) return 0;
  if (const auto score = parse_score(*text)) return *score;
  report(observer, Severity::kConfigWarning,
         join("Using 0 as ", block.id(), " score because '", *text,
              "' is not a valid score: Invalid score"));
  return 0;
}

/// The blocks in the order in which they are read: highest score first, of equals the later.
std::vector<Block> ordered_blocks(xml::Element parent, std::string_view name,
                                  std::string_view always_first, const Observer& observer) {
  std::vector<Block> blocks;
  for (xml::Element child : xml::children(parent, name)) {
    const xml::Element block = resolve_reference(child, observer);
    if (!block) continue;
    const bool is_first = !always_first.empty() && block.id() == always_first;
    blocks.push_back({block, block_score(block, observer), is_first});
  }
  std::reverse(blocks.begin(), blocks.end());
  std::stable_sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) {
    if (a.is_first != b.is_first) return a.is_first;
    return a.score > b.score;
  });
  return blocks;
}

void read_block(xml::Element block, const Observer& observer, const BlockTarget& target) {
  for (xml::Element child : xml::children(block, "nvpair")) {
    const xml::Element pair = resolve_reference(child, observer);
    const auto name = pair.get("name");
    const auto value = pair.get("value");
    if (!name || !value) continue;
    if (iequals(*value, "#default")) {
      report(observer, Severity::kConfigWarning,
             join("Support for setting meta-attributes (such as ", *name,
                  ") to the explicit value '#default' is deprecated and will be removed in a "
                  "future release"));
      target.remove(*name);
    } else {
      target.store(*name, *value);
    }
  }
}

/// Visits elements that can be referred to. Operation histories, most of a document, can't.
template <class Visitor>
void visit_referable(xml::Element element, Visitor& visit) {
  visit(element);
  for (xml::Element child : xml::children(element)) {
    if (child.name() != "lrm") visit_referable(child, visit);
  }
}

}  // namespace

xml::Element resolve_reference(xml::Element element, const Observer& observer) {
  const auto reference = element.get("id-ref");
  if (!reference) return element;
  const std::string_view name = element.name();
  xml::Element found;
  int matches = 0;
  const auto match = [&](xml::Element candidate) {
    if (candidate.name() != name || candidate.get("id") != reference) return;
    found = candidate;
    ++matches;
  };
  visit_referable(element.document_root(), match);
  if (matches == 1) return found;
  report(
      observer, Severity::kConfigError,
      join("Ignoring invalid ", name, " configuration: id-ref '", *reference,
           "' does not reference a valid object \x07 xpath=//", name, "[@id='", *reference, "']"));
  return {};
}

void merge_blocks(xml::Element parent, std::string_view block_name, std::string_view always_first,
                  const RuleContext& context, const Observer& observer, const BlockTarget& target) {
  for (const Block& block : ordered_blocks(parent, block_name, always_first, observer)) {
    const xml::Element rule = block.element.first_child("rule");
    if (rule && !evaluate(rule, context, observer)) continue;
    read_block(block.element, observer, target);
  }
}

}  // namespace quorate::rules
