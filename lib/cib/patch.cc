#include "cib/patch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "cib/path.h"
#include "xml/serialise.h"

namespace quorate::cib {
namespace {

constexpr std::array<const char*, 3> kNumbers = {"admin_epoch", "epoch", "num_updates"};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  xml::append_attribute(out, {name, value});
}

/// Stands for changes that nobody reads.
class Digest {
 public:
  void add(std::string_view part) {
    constexpr std::size_t kBlock = std::size_t{1} << 20;
    text_ += part;
    text_ += '\0';
    if (text_.size() >= kBlock) text_ = md5_hex(text_);
  }
  std::string text() const { return text_.empty() ? std::string() : md5_hex(text_); }

 private:
  std::string text_;  ///< begins with the digest of what came before
};

constexpr std::string_view kEnd = "</diff>";

/// Writes a patch while walking the new document through what was touched.
class PatchWriter {
 public:
  /// From `long_bytes` on changes are digested; `extent` says whether they are written, too.
  PatchWriter(const Edit& edit, const PatchOptions& options,
              PatchExtent extent = PatchExtent::kWhole, std::size_t long_bytes = std::string::npos)
      : edit_(edit), options_(options), extent_(extent), long_bytes_(long_bytes) {
    for (const auto& [raw, modification] : edit.modifications()) {
      // If only their order has changed and that is ignored, write_modification() sees it.
      if (!xml::has_attributes(xml::Element(raw), modification.before)) touch(xml::Element(raw));
    }
    for (_xmlNode* raw : edit.creations()) touch(xml::Node(raw));
    for (_xmlNode* raw : edit.moves()) touch(xml::Node(raw));
    count_touched();
  }

  /// `head` is what comes before the changes.
  ExtendedPatch write(xml::Element root, std::string head) {
    ExtendedPatch patch;
    root_ = root;
    out_ = std::move(head);
    const std::size_t begin = out_.size();
    for (const Edit::Deletion& deletion : edit_.deletions()) write_deletion(deletion);
    if (touched_.count(root.raw()) != 0) walk(root, 0);
    if (out_.size() == begin) return {};
    out_ += kEnd;
    patch.text = std::move(out_);
    patch.beginning = beginning_;
    patch.rest = rest_.text();
    patch.sections = std::move(sections_);
    return patch;
  }

 private:
  void touch(xml::Node node) {
    for (xml::Node at = node; at; at = xml::Node(at.parent())) {
      if (!touched_.try_emplace(at.raw()).second) return;
      if (const xml::Element parent = at.parent()) pending_.emplace_back(parent.raw(), at);
    }
  }
  void count_touched() {
    for (const auto& [parent, child] : pending_) {
      Touched& entry = touched_[parent];
      ++entry.children;
      entry.one = child;
    }
  }

  bool is_touched(xml::Node node) const { return touched_.count(node.raw()) != 0; }
  bool is_new_or_moved(xml::Node node) const {
    return edit_.creations().count(node.raw()) != 0 || edit_.moves().count(node.raw()) != 0;
  }
  bool is_modified(xml::Element element) const {
    const auto found = edit_.modifications().find(element.raw());
    return found != edit_.modifications().end() &&
           !xml::has_attributes(element, found->second.before);
  }
  /// Whether nothing but the numbers of the version has changed in the root's attributes.
  bool only_version_changed() const {
    const auto found = edit_.modifications().find(root_.raw());
    if (found == edit_.modifications().end()) return true;
    const xml::AttributeList after = xml::attribute_list(root_);
    const AttributeChanges changes = compare_attributes(found->second.before, after, true);
    const auto is_number = [](std::string_view name) {
      return std::find(kNumbers.begin(), kNumbers.end(), name) != kNumbers.end();
    };
    return changes.unset.empty() && std::all_of(changes.set.begin(), changes.set.end(), is_number);
  }

  /// ExtendedPatch::sections.
  std::vector<std::string> touched_sections() const {
    const xml::Element configuration = root_.first_child("configuration");
    if (!configuration || !only_version_changed() || is_modified(configuration)) return {};
    for (xml::Node child = xml::Node(root_).first_child(); child; child = child.next()) {
      const bool allowed = child == xml::Node(configuration) && !is_new_or_moved(child);
      if (is_touched(child) && !allowed) return {};
    }
    std::vector<std::string> found;
    const auto add = [&](xml::Element section) {
      const std::string name(section.name());
      if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
    };
    for (xml::Node child = xml::Node(configuration).first_child(); child; child = child.next()) {
      if (!is_touched(child)) continue;
      if (child.is_comment() || is_new_or_moved(child)) return {};
      add(child.element());
    }
    for (const Edit::Deletion& deletion : edit_.deletions()) {
      xml::Element at = deletion.parent;
      while (at && !(at.parent() == configuration)) at = at.parent();
      if (!at) return {};
      add(at);
    }
    return found;
  }

  /// The next change is written; otherwise it is only digested.
  bool writes() const { return beginning_ == 0 || extent_ == PatchExtent::kWhole; }
  bool digests() const { return beginning_ != 0; }
  void end_change() {
    if (beginning_ != 0 || out_.size() < long_bytes_) return;
    beginning_ = out_.size();
    sections_ = touched_sections();
    if (sections_.empty()) extent_ = PatchExtent::kWhole;
  }
  void digest(std::string_view operation, std::string_view what) {
    if (digested_path_ != path_) rest_.add(digested_path_ = path_);
    rest_.add(operation);
    rest_.add(what);
  }

  void begin_change(std::string_view operation, std::string_view path) {
    out_ += "<change";
    append_field(out_, "operation", operation);
    append_field(out_, "path", path);
  }

  void write_deletion(const Edit::Deletion& deletion) {
    if (digests()) {
      digest("delete", deletion.path);
      if (deletion.is_comment) rest_.add(std::to_string(deletion.position));
    }
    if (!writes()) return;
    begin_change("delete", deletion.path);
    if (deletion.is_comment) append_field(out_, "position", std::to_string(deletion.position));
    out_ += "/>";
    end_change();
  }

  void write_creation(xml::Node node, std::size_t ordinal) {
    if (digests()) {
      digest("create", std::to_string(ordinal));
      std::string text;
      append_node(text, node);
      rest_.add(text);
    }
    if (!writes()) return;
    begin_change("create", path_);
    append_field(out_, "position", std::to_string(ordinal));
    out_ += '>';
    append_node(out_, node);
    out_ += "</change>";
    end_change();
  }

  static void append_node(std::string& out, xml::Node node) {
    if (!node.is_comment()) return xml::append_text(out, node, xml::Layout::kDense);
    out += "<!--";
    out += node.comment_text();
    out += "-->";
  }

  void write_modification(xml::Element element, const xml::AttributeList& before) {
    const xml::AttributeList after = xml::attribute_list(element);
    const AttributeChanges changes =
        compare_attributes(before, after, options_.ignore_attribute_order);
    if (changes.empty()) return;
    if (digests()) {
      digest("modify", element.name());
      rest_.add(before.find("id").value_or(std::string_view()));
      for (const std::string_view name : changes.set) {
        rest_.add(name);
        rest_.add(element.get_or(name, {}));
      }
      for (const std::string_view name : changes.unset) rest_.add(name);
    }
    if (writes()) write_modification(element, before, after, changes);
  }

  void write_modification(xml::Element element, const xml::AttributeList& before,
                          const xml::AttributeList& after, const AttributeChanges& changes) {
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
    end_change();
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
    const Touched& inside = touched_[node.raw()];
    std::size_t left = inside.children;
    if (left == 1 && !is_new_or_moved(inside.one)) {
      // Its place doesn't matter: of a parent with very many the others aren't walked.
      walk(inside.one, 0);
      left = 0;
    }
    std::size_t at = 0;
    for (xml::Node child = node.first_child(); left > 0 && child; child = child.next(), ++at) {
      if (touched_.count(child.raw()) == 0) continue;
      walk(child, at);
      --left;
    }
    if (edit_.moves().count(node.raw()) != 0) write_move(ordinal);
    path_.resize(parent);
  }

  void write_move(std::size_t ordinal) {
    if (digests()) digest("move", std::to_string(ordinal));
    if (!writes()) return;
    begin_change("move", path_);
    append_field(out_, "position", std::to_string(ordinal));
    out_ += "/>";
    end_change();
  }

  const Edit& edit_;
  const PatchOptions& options_;
  PatchExtent extent_;
  std::size_t long_bytes_;
  xml::Element root_;
  struct Touched {
    std::size_t children = 0;  ///< that were touched: the walk needn't look further
    xml::Node one;             ///< of them
  };
  std::unordered_map<_xmlNode*, Touched> touched_;
  /// Parents, once for each of their touched children, and that child.
  std::vector<std::pair<_xmlNode*, xml::Node>> pending_;
  std::string path_;  ///< of where the walk is
  std::string out_;
  std::size_t beginning_ = 0;  ///< ExtendedPatch::beginning, once it is reached
  std::vector<std::string> sections_;
  Digest rest_;
  std::string digested_path_;  ///< that the next change is in, if it needn't be said again
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

namespace {

std::string head_of(const Edit& edit, xml::Element root, const PatchOptions& options) {
  std::string out = "<diff format=\"2\"";
  if (!options.digest.empty()) append_field(out, "digest", options.digest);
  out += '>';
  if (options.with_version) out += version_part(edit, root);
  return out;
}

}  // namespace

std::string ExtendedPatch::beginning_text() const { return text.substr(0, beginning).append(kEnd); }

std::string patch_of(const Edit& edit, xml::Element root, const PatchOptions& options) {
  return PatchWriter(edit, options).write(root, head_of(edit, root, options)).text;
}

ExtendedPatch extended_patch_of(const Edit& edit, xml::Element root, PatchExtent extent,
                                std::size_t long_bytes) {
  if (extent == PatchExtent::kNothing) return {};
  const PatchOptions options;
  return PatchWriter(edit, options, extent, long_bytes).write(root, head_of(edit, root, options));
}

}  // namespace quorate::cib
