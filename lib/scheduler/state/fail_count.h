#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/score.h"
#include "model/node.h"

namespace quorate::scheduler {

/// The fail-count and last-failure attributes of one node, by resource (spec/03 §15.1).
class FailCountIndex {
 public:
  struct Record {
    std::string_view name;       ///< between prefix and #
    std::string_view attribute;  ///< the whole name
    std::string_view value;
    bool is_count = false;  ///< else last-failure
  };
  explicit FailCountIndex(const model::Node& node);

  bool empty() const { return records_.empty(); }
  /// Records of a name; of an anonymous instance's base name also those with `:digits`.
  std::vector<const Record*> find(std::string_view name, bool unique) const;

 private:
  std::vector<Record> records_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_name_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_base_name_;
};

}  // namespace quorate::scheduler
