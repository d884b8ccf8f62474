#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "cib/document.h"

namespace quorate::cib {

/// A change of a CIB in the making: applied in place, with what is needed to undo it and to say
/// what changed. Unless commit() is called the destructor restores the document exactly, byte for
/// byte. Cost: proportional to what is touched, not to the document. The Cib must outlive it.
class Edit {
 public:
  explicit Edit(Cib& cib) : cib_(cib) {}
  ~Edit() { rollback(); }
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;

  Cib& cib() { return cib_; }

  void set(xml::Element element, std::string_view name, std::string_view value);
  void unset(xml::Element element, std::string_view name);
  /// Replaces all attributes by these, in this order.
  void set_all(xml::Element element, const xml::AttributeList& attributes);
  /// Inserts a deep copy of `source` before `before`, or last. Null, and nothing done, if the
  /// document would become deeper than kMaxDepth.
  xml::Node insert(xml::Element parent, xml::Node source, xml::Node before = {});
  xml::Element insert_new(xml::Element parent, std::string_view name);
  void remove(xml::Node node);
  /// Puts a node elsewhere among its siblings and reports it as moved.
  void move(xml::Node node, xml::Node before);
  /// As move() without reporting it: on the way to an order reached in several steps.
  void shift(xml::Node node, xml::Node before);
  /// Reports a node as moved (spec/08 §10.3 decides that apart from what is shifted).
  void mark_moved(xml::Node node);
  /// Counts as a change even if nothing differs (spec/08 §3.1, replace).
  void force_changed(bool configuration);

  bool changed() const;
  bool configuration_changed() const;
  bool over_depth() const { return over_depth_; }

  /// Keeps the change; nothing can be undone any more.
  void commit();
  void rollback();

  // What happened, for patches and access control.

  struct Deletion {
    std::string path;  ///< at the time of deletion
    bool is_comment = false;
    std::size_t position = 0;  ///< of a comment
    xml::Node node;
    xml::Element parent;  ///< it was removed from; may itself have been removed later
    bool in_configuration = false;
  };
  struct Modification {
    xml::AttributeList before;
    bool in_configuration = false;
    std::size_t step = 0;  ///< that it would be undone by
  };
  const std::vector<Deletion>& deletions() const { return deletions_; }
  /// Elements that existed before and had attributes set or unset; before may equal now.
  const std::unordered_map<_xmlNode*, Modification>& modifications() const { return modified_; }
  /// Roots of created subtrees.
  const std::unordered_set<_xmlNode*>& creations() const { return created_; }
  const std::unordered_set<_xmlNode*>& moves() const { return moved_; }
  bool is_created(xml::Node node) const;  ///< itself or inside something created

 private:
  struct Attributes {
    xml::Element element;
    xml::AttributeList before;  ///< once the Modification that had it is forgotten
  };
  struct Inserted {
    xml::Node node;
  };
  struct Removed {
    xml::Detached node;
    xml::Element parent;
    xml::Node before;
  };
  struct Shifted {
    xml::Node node;
    xml::Node before;
  };
  using Step = std::variant<Attributes, Inserted, Removed, Shifted>;

  bool in_configuration(xml::Node node) const;
  void remember_attributes(xml::Element element);
  void replace_attributes(xml::Element element, const xml::AttributeList& attributes);
  void undo(Step& step);
  void forget_subtree(xml::Node node);

  Cib& cib_;
  std::deque<Step> steps_;
  std::vector<Deletion> deletions_;
  std::unordered_map<_xmlNode*, Modification> modified_;
  std::unordered_set<_xmlNode*> created_;
  std::unordered_set<_xmlNode*> moved_;
  bool created_in_configuration_ = false;
  bool moved_in_configuration_ = false;
  bool forced_ = false;
  bool forced_configuration_ = false;
  bool over_depth_ = false;
};

}  // namespace quorate::cib
