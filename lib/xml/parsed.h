#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "xml/document.h"

namespace quorate::xml {

/// A document parsed to be read only. The same text often comes to be read again at once: by the
/// trial of a request and its application, by all who judge a patch, in the simulator by every
/// receiver of a message. So a thread remembers the last few and parses them once.
class Parsed {
 public:
  /// As Document::parse. `ready`, if given, finishes what was parsed before anyone reads it; false
  /// refuses it with kInvalid and `refusal`.
  using Ready = bool (*)(Element root);
  static Result<Parsed> from(std::string_view text, std::string_view source, Ready ready = nullptr,
                             std::string_view refusal = {});
  /// How many texts this thread remembers (0: none), and how long they may be.
  static void remember(std::size_t texts, std::size_t max_bytes);

  /// Not to be changed.
  Element root() const { return document_->root(); }

 private:
  class Memory;
  explicit Parsed(std::shared_ptr<const Document> document) : document_(std::move(document)) {}

  std::shared_ptr<const Document> document_;
};

}  // namespace quorate::xml
