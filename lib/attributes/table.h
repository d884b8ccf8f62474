#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "messages/attributes.h"

namespace quorate::attributes {

/// One node's value of an attribute. `value` without content: the entry is known, but unset.
struct NodeValue {
  std::string node;  ///< as first written
  std::string id;    ///< of its node_state; empty if unknown
  bool remote = false;
  std::optional<std::string> value;
};

/// An attribute: what was fixed at its creation, and its values by node name in lower case.
struct Attribute {
  AttributeTraits traits;
  std::map<std::string, NodeValue> values;
};

/// What applying a change did to one attribute.
struct Touched {
  std::string name;
  bool created = false;
  bool value_changed = false;
  bool dampening_changed = false;
};

/// All attributes of all nodes, as each attribute manager holds them (spec/10 §2, §3). Changes are
/// applied in the agreed order, so equal tables stay equal.
class Table {
 public:
  /// Applies a change: increments are computed from the values here, values that differ only in
  /// letter case stay. `log` gets a line for each value that changed, `from` names the sender.
  std::vector<Touched> apply(const AttributeChange& change, std::string_view from,
                             std::vector<LogRecord>& log);
  /// Forgets a node's values, private ones too. Names of those that had one.
  std::vector<std::string> purge(std::string_view node);

  /// Takes over a peer's part of a merged state: an attribute known keeps its traits, a value known
  /// stays.
  void merge(const AttributeSync& sync);
  /// Values of the nodes that `wanted` accepts, in pieces of bounded size; at least one piece.
  template <class Wanted>
  std::vector<AttributeSync> pieces(bool all_attributes, const Wanted& wanted) const;

  /// Sets the id of a node where it was unknown. Names of attributes with a value of that node.
  std::vector<std::string> learn_id(std::string_view node, std::string_view id);

  const Attribute* find(std::string_view name) const;
  const std::map<std::string, Attribute, std::less<>>& attributes() const { return attributes_; }
  /// Known names that match a POSIX extended regular expression; kInvalid if it is none.
  Result<std::vector<std::string>> matching(const std::string& pattern) const;
  /// Whether the node has any value that isn't private.
  bool has_public_values(std::string_view node) const;

 private:
  Touched apply_part(const AttributeChange& change, const AttributeChange::Part& part,
                     std::string_view from, std::vector<LogRecord>& log);
  bool set_value(const std::string& name, Attribute& attribute, NodeValue& entry,
                 const std::optional<std::string>& value, std::string_view from,
                 std::vector<LogRecord>& log);

  std::map<std::string, Attribute, std::less<>> attributes_;
};

template <class Wanted>
std::vector<AttributeSync> Table::pieces(bool all_attributes, const Wanted& wanted) const {
  constexpr std::size_t kPieceBytes = 32 * 1024;
  std::vector<AttributeSync> result(1);
  std::size_t bytes = 0;
  for (const auto& [name, attribute] : attributes_) {
    if (bytes > kPieceBytes) {
      result.emplace_back();
      bytes = 0;
    }
    bool named = false;
    const auto name_attribute = [&] {
      if (!named) result.back().attributes.emplace_back(name, attribute.traits);
      named = true;
      bytes += 100 + name.size();
    };
    if (all_attributes) name_attribute();
    for (const auto& [key, entry] : attribute.values) {
      if (!wanted(key)) continue;
      name_attribute();
      result.back().values.push_back({name, entry.node, entry.id, entry.remote, entry.value});
      bytes += 100 + entry.node.size() + (entry.value ? entry.value->size() : 0);
    }
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].part = static_cast<std::uint32_t>(i);
    result[i].last = i + 1 == result.size();
  }
  return result;
}

}  // namespace quorate::attributes
