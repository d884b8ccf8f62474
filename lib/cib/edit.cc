#include "cib/edit.h"

#include <algorithm>

#include "cib/path.h"

namespace quorate::cib {

bool Edit::in_configuration(xml::Node node) const {
  const xml::Element root = cib_.root();
  xml::Element at = node.is_comment() ? node.parent() : node.element();
  for (; at; at = at.parent()) {
    if (at.name() == "configuration" && at.parent() == root) return true;
  }
  return false;
}

bool Edit::is_created(xml::Node node) const {
  if (created_.empty()) return false;
  if (created_.count(node.raw()) != 0) return true;
  for (xml::Element at = node.parent(); at; at = at.parent()) {
    if (created_.count(at.raw()) != 0) return true;
  }
  return false;
}

void Edit::remember_attributes(xml::Element element) {
  // What is created goes as a whole, and the first list undoes all later changes, too.
  if (is_created(element)) return;
  const auto [modified, is_first] = modified_.try_emplace(element.raw());
  if (!is_first) return;
  modified->second = {xml::attribute_list(element), in_configuration(element), steps_.size()};
  steps_.emplace_back(Attributes{element, {}});
}

void Edit::set(xml::Element element, std::string_view name, std::string_view value) {
  if (element.get(name) == value) return;
  remember_attributes(element);
  // `value` may be a view into what is replaced.
  const std::string name_copy(name);
  const std::string value_copy(value);
  if (name_copy == "id") cib_.index_.remove(element);
  element.set(name_copy, value_copy);
  if (name_copy == "id") cib_.index_.add(element);
}

void Edit::unset(xml::Element element, std::string_view name) {
  if (!element.has(name)) return;
  remember_attributes(element);
  if (name == "id") cib_.index_.remove(element);
  element.remove_attribute(name);
  if (name == "id") cib_.index_.add(element);
}

void Edit::set_all(xml::Element element, const xml::AttributeList& attributes) {
  if (xml::has_attributes(element, attributes)) return;
  remember_attributes(element);
  replace_attributes(element, attributes);
}

void Edit::replace_attributes(xml::Element element, const xml::AttributeList& attributes) {
  const bool same_id = element.get("id") == attributes.find("id");
  if (!same_id) cib_.index_.remove(element);
  xml::set_attribute_list(element, attributes);
  if (!same_id) cib_.index_.add(element);
}

xml::Node Edit::insert(xml::Element parent, xml::Node source, xml::Node before) {
  int depth = source.is_comment() ? 0 : xml::depth_of(source.element(), kMaxDepth + 1);
  for (xml::Element at = parent; at; at = at.parent()) ++depth;
  if (depth > kMaxDepth) {
    over_depth_ = true;
    return {};
  }
  const bool inside_created = is_created(parent);
  const xml::Node node = xml::attach(xml::copy_for(source, parent), parent, before);
  cib_.index_.add_subtree(node);
  if (!inside_created) created_.insert(node.raw());
  created_in_configuration_ = created_in_configuration_ || in_configuration(node);
  steps_.emplace_back(Inserted{node});
  return node;
}

xml::Element Edit::insert_new(xml::Element parent, std::string_view name) {
  const xml::Detached fresh = xml::new_element_for(name, parent);
  return insert(parent, fresh.node()).element();
}

void Edit::forget_subtree(xml::Node node) {
  const auto forget = [this](_xmlNode* raw) {
    created_.erase(raw);
    moved_.erase(raw);
    const auto modified = modified_.find(raw);
    if (modified == modified_.end()) return;
    std::get<Attributes>(steps_[modified->second.step]).before = std::move(modified->second.before);
    modified_.erase(modified);
  };
  if (created_.empty() && moved_.empty() && modified_.empty()) return;
  if (node.is_comment()) return forget(node.raw());
  std::vector<xml::Node> pending{node};
  while (!pending.empty()) {
    const xml::Node at = pending.back();
    pending.pop_back();
    forget(at.raw());
    for (xml::Node child = at.first_child(); child; child = child.next()) pending.push_back(child);
  }
}

void Edit::remove(xml::Node node) {
  if (!is_created(node)) {
    Deletion deletion;
    deletion.path = path_of(node);
    deletion.is_comment = node.is_comment();
    if (deletion.is_comment) deletion.position = node.ordinal();
    deletion.node = node;
    deletion.parent = node.parent();
    deletion.in_configuration = in_configuration(node);
    deletions_.push_back(std::move(deletion));
  }
  forget_subtree(node);
  cib_.index_.remove_subtree(node);
  const xml::Element parent = node.parent();
  const xml::Node before = node.next();
  steps_.emplace_back(Removed{xml::detach(node), parent, before});
}

void Edit::shift(xml::Node node, xml::Node before) {
  if (node == before || node.next() == before) return;
  const xml::Element parent = node.parent();
  steps_.emplace_back(Shifted{node, node.next()});
  xml::attach(xml::detach(node), parent, before);
}

void Edit::move(xml::Node node, xml::Node before) {
  shift(node, before);
  mark_moved(node);
}

void Edit::mark_moved(xml::Node node) {
  if (is_created(node)) return;
  moved_.insert(node.raw());
  moved_in_configuration_ = moved_in_configuration_ || in_configuration(node);
}

void Edit::force_changed(bool configuration) {
  forced_ = true;
  forced_configuration_ = forced_configuration_ || configuration;
}

bool Edit::changed() const {
  if (forced_ || !created_.empty() || !deletions_.empty() || !moved_.empty()) return true;
  return std::any_of(modified_.begin(), modified_.end(), [](const auto& entry) {
    return !xml::has_attributes(xml::Element(entry.first), entry.second.before);
  });
}

bool Edit::configuration_changed() const {
  if (forced_configuration_) return true;
  if (!created_.empty() && created_in_configuration_) return true;
  if (!moved_.empty() && moved_in_configuration_) return true;
  if (std::any_of(deletions_.begin(), deletions_.end(),
                  [](const Deletion& deletion) { return deletion.in_configuration; })) {
    return true;
  }
  return std::any_of(modified_.begin(), modified_.end(), [](const auto& entry) {
    return entry.second.in_configuration &&
           !xml::has_attributes(xml::Element(entry.first), entry.second.before);
  });
}

void Edit::commit() {
  steps_.clear();
  deletions_.clear();
  modified_.clear();
  created_.clear();
  moved_.clear();
}

void Edit::undo(Step& step) {
  if (auto* attributes = std::get_if<Attributes>(&step)) {
    const auto modified = modified_.find(attributes->element.raw());
    const bool has_it = modified != modified_.end() && modified->second.step + 1 == steps_.size();
    replace_attributes(attributes->element, has_it ? modified->second.before : attributes->before);
  } else if (auto* inserted = std::get_if<Inserted>(&step)) {
    cib_.index_.remove_subtree(inserted->node);
    xml::detach(inserted->node);
  } else if (auto* removed = std::get_if<Removed>(&step)) {
    const xml::Node node = xml::attach(std::move(removed->node), removed->parent, removed->before);
    cib_.index_.add_subtree(node);
  } else if (auto* shifted = std::get_if<Shifted>(&step)) {
    const xml::Element parent = shifted->node.parent();
    xml::attach(xml::detach(shifted->node), parent, shifted->before);
  }
}

void Edit::rollback() {
  while (!steps_.empty()) {
    undo(steps_.back());
    steps_.pop_back();
  }
  commit();
}

}  // namespace quorate::cib
