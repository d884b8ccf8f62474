#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/text.h"
#include "cib/patch.h"

namespace quorate::cib {
namespace {

/// Counts passed-over siblings in front of a position (a Fenwick tree).
class PassedOver {
 public:
  explicit PassedOver(std::size_t size) : sums_(size + 1, 0) {}
  void mark(std::size_t at) {
    for (std::size_t i = at + 1; i < sums_.size(); i += i & (~i + 1)) ++sums_[i];
  }
  /// Position of `at` among those not passed over.
  std::size_t position(std::size_t at) const {
    std::size_t passed = 0;
    for (std::size_t i = at; i > 0; i -= i & (~i + 1)) passed += sums_[i];
    return at - passed;
  }

 private:
  std::vector<std::size_t> sums_;
};

constexpr std::size_t kUnpaired = static_cast<std::size_t>(-1);

/// What pairs two children: name and id, or a comment's place and text.
std::string pairing_key(xml::Node node, std::size_t ordinal) {
  std::string key;
  if (node.is_comment()) {
    key = "!" + std::to_string(ordinal) + "!" + to_lower(node.comment_text());
    return key;
  }
  key = std::string(node.element().name());
  if (const auto id = node.element().get("id")) {
    key += '#';
    key += *id;
  }
  return key;
}

/// For each old child its new one, and the other way round.
struct Pairs {
  std::vector<std::size_t> of_old;
  std::vector<std::size_t> of_new;
};

Pairs pair_children(const std::vector<xml::Node>& old_nodes,
                    const std::vector<xml::Node>& new_nodes) {
  Pairs pairs{std::vector<std::size_t>(old_nodes.size(), kUnpaired),
              std::vector<std::size_t>(new_nodes.size(), kUnpaired)};
  std::unordered_map<std::string, std::vector<std::size_t>> free;
  for (std::size_t i = new_nodes.size(); i-- > 0;) {
    free[pairing_key(new_nodes[i], i)].push_back(i);
  }
  for (std::size_t i = 0; i < old_nodes.size(); ++i) {
    const auto candidates = free.find(pairing_key(old_nodes[i], i));
    if (candidates == free.end() || candidates->second.empty()) continue;
    pairs.of_old[i] = candidates->second.back();
    pairs.of_new[pairs.of_old[i]] = i;
    candidates->second.pop_back();
  }
  return pairs;
}

}  // namespace

AttributeChanges compare_attributes(const xml::AttributeList& before,
                                    const xml::AttributeList& after, bool ignore_order) {
  AttributeChanges changes;
  if (before == after) return changes;
  // Mostly values have changed, the names have not.
  std::size_t same = 0;
  if (before.size() == after.size()) {
    while (same < after.size() && before[same].first == after[same].first) ++same;
  }
  if (same == after.size()) {
    for (std::size_t i = 0; i < same; ++i) {
      if (before[i].second != after[i].second) changes.set.push_back(after[i].first);
    }
    return changes;
  }
  std::vector<bool> set(after.size(), false);
  PassedOver old_passed(before.size());
  PassedOver new_passed(after.size());
  // Mostly it is where it was.
  const auto index_in = [](const xml::AttributeList& list, std::string_view name,
                           std::size_t hint) {
    if (hint < list.size() && list[hint].first == name) return hint;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].first == name) return i;
    }
    return kUnpaired;
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t at = index_in(after, before[i].first, i);
    if (at == kUnpaired) {
      changes.unset.push_back(before[i].first);
    } else if (after[at].second != before[i].second) {
      set[at] = true;
    } else if (!ignore_order) {
      const std::size_t old_position = old_passed.position(i);
      const std::size_t new_position = new_passed.position(at);
      if (old_position == new_position) continue;
      set[at] = true;
      old_position > new_position ? old_passed.mark(i) : new_passed.mark(at);
    }
  }
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (set[i] || index_in(before, after[i].first, i) == kUnpaired) {
      changes.set.push_back(after[i].first);
    }
  }
  return changes;
}

void transform(Edit& edit, xml::Element from, xml::Element to, bool ignore_attribute_order) {
  const xml::AttributeList wanted = xml::attribute_list(to);
  if (!compare_attributes(xml::attribute_list(from), wanted, ignore_attribute_order).empty()) {
    edit.set_all(from, wanted);
  }
  const std::vector<xml::Node> old_nodes = xml::child_nodes(from);
  const std::vector<xml::Node> new_nodes = xml::child_nodes(to);
  const Pairs pairs = pair_children(old_nodes, new_nodes);
  PassedOver old_passed(old_nodes.size());
  PassedOver new_passed(new_nodes.size());
  for (std::size_t i = 0; i < old_nodes.size(); ++i) {
    if (pairs.of_old[i] == kUnpaired) {
      edit.remove(old_nodes[i]);
      old_passed.mark(i);
    } else if (!old_nodes[i].is_comment()) {
      transform(edit, old_nodes[i].element(), new_nodes[pairs.of_old[i]].element(),
                ignore_attribute_order);
    }
  }
  xml::Node cursor = xml::Node(from).first_child();
  for (std::size_t i = 0; i < new_nodes.size(); ++i) {
    if (pairs.of_new[i] == kUnpaired) {
      edit.insert(from, new_nodes[i], cursor);
      new_passed.mark(i);
      continue;
    }
    const xml::Node node = old_nodes[pairs.of_new[i]];
    const std::size_t old_position = old_passed.position(pairs.of_new[i]);
    const std::size_t new_position = new_passed.position(i);
    if (old_position != new_position) {
      edit.mark_moved(node);
      old_position > new_position ? old_passed.mark(pairs.of_new[i]) : new_passed.mark(i);
    }
    if (node == cursor) {
      cursor = cursor.next();
    } else {
      edit.shift(node, cursor);
    }
  }
}

Result<std::string> diff(xml::Element from, xml::Element to, const PatchOptions& options) {
  // Any root is fine for crm_diff: the document is only held together here, not judged.
  auto work = Cib::wrap(xml::Document::copy_of(from));
  if (!work) return tl::unexpected(work.error());
  if (from.name() != to.name()) {
    return fail(ErrorKind::kInvalid, "documents with different root elements '" +
                                         std::string(from.name()) + "' and '" +
                                         std::string(to.name()) + "' can't be compared");
  }
  xml::Document target = xml::Document::copy_of(to);
  if (!xml::reduce_to_elements(target.root())) {
    return fail(ErrorKind::kInvalid, "names with XML namespaces are not allowed");
  }
  Edit edit(*work);
  if (!options.with_version) {
    for (const char* number : {"admin_epoch", "epoch", "num_updates"}) {
      if (const auto value = from.get(number)) target.root().set(number, *value);
      if (!from.has(number)) target.root().remove_attribute(number);
    }
  }
  transform(edit, work->root(), target.root(), options.ignore_attribute_order);
  return patch_of(edit, work->root(), options);
}

}  // namespace quorate::cib
