#pragma once

#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "messages/escape.h"
#include "messages/form.h"
#include "messages/markup.h"

namespace quorate::codec {

/// The archive that reads a message. Fields it doesn't find get their value for absent; unknown
/// ones are ignored, so that fields can be added. The first thing that is refused is kept.
class Reader {
 public:
  template <Described Message>
  static Result<Message> read(const Markup& markup) {
    std::optional<Error> refusal;
    Reader reader(markup, 0, refusal);
    Message message;
    Form<Message>::describe(reader, message);
    if (refusal) return tl::unexpected<Error>(std::move(*refusal));
    return message;
  }

  // ---- Attributes: archive("name", member) ----

  /// Text; printable (escape.h).
  void operator()(std::string_view name, std::string& value) { text(name, value); }
  /// Text that can be absent, which isn't the same as empty.
  void operator()(std::string_view name, std::optional<std::string>& value);
  /// A flag: `1` or `true`.
  template <std::same_as<bool> T>
  void operator()(std::string_view name, T& value) {
    value = flag(name);
  }
  /// A number; `absent` if it isn't readable or its type can't hold it.
  template <Number T>
  void operator()(std::string_view name, T& value, std::type_identity_t<T> absent = 0) {
    const auto read = number<T>(name);
    value = read && !read->clipped ? read->value : absent;
  }
  /// A number that is kept between two others; absent and unreadable is 0.
  template <Number T>
  void operator()(std::string_view name, T& value, const Between<T>& bounds) {
    const auto read = number<T>(name);
    value = std::clamp(read ? read->value : T{0}, bounds.least, bounds.most);
  }
  /// An enum by the names of its values; refused if it is none of them.
  template <Named E>
  void operator()(std::string_view name, E& value) {
    value =
        static_cast<E>(index_of(name, std::data(Names<E>::kNames), std::size(Names<E>::kNames)));
  }
  /// A value with a text form; refused if that doesn't know it.
  template <Textual T>
  void operator()(std::string_view name, T& value) {
    std::string written;
    text(name, written);
    if (auto read = TextForm<T>::read(written)) {
      value = std::move(*read);
    } else {
      refuse(ErrorKind::kUnsupported, name, "'" + written + "', which is unknown");
    }
  }
  /// An enum by number, up to `last`, which is also read for higher ones.
  template <class E>
  requires std::is_enum_v<E>
  void numbered(std::string_view name, E& value, E last, E absent = E{}) {
    const auto read = number<std::uint32_t>(name);
    value = !read || read->negative                          ? absent
            : read->value < static_cast<std::uint32_t>(last) ? static_cast<E>(read->value)
                                                             : last;
  }
  /// Text with any byte in it.
  void exact(std::string_view name, std::string& value) { text(name, value, Bytes::kExact); }
  /// Numbers, separated by blanks; unreadable ones are left out.
  void operator()(std::string_view name, std::vector<std::uint32_t>& numbers);
  /// The fields of a struct as fields of this element.
  template <Described T>
  void inlined(T& value) {
    Form<T>::describe(*this, value);
  }

  // ---- Elements ----

  /// Long text as the content of an element.
  void content(std::string_view name, std::string& text);
  /// Bytes of any kind (a document, a patch, a graph), carried as they are; a view is one of the
  /// message's text.
  void raw(std::string_view name, std::string_view& bytes) const;
  void raw(std::string_view name, std::string& bytes) const;
  /// A struct; refused if absent.
  template <Described T>
  void operator()(std::string_view name, T& value) {
    const std::uint32_t child = next_child(name, element_ + 1);
    if (child == kNone) {
      refuse(ErrorKind::kInvalid, name, "missing");
    } else {
      into(child, value);
    }
  }
  template <Described T>
  void operator()(std::string_view name, std::optional<T>& value) {
    const std::uint32_t child = next_child(name, element_ + 1);
    if (child != kNone) into(child, value.emplace());
  }
  /// A struct per element of this name.
  template <Described T>
  void operator()(std::string_view name, std::vector<T>& list) {
    for (std::uint32_t child = next_child(name, element_ + 1); child != kNone;
         child = next_child(name, end_of(child))) {
      into(child, list.emplace_back());
    }
  }
  /// A text per element of this name, as its field `name`.
  void operator()(std::string_view name, std::vector<std::string>& names);
  /// A pair per element of this name, as its fields `name` and `value`; the last of a name counts.
  void operator()(std::string_view name, std::map<std::string, std::string>& pairs);

  // ---- Neither ----

  /// Changes what has been read into `value`: for bounds that no other member here knows.
  template <class T, class Change>
  void when_read(T& value, const Change& change) {
    change(value);
  }
  /// Refuses the message unless `good`: the field `name` is `what` ("0; from 1 are allowed").
  void require(bool good, std::string_view name, std::string_view what) {
    if (!good) refuse(ErrorKind::kInvalid, name, std::string(what));
  }

 private:
  static constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);

  template <class T>
  struct Parsed {
    T value;       ///< the nearest one its type can hold
    bool clipped;  ///< not what is written
    bool negative;
  };

  Reader(const Markup& markup, std::uint32_t element, std::optional<Error>& refusal)
      : markup_(markup), element_(element), refusal_(refusal) {}

  template <class T>
  void into(std::uint32_t child, T& value) {
    Reader reader(markup_, child, refusal_);
    Form<T>::describe(reader, value);
  }

  /// The field as written; null view if absent.
  std::string_view find(std::string_view name);
  void text(std::string_view name, std::string& value, Bytes bytes = Bytes::kPrintable);
  bool flag(std::string_view name);
  struct Digits {
    std::uint64_t magnitude;
    bool negative;
  };
  std::optional<Digits> digits(std::string_view name);
  template <Number T>
  std::optional<Parsed<T>> number(std::string_view name) {
    const std::optional<Digits> read = digits(name);
    if (!read) return std::nullopt;
    using Limits = std::numeric_limits<T>;
    if (!read->negative) {
      if (read->magnitude > static_cast<std::uint64_t>(Limits::max())) {
        return Parsed<T>{Limits::max(), true, false};
      }
      return Parsed<T>{static_cast<T>(read->magnitude), false, false};
    }
    // -least() as unsigned, without overflow; 0 for unsigned types.
    const std::uint64_t most = std::uint64_t{0} - static_cast<std::uint64_t>(Limits::min());
    if (read->magnitude > most) return Parsed<T>{Limits::min(), true, true};
    return Parsed<T>{static_cast<T>(std::uint64_t{0} - read->magnitude), false,
                     read->magnitude > 0};
  }
  std::size_t index_of(std::string_view name, const std::string_view* names, std::size_t count);

  std::uint32_t end_of(std::uint32_t element) const { return markup_.elements[element].end; }
  /// The first child named so at `from` or behind it; kNone if there is none.
  std::uint32_t next_child(std::string_view name, std::uint32_t from) const;
  void refuse(ErrorKind kind, std::string_view name, const std::string& what);

  const Markup& markup_;
  std::uint32_t element_;
  std::uint32_t cursor_ = 0;  ///< where the next field is likely to be
  std::optional<Error>& refusal_;
};

}  // namespace quorate::codec
