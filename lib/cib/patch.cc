#include "cib/patch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "cib/path.h"
#include "xml/serialise.h"

namespace quorate::cib {
namespace {

constexpr std::array<const char*, 3> kNumbers = {"admin_epoch", "epoch", "num_updates"};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  xml::append_attribute(out, {name, value});
}

/// Writes a patch while walking the new document through what was touched.
class PatchWriter {
 public:
  PatchWriter(const Edit& edit, const PatchOptions& options) : edit_(edit), options_(options) {
    for (const auto& [raw, modification] : edit.modifications()) {
      // If only their order has changed and that is ignored, write_modification() sees it.
      if (!xml::has_attributes(xml::Element(raw), modification.before)) touch(xml::Element(raw));
    }
    for (_xmlNode* raw : edit.creations()) touch(xml::Node(raw));
    for (_xmlNode* raw : edit.moves()) touch(xml::Node(raw));
    count_touched();
  }

  std::string write(xml::Element root) {
    for (const Edit::Deletion& deletion : edit_.deletions()) write_deletion(deletion);
    if (touched_.count(root.raw()) != 0) walk(root, 0);
    return std::move(out_);
  }

 private:
  void touch(xml::Node node) {
    for (xml::Node at = node; at; at = xml::Node(at.parent())) {
      if (!touched_.try_emplace(at.raw(), 0).second) return;
      if (const xml::Element parent = at.parent()) pending_.push_back(parent.raw());
    }
  }
  /// How many children of each element were touched: the walk needn't look further.
  void count_touched() {
    for (_xmlNode* parent : pending_) ++touched_[parent];
  }

  void begin_change(std::string_view operation, std::string_view path) {
    out_ += "<change";
    append_field(out_, "operation", operation);
    append_field(out_, "path", path);
  }

  void write_deletion(const Edit::Deletion& deletion) {
    begin_change("delete", deletion.path);
    if (deletion.is_comment) append_field(out_, "position", std::to_string(deletion.position));
    out_ += "/>";
  }

  void write_creation(xml::Node node, std::size_t ordinal) {
    begin_change("create", path_);
    append_field(out_, "position", std::to_string(ordinal));
    out_ += '>';
    if (node.is_comment()) {
      out_ += "<!--";
      out_ += node.comment_text();
      out_ += "-->";
    } else {
      xml::append_text(out_, node, xml::Layout::kDense);
    }
    out_ += "</change>";
  }

  void write_modification(xml::Element element, const xml::AttributeList& before) {
    const xml::AttributeList after = xml::attribute_list(element);
    const AttributeChanges changes =
        compare_attributes(before, after, options_.ignore_attribute_order);
    if (changes.empty()) return;
    // The path is that before the modification as long as the id is the same; a changed id can
    // only come from a change of the very element, which is found by its old path.
    const std::size_t parent = path_.size();
    append_component_before(element, before);
    begin_change("modify", path_);
    path_.resize(parent);
    out_ += "><change-list>";
    for (const std::string_view name : changes.set) {
      out_ += "<change-attr";
      append_field(out_, "name", name);
      append_field(out_, "operation", "set");
      append_field(out_, "value", element.get_or(name, {}));
      out_ += "/>";
    }
    for (const std::string_view name : changes.unset) {
      out_ += "<change-attr";
      append_field(out_, "name", name);
      append_field(out_, "operation", "unset");
      out_ += "/>";
    }
    out_ += "</change-list><change-result><";
    out_ += element.name();
    for (const auto& [name, value] : after) append_field(out_, name, value);
    out_ += "/></change-result></change>";
  }

  void append_component_before(xml::Element element, const xml::AttributeList& before) {
    path_ += '/';
    path_ += element.name();
    if (const auto id = before.find("id")) {
      path_ += "[@id='";
      path_ += *id;
      path_ += "']";
    }
  }

  /// `path_` is that of the parent, `ordinal` the node's among its siblings.
  void walk(xml::Node node, std::size_t ordinal) {
    if (edit_.creations().count(node.raw()) != 0) return write_creation(node, ordinal);
    if (!node.is_comment()) {
      const auto modified = edit_.modifications().find(node.raw());
      if (modified != edit_.modifications().end()) {
        write_modification(node.element(), modified->second.before);
      }
    }
    const std::size_t parent = path_.size();
    append_component(path_, node);
    std::size_t left = touched_[node.raw()];
    std::size_t at = 0;
    for (xml::Node child = node.first_child(); left > 0 && child; child = child.next(), ++at) {
      if (touched_.count(child.raw()) == 0) continue;
      walk(child, at);
      --left;
    }
    if (edit_.moves().count(node.raw()) != 0) {
      begin_change("move", path_);
      append_field(out_, "position", std::to_string(ordinal));
      out_ += "/>";
    }
    path_.resize(parent);
  }

  const Edit& edit_;
  const PatchOptions& options_;
  std::unordered_map<_xmlNode*, std::size_t> touched_;
  std::vector<_xmlNode*> pending_;  ///< parents, once for each of their touched children
  std::string path_;                ///< of where the walk is
  std::string out_;
};

std::string version_fields(const xml::AttributeList& attributes) {
  std::string out;
  for (const char* number : kNumbers) {
    append_field(out, number, attributes.find(number).value_or("1"));
  }
  return out;
}

std::string version_part(const Edit& edit, xml::Element root) {
  const auto modified = edit.modifications().find(root.raw());
  const xml::AttributeList now = xml::attribute_list(root);
  std::string out = "<version><source";
  out += version_fields(modified == edit.modifications().end() ? now : modified->second.before);
  out += "/><target";
  out += version_fields(now);
  return out + "/></version>";
}

}  // namespace

std::string patch_of(const Edit& edit, xml::Element root, const PatchOptions& options) {
  const std::string changes = PatchWriter(edit, options).write(root);
  if (changes.empty()) return {};
  std::string out = "<diff format=\"2\"";
  if (!options.digest.empty()) append_field(out, "digest", options.digest);
  out += '>';
  if (options.with_version) out += version_part(edit, root);
  out += changes;
  return out + "</diff>";
}

}  // namespace quorate::cib
