#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "cib/digest.h"
#include "cib/patch.h"
#include "cib/path.h"

namespace quorate::cib {
namespace {

/// A whole text as an integer.
std::optional<std::int64_t> whole_number(std::optional<std::string_view> text) {
  std::int64_t value = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

/// The numbers of a `source` or `target`; nullopt if one isn't an integer.
std::optional<Version> version_in(xml::Element element) {
  const auto admin_epoch = whole_number(element.get("admin_epoch"));
  const auto epoch = whole_number(element.get("epoch"));
  const auto num_updates = whole_number(element.get("num_updates"));
  if (!admin_epoch || !epoch || !num_updates) return std::nullopt;
  return Version{*admin_epoch, *epoch, *num_updates};
}

Code check_versions_of(xml::Element patch, const Version& current) {
  const xml::Element version = patch.first_child("version");
  Version source = current;
  Version target = current;
  ++target.num_updates;
  if (const xml::Element element = version.first_child("source")) {
    const auto read = version_in(element);
    if (!read) return Code::kInvalidArgument;
    source = *read;
  }
  if (const xml::Element element = version.first_child("target")) {
    const auto read = version_in(element);
    if (!read) return Code::kInvalidArgument;
    target = *read;
  }
  if (current < source) return Code::kDiffFailed;
  if (current > source) return Code::kOldData;
  const bool some_greater = target.admin_epoch > source.admin_epoch ||
                            target.epoch > source.epoch || target.num_updates > source.num_updates;
  return some_greater ? Code::kOk : Code::kOldData;
}

/// A create or move, put aside until all else is done.
struct Aside {
  xml::Node target;  ///< parent for create, element for move
  xml::Element change;
  std::size_t position = 0;
  bool is_move = false;
};

std::size_t position_in(xml::Element change) {
  const auto number = whole_number(change.get("position"));
  return number && *number >= 0 ? static_cast<std::size_t>(*number) : 0;
}

Code apply_now(Edit& edit, xml::Element change, std::vector<Aside>& aside) {
  const std::string_view operation = change.get_or("operation", {});
  std::optional<std::size_t> comment;
  if (operation == "delete" && change.has("position")) comment = position_in(change);
  const xml::Node target = resolve_path(edit.cib(), change.get_or("path", {}), comment);
  if (operation == "delete") {
    if (!target) return Code::kOk;
    if (target == xml::Node(edit.cib().root())) return Code::kDiffFailed;
    edit.remove(target);
    return Code::kOk;
  }
  if (!target) return Code::kDiffFailed;
  if (operation == "modify") {
    const xml::Element result = change.first_child("change-result").first_child();
    if (!result) return Code::kNoMessage;
    edit.set_all(target.element(), xml::attribute_list(result));
    return Code::kOk;
  }
  if (operation == "create") {
    aside.push_back({target, change, position_in(change), false});
    return Code::kOk;
  }
  if (operation == "move") {
    if (target == xml::Node(edit.cib().root())) return Code::kDiffFailed;
    edit.move(target, {});
    aside.push_back({target, change, position_in(change), true});
    return Code::kOk;
  }
  return Code::kDiffFailed;
}

/// Where the last one was created in each parent: the next comes behind it.
class Cursors {
 public:
  struct Place {
    xml::Node node;  ///< null behind the last child
    std::size_t ordinal = 0;
  };
  /// The child with this ordinal; the end if there are fewer.
  Place find(xml::Element parent, std::size_t ordinal) const {
    Place at{xml::Node(parent).first_child(), 0};
    const auto last = last_.find(parent.raw());
    if (last != last_.end() && last->second.ordinal <= ordinal) at = last->second;
    while (at.node && at.ordinal < ordinal) at = {at.node.next(), at.ordinal + 1};
    return at;
  }
  void keep(xml::Element parent, const Place& place) { last_[parent.raw()] = place; }
  void forget(xml::Element parent) { last_.erase(parent.raw()); }

 private:
  std::unordered_map<_xmlNode*, Place> last_;
};

Code apply_aside(Edit& edit, const Aside& item, Cursors& cursors) {
  if (!item.is_move) {
    const xml::Node content = xml::Node(item.change).first_child();
    if (!content) return Code::kDiffFailed;
    const xml::Element parent = item.target.element();
    const Cursors::Place place = cursors.find(parent, item.position);
    const xml::Node made = edit.insert(parent, content, place.node);
    if (!made) return Code::kDiffFailed;
    cursors.keep(parent, {made, place.ordinal});
    return Code::kOk;
  }
  cursors.forget(item.target.parent());
  const xml::Element parent = item.target.parent();
  // The ordinal counts the siblings without the moved node itself.
  xml::Node before = xml::Node(parent).first_child();
  for (std::size_t at = 0; before; before = before.next()) {
    if (before == item.target) continue;
    if (at++ == item.position) break;
  }
  edit.move(item.target, before);
  return item.target.ordinal() == item.position ? Code::kOk : Code::kDiffFailed;
}

}  // namespace

Code apply_patch(Edit& edit, xml::Element patch, bool check_versions) {
  if (patch.get_or("format", {}) != "2") return Code::kInvalidArgument;
  if (check_versions) {
    const Code code = check_versions_of(patch, edit.cib().version());
    if (code != Code::kOk) return code;
  }
  Code code = Code::kOk;
  std::vector<Aside> aside;
  for (const xml::Element change : xml::children(patch, "change")) {
    const Code result = apply_now(edit, change, aside);
    if (result != Code::kOk) code = result;
  }
  if (code != Code::kOk) return code;
  std::stable_sort(aside.begin(), aside.end(),
                   [](const Aside& a, const Aside& b) { return a.position < b.position; });
  Cursors cursors;
  for (const Aside& item : aside) {
    // A hostile patch may have removed a target after naming it.
    if (!is_within(item.target, edit.cib().root())) return Code::kDiffFailed;
    const Code result = apply_aside(edit, item, cursors);
    if (result != Code::kOk) code = result;
  }
  if (code != Code::kOk) return code;
  const auto digest = patch.get("digest");
  if (digest && *digest != digest_of(edit.cib().root(), DigestKind::kOnWire)) {
    return Code::kDiffFailed;
  }
  return Code::kOk;
}

}  // namespace quorate::cib
