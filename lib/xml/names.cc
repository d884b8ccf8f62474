#include "xml/names.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace quorate::xml {
namespace {

std::uint64_t load(const char* from, std::size_t count) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, count);
  return value;
}

}  // namespace

Names& Names::of_thread() {
  thread_local Names names;
  return names;
}

Names::~Names() {
  if (dictionary_ != nullptr) xmlDictFree(dictionary_);
}

xmlDict* Names::dictionary() {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  constexpr std::size_t kLookEvery = 4096;
  if (dictionary_ != nullptr && misses_ > kLookEvery) {
    misses_ = 0;
    if (xmlDictGetUsage(dictionary_) > kMaxBytes) {
      xmlDictFree(dictionary_);
      dictionary_ = nullptr;
    }
  }
  if (dictionary_ == nullptr) {
    dictionary_ = xmlDictCreate();
    // A dictionary that is gone may have been where this one is.
    lately_ = {};
  }
  xmlDictReference(dictionary_);
  return dictionary_;
}

/// Cheap rather than good: a miss costs a look into the dictionary.
std::size_t Names::hash_of(std::string_view name) {
  const std::size_t some = std::min<std::size_t>(name.size(), 8);
  const std::uint64_t head = load(name.data(), some);
  const std::uint64_t tail = load(name.data() + name.size() - some, some);
  const std::uint64_t mixed = (head ^ (tail << 7) ^ name.size()) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(mixed >> 48);
}

bool Names::matches(const Known& known, std::string_view name) {
  return std::memcmp(known.name, name.data(), name.size()) == 0;
}

const xmlChar* Names::look_up(Known& known, xmlDict* dictionary, std::string_view name) {
  ++misses_;
  const xmlChar* found = xmlDictLookup(dictionary, reinterpret_cast<const xmlChar*>(name.data()),
                                       static_cast<int>(name.size()));
  // Only names of the present one: another may be gone before they are asked for again.
  if (dictionary == dictionary_) known = {found, name.size(), dictionary};
  return found;
}

}  // namespace quorate::xml
