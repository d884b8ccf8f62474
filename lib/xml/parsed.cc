#include "xml/parsed.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace quorate::xml {
namespace {

constexpr std::size_t kTexts = 4;
constexpr std::size_t kMaxBytes = std::size_t{64} << 10;

/// Tells texts apart quickly; that they are equal is seen by comparing them.
std::uint64_t hash_of(std::string_view text) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = text.size() * kFactor;
  const auto mix = [&](std::size_t at, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, count);
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 29;
  };
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    mix(at, sizeof(std::uint64_t));
  }
  if (at < text.size()) mix(at, text.size() - at);
  return hash;
}

}  // namespace

/// The texts a thread parsed last, the oldest replaced first.
class Parsed::Memory {
 public:
  static Memory& of_thread() {
    thread_local Memory memory;
    return memory;
  }

  void resize(std::size_t texts, std::size_t max_bytes) {
    size_ = texts;
    max_bytes_ = max_bytes;
    entries_.clear();
    next_ = 0;
  }
  bool keeps(std::string_view text) const { return size_ > 0 && text.size() <= max_bytes_; }
  const Parsed* find(std::uint64_t hash, std::string_view text, Ready ready) const {
    for (const Entry& entry : entries_) {
      if (entry.hash == hash && entry.ready == ready && entry.text == text) return &entry.parsed;
    }
    return nullptr;
  }
  void add(std::uint64_t hash, std::string_view text, Ready ready, const Parsed& parsed) {
    Entry fresh{hash, ready, std::string(text), parsed};
    if (entries_.size() < size_) {
      entries_.push_back(std::move(fresh));
    } else {
      entries_[next_] = std::move(fresh);
      next_ = (next_ + 1) % size_;
    }
  }

 private:
  struct Entry {
    std::uint64_t hash;
    Ready ready;
    std::string text;
    Parsed parsed;
  };
  std::size_t size_ = kTexts;
  std::size_t max_bytes_ = kMaxBytes;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

Result<Parsed> Parsed::from(std::string_view text, std::string_view source, Ready ready,
                            std::string_view refusal) {
  Memory& memory = Memory::of_thread();
  const bool kept = memory.keeps(text);
  const std::uint64_t hash = kept ? hash_of(text) : 0;
  if (kept) {
    if (const Parsed* known = memory.find(hash, text, ready)) return *known;
  }
  auto document = Document::parse(text, source);
  if (!document) return tl::unexpected(std::move(document.error()));
  if (ready != nullptr && !ready(document->root())) {
    return fail(ErrorKind::kInvalid, std::string(refusal));
  }
  Parsed parsed(std::make_shared<const Document>(std::move(*document)));
  if (kept) memory.add(hash, text, ready, parsed);
  return parsed;
}

void Parsed::remember(std::size_t texts, std::size_t max_bytes) {
  Memory::of_thread().resize(texts, max_bytes);
}

}  // namespace quorate::xml
