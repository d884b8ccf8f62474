#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// How types are described to the codec (codec.h).
namespace quorate::codec {

/// The fields of a struct, described once for writing and reading:
///
///   template <>
///   struct Form<Depose> {
///     static constexpr std::string_view kName = "depose";  // of the root element; messages only
///     static void describe(auto& archive, auto& m) {
///       archive("view", m.view);
///       archive("dc", m.dc);
///     }
///   };
///
/// The archive is a Writer or a Reader, `m` then a const or mutable struct.
/// Fields that become attributes come before those that become elements. What is empty, zero or
/// false isn't written, and what is absent reads as that; `archive("rc", m.rc, 193)` names another
/// value for absent. `bytes` is no name for a field.
template <class T>
struct Form;
template <class T>
concept Described = requires {
  sizeof(Form<T>);
};

/// The names of an enum's values, in their order, as `kNames`. Others are refused.
template <class E>
struct Names;
template <class E>
concept Named = requires {
  sizeof(Names<E>);
};

/// A value written as text: `write(value)` gives the text, `read(text)` an optional value; nothing
/// means the text is refused. Absent reads as the empty text.
template <class T>
struct TextForm;
template <class T>
concept Textual = requires {
  sizeof(TextForm<T>);
};

template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool>;

/// A number outside reads as the nearest one inside.
template <Number T>
struct Between {
  T least;
  T most;
};
template <Number T>
Between(T, T) -> Between<T>;

template <>
struct Form<std::pair<std::string, std::string>> {
  static void describe(auto& archive, auto& pair) {
    archive("name", pair.first);
    archive("value", pair.second);
  }
};

}  // namespace quorate::codec
