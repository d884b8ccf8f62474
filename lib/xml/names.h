#pragma once

#include <libxml/tree.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace quorate::xml {

/// A thread's names of elements and attributes: a dictionary, and in front of it those used lately.
class Names {
 public:
  static Names& of_thread();

  Names() = default;
  ~Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// The dictionary for a new document, with a reference for it. Replaced when the names in it take
  /// too much memory.
  xmlDict* dictionary();
  /// The name in this dictionary.
  const xmlChar* find(xmlDict* dictionary, std::string_view name) {
    Known& known = lately_[hash_of(name) % lately_.size()];
    if (known.size == name.size() && known.dictionary == dictionary && matches(known, name)) {
      return known.name;
    }
    return look_up(known, dictionary, name);
  }

 private:
  struct Known {
    const xmlChar* name = nullptr;
    std::size_t size = 0;
    xmlDict* dictionary = nullptr;
  };
  static std::size_t hash_of(std::string_view name);
  static bool matches(const Known& known, std::string_view name);
  const xmlChar* look_up(Known& known, xmlDict* dictionary, std::string_view name);

  xmlDict* dictionary_ = nullptr;
  std::size_t misses_ = 0;
  std::array<Known, 1024> lately_{};
};

}  // namespace quorate::xml
