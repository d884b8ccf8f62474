#pragma once

#include <optional>
#include <string_view>

#include "base/text.h"
#include "model/resource.h"

namespace quorate::scheduler {

/// A node attribute as colocations see it on behalf of a resource (spec/04 §1.7).
class AttributeView {
 public:
  using Value = std::optional<std::string_view>;

  AttributeView(std::string_view name, const model::Resource* resource) : name_(name) {
    if (resource == nullptr) return;
    target_ = resource->meta.get("container-attribute-target");
    if (const model::Resource* bundle = model::bundle_of(*resource)) {
      is_inner_ = &model::top_of(*resource) == bundle->bundle->inner_clone;
    }
  }

  Value of(const model::Node& node) const {
    const Value target = is_inner_ && node.is_bundle() ? Value("host") : target_;
    return model::node_attribute(node, name_, target, model::When::kPlanned);
  }

  /// Does it say which node it is, for nodes that know their name?
  bool is_node_name() const { return name_ == "#uname" && !target_ && !is_inner_; }

 private:
  std::string_view name_;
  Value target_;
  bool is_inner_ = false;
};

/// Remote and guest nodes nothing was read about lack even their name (spec/03 §4.5).
inline bool knows_its_name(const model::Node& node) { return node.attributes.has("#uname"); }

/// Both missing, or equal ignoring case.
inline bool same_value(const AttributeView::Value& a, const AttributeView::Value& b) {
  if (!a || !b) return !a && !b;
  return iequals(*a, *b);
}

}  // namespace quorate::scheduler
