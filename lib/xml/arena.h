#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quorate::xml {

/// Memory of a document: taken piece by piece from larger blocks, reused by size when given back,
/// freed as a whole. A thread keeps some blocks for its next document.
class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Aligned like new. Not initialised.
  void* take(std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    if (size <= kMaxKept) {
      Free*& first = free_[size / kStep];
      if (first != nullptr) {
        void* found = first;
        first = first->next;
        return found;
      }
    }
    if (static_cast<std::size_t>(end_ - at_) < size) return take_from_new_block(size);
    char* found = at_;
    at_ += size;
    return found;
  }
  /// `bytes` as it was taken.
  void give_back(void* piece, std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    if (size > kMaxKept) return give_back_large(piece);
    auto* freed = static_cast<Free*>(piece);
    freed->next = free_[size / kStep];
    free_[size / kStep] = freed;
  }

 private:
  static constexpr std::size_t kStep = 16;
  /// Larger pieces are blocks of their own; under the address sanitizer all are, so that it sees
  /// what is used after it was freed.
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kMaxKept = 0;
#else
  static constexpr std::size_t kMaxKept = 512;
#endif
  struct Free {
    Free* next;
  };
  struct Block {
    Block* next;
    Block* previous;
    std::size_t size;
    std::size_t padding;
  };
  class Spare;

  static std::size_t rounded(std::size_t bytes) { return (bytes + kStep - 1) / kStep * kStep; }
  void* take_from_new_block(std::size_t size);
  void give_back_large(void* piece);

  char* at_ = nullptr;
  char* end_ = nullptr;
  Block* blocks_ = nullptr;
  std::array<Free*, kMaxKept / kStep + 1> free_{};
};

}  // namespace quorate::xml
