#include "xml/arena.h"

#include <cstdlib>
#include <new>

namespace quorate::xml {
namespace {

constexpr std::size_t kBlock = std::size_t{32} << 10;

}  // namespace

/// The blocks a thread keeps.
class Arena::Spare {
 public:
  Spare() = default;
  ~Spare() {
    gone_ = true;
    while (Block* block = first_) {
      first_ = block->next;
      std::free(block);
    }
  }
  Spare(const Spare&) = delete;
  Spare& operator=(const Spare&) = delete;

  Block* take() {
    Block* block = first_;
    if (block == nullptr) return nullptr;
    first_ = block->next;
    --count_;
    return block;
  }
  void give_back(Block* block) {
    constexpr std::size_t kMax = 128;
    if (block->size != kBlock || count_ == kMax || gone_) return std::free(block);
    block->next = first_;
    first_ = block;
    ++count_;
  }

  static Spare& of_thread() {
    thread_local Spare spare;
    return spare;
  }

 private:
  Block* first_ = nullptr;
  std::size_t count_ = 0;
  bool gone_ = false;
};

Arena::~Arena() {
  if (blocks_ == nullptr) return;
  Spare& spare = Spare::of_thread();
  while (Block* block = blocks_) {
    blocks_ = block->next;
    spare.give_back(block);
  }
}

void* Arena::take_from_new_block(std::size_t size) {
  static_assert(sizeof(Block) % kStep == 0);
  const bool large = size > kMaxKept;
  Block* block = large ? nullptr : Spare::of_thread().take();
  if (block == nullptr) {
    const std::size_t whole = large ? sizeof(Block) + size : kBlock;
    block = static_cast<Block*>(std::malloc(whole));
    if (block == nullptr) throw std::bad_alloc();
    block->size = large ? 0 : whole;
  }
  block->previous = nullptr;
  block->next = blocks_;
  if (blocks_ != nullptr) blocks_->previous = block;
  blocks_ = block;
  char* content = reinterpret_cast<char*>(block + 1);
  if (large) return content;
  at_ = content + size;
  end_ = reinterpret_cast<char*>(block) + kBlock;
  return content;
}

void Arena::give_back_large(void* piece) {
  Block* block = static_cast<Block*>(piece) - 1;
  (block->previous == nullptr ? blocks_ : block->previous->next) = block->next;
  if (block->next != nullptr) block->next->previous = block->previous;
  std::free(block);
}

}  // namespace quorate::xml
