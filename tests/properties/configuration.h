#pragma once

#include <string>
#include <vector>

#include "dice.h"
#include "shape.h"
#include "xml/document.h"

namespace quorate::properties {

/// What constraints and events can refer to.
struct Names {
  std::vector<std::string> nodes;      ///< cluster nodes
  std::vector<std::string> resources;  ///< top-level ones, also clones and bundles
  std::vector<std::string> leaves;     ///< primitives wherever they are
  std::vector<std::string> promotable;
  std::vector<std::string> tickets;
};

/// Writes the configuration of a random cluster, valid for the newest schema, in parts.
class ConfigurationWriter {
 public:
  explicit ConfigurationWriter(const Shape& shape);
  /// The whole CIB, nothing in its status.
  xml::Document write();
  const Names& names() const { return names_; }

 private:
  // configuration.cc
  void write_options(xml::Element configuration);
  void write_nodes(xml::Element nodes);
  void write_defaults(xml::Element configuration);
  // resources.cc
  void write_resources(xml::Element resources);
  void write_fencing(xml::Element resources);
  void write_template(xml::Element resources, int index);
  xml::Element write_primitive(xml::Element parent, const std::string& id, Dice& dice,
                               bool may_be_promoted);
  void write_operations(xml::Element primitive, const std::string& id, Dice& dice,
                        bool may_be_promoted);
  void write_primitive_meta(xml::Element primitive, const std::string& id, Dice& dice);
  void write_common_meta(xml::Element meta, Dice& dice);
  void write_remote(xml::Element resources, int index);
  void write_group(xml::Element parent, const std::string& id, Dice& dice, bool may_be_promoted);
  void write_clone(xml::Element resources, int index);
  void write_bundle(xml::Element resources, int index);
  // constraints.cc
  void write_location(xml::Element constraints, int index);
  void write_rule(xml::Element location, const std::string& id, Dice& dice);
  void write_colocation(xml::Element constraints, int index);
  void write_order(xml::Element constraints, int index);
  void write_ticket(xml::Element constraints, int index);
  void write_set(xml::Element constraint, const std::string& id, Dice& dice,
                 const std::vector<std::string>& members, bool is_order);
  std::string any_resource(Dice& dice) const;
  std::vector<std::string> some_resources(Dice& dice, std::size_t most) const;

  Shape shape_;
  Names names_;
};

/// `parent` gets `<nvpair id= name= value=/>`, its id made from the parent's.
void add_pair(xml::Element set, std::string_view name, std::string_view value);

}  // namespace quorate::properties
