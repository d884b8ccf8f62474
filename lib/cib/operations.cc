#include "cib/operations.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "cib/merge.h"
#include "cib/patch.h"
#include "xml/xpath.h"

namespace quorate::cib {
namespace {

using Matches = Result<std::vector<xml::Element>>;

OperationResult failed(Code code, std::string message) { return {code, std::move(message), {}}; }
OperationResult too_deep() {
  return failed(Code::kInvalidArgument,
                "elements would be nested deeper than " + std::to_string(kMaxDepth) + " levels");
}
OperationResult done(const Edit& edit) {
  return edit.over_depth() ? too_deep() : OperationResult{};
}
OperationResult no_input() {
  return failed(Code::kInvalidArgument, "the request has no input for its section");
}
OperationResult unknown_section(const Step& step) {
  return failed(Code::kInvalidArgument,
                "section '" + step.section + "' is not one this operation can use");
}
OperationResult nothing_matches(const Step& step, std::string_view what) {
  return failed(Code::kNoSuchDevice, std::string(what) + " in '" +
                                         (step.section.empty() ? "cib" : step.section) +
                                         "': no such object");
}
std::string name_of(xml::Element element) {
  std::string name(element.name());
  if (const auto id = element.get("id")) name += " '" + std::string(*id) + "'";
  return name;
}

bool in_configuration(const Cib& cib, xml::Element element) {
  const xml::Element configuration = cib.configuration();
  return configuration && is_within(element, configuration);
}

/// The section's element, made if it is known but missing (spec/08 §6.3).
xml::Element section_or_new(Edit& edit, const std::string& name) {
  if (const xml::Element found = edit.cib().section(name)) return found;
  const SectionPlace place = section_place(name);
  if (!place.known || place.whole) return {};
  const xml::Element parent = edit.cib().section(place.parent);
  // Not found although there: it occurs more than once.
  if (!parent || parent.first_child(name)) return {};
  return edit.insert_new(parent, name);
}

// ---- create (spec/08 §6.2) ----------------------------------------------------------------------

bool conflicts(const Cib& cib, xml::Element section, xml::Element input) {
  const auto id = input.get("id");
  if (!id) return static_cast<bool>(section.first_child(input.name()));
  const auto found = cib.index().find(input.name(), id);
  return std::any_of(found.begin(), found.end(), [&](xml::Element candidate) {
    return candidate.id() == *id && candidate.parent() == section;
  });
}

std::string failed_update(Code code, xml::Element input) {
  std::string text = "<failed><failed_update";
  if (const auto id = input.get("id")) text += " id=\"" + xml::escape(*id) + "\"";
  text += " object-type=\"" + std::string(input.name()) + "\" operation=\"cib_create\" reason=\"" +
          std::string(message_of(code)) + "\">" + input.to_string() + "</failed_update></failed>";
  return text;
}

OperationResult create_one(Edit& edit, xml::Element section, xml::Node input) {
  if (!input.is_comment() && conflicts(edit.cib(), section, input.element())) {
    return {Code::kExists,
            name_of(input.element()) + " exists already in '" + std::string(section.name()) + "'",
            failed_update(Code::kExists, input.element())};
  }
  edit.insert(section, input);
  return done(edit);
}

OperationResult modify_section(Edit& edit, const Step& step, xml::Element input);

OperationResult create(Edit& edit, const Step& step, xml::Element input) {
  const SectionPlace place = section_place(step.section);
  if ((place.whole && !step.section.empty()) || input.name() == "cib") {
    Step whole = step;
    whole.section.clear();
    return modify_section(edit, whole, input);
  }
  const xml::Element section = edit.cib().section(step.section);
  if (!section) {
    OperationResult result = unknown_section(step);
    result.data = failed_update(result.code, input);
    return result;
  }
  xml::Document cleaned;
  bool has_replace = false;
  xml::for_each_descendant(input, [&](xml::Element e) { has_replace |= e.has("replace"); });
  if (has_replace) {
    cleaned = xml::Document::copy_of(input);
    input = cleaned.root();
    xml::for_each_descendant(input, [](xml::Element e) { e.remove_attribute("replace"); });
  }
  if (input.name() != step.section) return create_one(edit, section, input);
  for (xml::Node child = xml::Node(input).first_child(); child; child = child.next()) {
    OperationResult result = create_one(edit, section, child);
    if (result.code != Code::kOk) return result;
  }
  return {};
}

// ---- modify (spec/08 §6.3) ----------------------------------------------------------------------

OperationResult modify_section(Edit& edit, const Step& step, xml::Element input) {
  const xml::Element start = section_or_new(edit, step.section);
  if (!start) return edit.over_depth() ? too_deep() : unknown_section(step);
  const xml::Element target = edit.cib().find(start, input.name(), input.get("id"));
  if (target) {
    return merge(edit, target, input, step.options.score_update) ? OperationResult{} : too_deep();
  }
  if (!step.options.may_create) return nothing_matches(step, name_of(input));
  edit.insert(start, input);
  return done(edit);
}

OperationResult modify_matches(Edit& edit, const Step& step, xml::Element input,
                               const std::vector<xml::Element>& matches) {
  if (matches.empty()) return nothing_matches(step, name_of(input));
  bool missed = false;
  for (const xml::Element match : matches) {
    const xml::Element target = edit.cib().find(match, input.name(), input.get("id"));
    if (!target) {
      missed = true;
      continue;
    }
    if (!merge(edit, target, input, step.options.score_update)) return too_deep();
    if (!step.options.multiple) break;
  }
  return missed ? nothing_matches(step, name_of(input)) : OperationResult{};
}

// ---- delete (spec/08 §6.4) ----------------------------------------------------------------------

bool delete_matches(xml::Element element, xml::Element input) {
  if (element.name() != input.name()) return false;
  for (const xml::Attribute& attribute : input.attributes()) {
    const auto value = element.get(attribute.name);
    if (!value || !iequals(*value, attribute.value)) return false;
  }
  return true;
}

/// The first match beneath `start` in document order; by index if the input has an id.
xml::Element find_to_delete(const Cib& cib, xml::Element start, xml::Element input) {
  xml::Element best;
  if (const auto id = input.get("id")) {
    for (const xml::Element candidate : cib.index().find(input.name(), id)) {
      if (candidate == start || !is_within(candidate, start)) continue;
      if (!delete_matches(candidate, input)) continue;
      if (!best || xml::compare_place(candidate, best) < 0) best = candidate;
    }
    return best;
  }
  xml::for_each_descendant(start, [&](xml::Element element) {
    if (!best && !(element == start) && delete_matches(element, input)) best = element;
  });
  return best;
}

OperationResult delete_section(Edit& edit, const Step& step, xml::Element input) {
  const SectionPlace place = section_place(step.section);
  if (!place.known) return unknown_section(step);
  const xml::Element start = edit.cib().section(step.section);
  if (!start) return {};
  const auto delete_one = [&](xml::Element wanted) {
    if (const xml::Element found = find_to_delete(edit.cib(), start, wanted)) edit.remove(found);
  };
  if (!step.section.empty() && input.name() == step.section) {
    for (const xml::Element child : xml::children(input)) delete_one(child);
  } else {
    delete_one(input);
  }
  return {};
}

OperationResult delete_found(Edit& edit, const Step& step, std::vector<xml::Element> matches) {
  if (!step.options.multiple && matches.size() > 1) matches.resize(1);
  for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
    if (*match == edit.cib().root()) {
      return failed(Code::kInvalidArgument, "the root element can't be deleted");
    }
    // Last first: what is inside an earlier match is gone before it.
    if (is_within(*match, edit.cib().root())) edit.remove(*match);
  }
  return {};
}

// ---- replace (spec/08 §6.5, §3.2) ---------------------------------------------------------------

OperationResult replace_whole(Edit& edit, xml::Element input) {
  if (input.name() != "cib") {
    return failed(Code::kInvalidArgument,
                  "the whole document can be replaced by a 'cib' element only, not by '" +
                      std::string(input.name()) + "'");
  }
  const Version current = edit.cib().version();
  const Version replacement = version_of(input, -1);
  if (replacement < current) {
    return failed(Code::kOldData, "version " + to_text(version_of(input)) +
                                      " is older than the current " + to_text(current));
  }
  transform(edit, edit.cib().root(), input);
  edit.force_changed(false);
  return done(edit);
}

OperationResult replace_section(Edit& edit, const Step& step, xml::Element input) {
  if (input.name() == "cib") return replace_whole(edit, input);
  const bool from_root = section_place(step.section).whole || step.section == input.name();
  const xml::Element start = from_root ? edit.cib().root() : edit.cib().section(step.section);
  if (!start) return unknown_section(step);
  xml::Element target;
  if (const auto id = input.get("id")) {
    for (const xml::Element candidate : edit.cib().index().find(input.name(), id)) {
      if (candidate == start || candidate.id() != *id || !is_within(candidate, start)) continue;
      if (!target || xml::compare_place(candidate, target) < 0) target = candidate;
    }
  } else {
    xml::for_each_descendant(start, [&](xml::Element element) {
      if (!target && !(element == start) && element.name() == input.name()) target = element;
    });
  }
  if (!target) return nothing_matches(step, name_of(input));
  edit.force_changed(in_configuration(edit.cib(), target));
  if (target.get("id") == input.get("id")) {
    transform(edit, target, input);
  } else {
    // Another id is another object: out with the old one, the new one in its place.
    edit.insert(target.parent(), input, target);
    edit.remove(target);
  }
  return done(edit);
}

OperationResult replace_found(Edit& edit, const Step& step, xml::Element input,
                              std::vector<xml::Element> matches) {
  if (matches.empty()) return nothing_matches(step, name_of(input));
  if (!step.options.multiple) matches.resize(1);
  for (const xml::Element match : matches) {
    if (match == edit.cib().root()) return replace_whole(edit, input);
    if (!is_within(match, edit.cib().root())) continue;
    const xml::Element parent = match.parent();
    edit.force_changed(in_configuration(edit.cib(), match));
    edit.remove(match);
    edit.insert(parent, input);
  }
  return done(edit);
}

// ---- bump, erase, upgrade, patch ----------------------------------------------------------------

void add_to(Edit& edit, const char* number, std::int64_t step) {
  const xml::Element root = edit.cib().root();
  const std::int64_t value = to_integer(root.get_or(number, "0")).value_or(0);
  edit.set(root, number, std::to_string(value + step));
}

OperationResult erase(Edit& edit) {
  const Cib empty = Cib::empty("", "");
  const xml::Element root = edit.cib().root();
  xml::Document target = xml::Document::copy_of(empty.root());
  xml::set_attribute_list(target.root(), xml::attribute_list(root));
  transform(edit, root, target.root());
  add_to(edit, "admin_epoch", 1);
  edit.force_changed(true);
  return {};
}

OperationResult upgrade(Edit& edit, const Step& step, const Validator* validator) {
  if (validator == nullptr) {
    return failed(Code::kNotSupported, "no schemas are available to upgrade to");
  }
  const xml::Element root = edit.cib().root();
  const std::string before(root.get_or("validate-with", {}));
  auto upgraded = validator->upgrade(root, step.section);
  if (!upgraded) {
    return failed(upgraded.error().kind == ErrorKind::kSchema ? Code::kSchemaValidation
                                                              : Code::kTransformFailed,
                  upgraded.error().message);
  }
  if (upgraded->root().get_or("validate-with", {}) == before) {
    return failed(Code::kSchemaUnchanged,
                  "the document satisfies '" + before + "', the latest schema, already");
  }
  if (!xml::reduce_to_elements(upgraded->root())) {
    return failed(Code::kTransformFailed, "the upgrade made names with XML namespaces");
  }
  transform(edit, root, upgraded->root());
  add_to(edit, "admin_epoch", 1);
  edit.set(root, "epoch", "1");
  edit.set(root, "num_updates", "1");
  edit.force_changed(true);
  return done(edit);
}

OperationResult patch(Edit& edit, xml::Element input) {
  if (input.name() != "diff") {
    return failed(Code::kInvalidArgument,
                  "a patch is a 'diff' element, not '" + std::string(input.name()) + "'");
  }
  const Code code = apply_patch(edit, input, true);
  if (edit.over_depth()) return too_deep();
  if (code == Code::kOk) return {};
  if (const std::string_view format = input.get_or("format", "none"); format != "2") {
    return failed(code, "patches of format '" + std::string(format) + "' aren't known; allowed: 2");
  }
  const xml::Element source = input.first_child("version").first_child("source");
  const std::string made_for = source ? ", it was made for " + to_text(version_of(source)) : "";
  return failed(code,
                "the patch doesn't apply to version " + to_text(edit.cib().version()) + made_for);
}

// ---- dispatch -----------------------------------------------------------------------------------

/// The part of the input a section names (spec/08 §2, unwrapping); null if it has none.
xml::Element unwrap(xml::Element input, const Step& step) {
  if (step.section.empty() || input.name() != "cib") return input;
  const SectionPlace place = section_place(step.section);
  if (place.whole) return input;
  if (!place.known) return {};
  const xml::Element parent = place.parent == "cib" ? input : input.first_child("configuration");
  return parent.first_child(step.section);
}

OperationResult run_by_xpath(Edit& edit, const Step& step, xml::Element input) {
  const std::string_view expression =
      step.section.empty() ? std::string_view("/*") : std::string_view(step.section);
  Matches matches = xml::find_all(edit.cib().root(), expression);
  if (!matches) return failed(Code::kInvalidArgument, matches.error().message);
  if (step.operation == Operation::kDelete) {
    return delete_found(edit, step, std::move(*matches));
  }
  if (!input) return no_input();
  if (step.operation == Operation::kModify) {
    return modify_matches(edit, step, input, *matches);
  }
  return replace_found(edit, step, input, std::move(*matches));
}

}  // namespace

OperationResult run_operation(Edit& edit, const Step& step, const Validator* validator) {
  if (step.operation == Operation::kBump) {
    add_to(edit, "epoch", 1);
    return {};
  }
  if (step.operation == Operation::kErase) return erase(edit);
  if (step.operation == Operation::kUpgrade) return upgrade(edit, step, validator);
  xml::Element input = step.input;
  const bool by_xpath = step.options.xpath && step.operation != Operation::kCreate &&
                        step.operation != Operation::kPatch;
  if (by_xpath) return run_by_xpath(edit, step, input);
  if (!input) return no_input();
  if (step.operation == Operation::kPatch) return patch(edit, input);
  input = unwrap(input, step);
  if (!input) return no_input();
  switch (step.operation) {
    case Operation::kCreate:
      return create(edit, step, input);
    case Operation::kModify:
      return modify_section(edit, step, input);
    case Operation::kDelete:
      return delete_section(edit, step, input);
    case Operation::kReplace:
      return replace_section(edit, step, input);
    default:
      return failed(Code::kNotSupported, "this operation can't change the document");
  }
}

}  // namespace quorate::cib
