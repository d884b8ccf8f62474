#include "scheduler/state/reading.h"

#include <algorithm>

#include "base/duration.h"
#include "base/text.h"

namespace quorate::scheduler {

using model::MessageClass;

std::string concat(std::initializer_list<std::string_view> pieces) {
  std::size_t length = 0;
  for (const std::string_view piece : pieces) length += piece.size();
  std::string text;
  text.reserve(length);
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return iequals(text, word); });
}

rules::Observer observer_of(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  rules::Observer observer;
  observer.message = [&snapshot](rules::Severity severity, std::string text) {
    switch (severity) {
      case rules::Severity::kConfigError:
        return snapshot.report(MessageClass::kConfigError, std::move(text));
      case rules::Severity::kConfigWarning:
        return snapshot.report(MessageClass::kConfigWarning, std::move(text));
      case rules::Severity::kWarning:
        return snapshot.report(MessageClass::kWarning, std::move(text));
    }
  };
  observer.next_change = [&snapshot](std::int64_t at) { snapshot.propose_recheck(at); };
  return observer;
}

rules::RuleContext time_only(const Context& context) {
  rules::RuleContext inputs;
  inputs.now_seconds = context.snapshot.now_seconds;
  return inputs;
}

rules::RuleContext agent_rules(const Context& context, const model::Resource& resource) {
  rules::RuleContext inputs = time_only(context);
  const auto given = [](std::string_view text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  };
  inputs.standard = given(resource.standard);
  inputs.provider = given(resource.provider);
  inputs.type = given(resource.type);
  return inputs;
}

void merge_into(Context& context, xml::Element parent, std::string_view block_name,
                const rules::RuleContext& inputs, model::NameValues& table,
                std::string_view always_first) {
  if (!parent.first_child(block_name)) return;
  rules::BlockTarget target;
  target.store = [&table](std::string_view name, std::string_view value) {
    table.add(name, value);
  };
  target.remove = [&table](std::string_view name) { table.remove(name); };
  rules::merge_blocks(parent, block_name, always_first, inputs, observer_of(context), target);
}

std::int64_t interval_of(Context& context, std::optional<std::string_view> text) {
  if (!text) return 0;
  if (const auto parsed = parse_interval_ms(*text)) return *parsed;
  context.snapshot.report(
      MessageClass::kWarning,
      concat({"Using 0 instead of invalid interval specification '", *text, "'"}));
  return 0;
}

model::Role role_of_word(Context& context, std::string_view text) {
  struct Legacy {
    std::string_view old_name, name;
  };
  for (const Legacy& legacy : {Legacy{"Slave", "Unpromoted"}, Legacy{"Master", "Promoted"}}) {
    if (!iequals(text, legacy.old_name)) continue;
    context.snapshot.report_once(
        MessageClass::kConfigWarning,
        concat({"Support for the ", legacy.old_name,
                " role is deprecated and will be removed in a future release. Use ", legacy.name,
                " instead."}));
  }
  return model::parse_role(text);
}

std::string_view integer_problem(std::string_view text) {
  const ParsedInteger parsed = parse_integer(text);
  if (!parsed.has_digits) return "Bad input value provided";
  return parsed.clipped ? "Numerical result out of range" : "OK";
}

void find_sections(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  struct Section {
    std::string_view name;
    xml::Element* place;
    int count = 0;
  };
  model::Sections& found = snapshot.sections;
  Section wanted[] = {{"op_defaults", &found.op_defaults},
                      {"rsc_defaults", &found.rsc_defaults},
                      {"crm_config", &found.crm_config},
                      {"nodes", &found.nodes},
                      {"fencing-topology", &found.fencing_topology},
                      {"tags", &found.tags},
                      {"status", &found.status}};
  const auto visit = [&](const auto& self, xml::Element element, int depth) -> void {
    const std::string_view name = element.name();
    for (Section& section : wanted) {
      if (name == section.name && section.count++ == 0) *section.place = element;
    }
    // Histories are most of a document and hold no sections.
    if (name == "lrm_resources" || depth > 200) return;
    for (xml::Element child : xml::children(element)) self(self, child, depth + 1);
  };
  visit(visit, snapshot.cib, 0);
  for (Section& section : wanted) {
    if (section.count > 1) *section.place = xml::Element();
  }
  int resource_sections = 0;
  for (xml::Element configuration : xml::children(snapshot.cib, "configuration")) {
    for (xml::Element resources : xml::children(configuration, "resources")) {
      found.resources = ++resource_sections == 1 ? resources : xml::Element();
    }
  }
}

}  // namespace quorate::scheduler
