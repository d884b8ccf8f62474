#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Any message out of a list of choices, and messages compared member by member, both by the
/// members that the structs have and not by what the codec is told of them: a member that isn't
/// described there doesn't come back.
namespace quorate::test {

// ---- The members of a struct ----

struct AnyMember {
  template <class T>
  operator T() const;
};

/// How many members a struct without constructors has. What is optional takes a nullopt only.
template <class T, class... Members>
constexpr std::size_t count_members() {
  if constexpr (requires { T{std::declval<Members>()..., AnyMember{}}; }) {
    return count_members<T, Members..., AnyMember>();
  } else if constexpr (requires { T{std::declval<Members>()..., std::nullopt}; }) {
    return count_members<T, Members..., std::nullopt_t>();
  } else {
    return sizeof...(Members);
  }
}

/// References to the members of a struct with at most 22 of them, in their order.
template <class T>
auto members(T& value) {
  constexpr std::size_t kCount = count_members<std::remove_const_t<T>>();
  static_assert(kCount <= 22);
  if constexpr (kCount == 0) {
    return std::tie();
  } else if constexpr (kCount == 1) {
    auto& [m1] = value;
    return std::tie(m1);
  } else if constexpr (kCount == 2) {
    auto& [m1, m2] = value;
    return std::tie(m1, m2);
  } else if constexpr (kCount == 3) {
    auto& [m1, m2, m3] = value;
    return std::tie(m1, m2, m3);
  } else if constexpr (kCount == 4) {
    auto& [m1, m2, m3, m4] = value;
    return std::tie(m1, m2, m3, m4);
  } else if constexpr (kCount == 5) {
    auto& [m1, m2, m3, m4, m5] = value;
    return std::tie(m1, m2, m3, m4, m5);
  } else if constexpr (kCount == 6) {
    auto& [m1, m2, m3, m4, m5, m6] = value;
    return std::tie(m1, m2, m3, m4, m5, m6);
  } else if constexpr (kCount == 7) {
    auto& [m1, m2, m3, m4, m5, m6, m7] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7);
  } else if constexpr (kCount == 8) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8);
  } else if constexpr (kCount == 9) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9);
  } else if constexpr (kCount == 10) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10);
  } else if constexpr (kCount == 11) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11);
  } else if constexpr (kCount == 12) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12);
  } else if constexpr (kCount == 13) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13);
  } else if constexpr (kCount == 14) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14);
  } else if constexpr (kCount == 15) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15);
  } else if constexpr (kCount == 16) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16);
  } else if constexpr (kCount == 17) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17);
  } else if constexpr (kCount == 18) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17,
                    m18);
  } else if constexpr (kCount == 19) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19] =
        value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18,
                    m19);
  } else if constexpr (kCount == 20) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
           m20] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18,
                    m19, m20);
  } else if constexpr (kCount == 21) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
           m20, m21] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18,
                    m19, m20, m21);
  } else if constexpr (kCount == 22) {
    auto& [m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19,
           m20, m21, m22] = value;
    return std::tie(m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18,
                    m19, m20, m21, m22);
  }
}

// ---- Kinds of members ----

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <class A, class B>
struct IsPair<std::pair<A, B>> : std::true_type {};

using Parameters = std::map<std::string, std::string>;

template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string> ||
    std::is_same_v<T, Parameters>;

template <class T>
bool equal(const T& a, const T& b) {
  if constexpr (Plain<T>) {
    return a == b;
  } else if constexpr (IsOptional<T>::value) {
    return a.has_value() == b.has_value() && (!a || equal(*a, *b));
  } else if constexpr (IsPair<T>::value) {
    return equal(a.first, b.first) && equal(a.second, b.second);
  } else if constexpr (IsList<T>::value) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!equal(a[i], b[i])) return false;
    }
    return true;
  } else {
    const auto left = members(a);
    const auto right = members(b);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (equal(std::get<I>(left), std::get<I>(right)) && ...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(left)>>{});
  }
}

/// The last value of an enum; the first is 0.
template <class E>
constexpr E kLast = E{};

/// Decides what a message looks like. Without choices left it is empty, so fewer choices make
/// smaller messages.
class Choices {
 public:
  explicit Choices(std::vector<std::uint8_t> choices) : choices_(std::move(choices)) {}

  std::uint64_t below(std::uint64_t limit) {
    if (next_ == choices_.size()) return 0;
    return choices_[next_++] % limit;
  }

  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = below(2) == 1;
    } else if constexpr (std::is_arithmetic_v<T>) {
      fill_number(value);
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(below(static_cast<std::uint64_t>(kLast<T>) + 1));
    } else if constexpr (std::is_same_v<T, std::string>) {
      fill_text(value);
    } else if constexpr (std::is_same_v<T, Parameters>) {
      std::vector<std::pair<std::string, std::string>> pairs;
      fill(pairs);
      value = Parameters(pairs.begin(), pairs.end());
    } else if constexpr (IsOptional<T>::value) {
      if (below(2) == 1) fill(value.emplace());
    } else if constexpr (IsPair<T>::value) {
      fill(value.first);
      fill(value.second);
    } else if constexpr (IsList<T>::value) {
      value.resize(below(4));
      for (auto& entry : value) fill(entry);
    } else {
      std::apply([&](auto&... member) { (fill(member), ...); }, members(value));
    }
  }

 private:
  /// Within the bounds that any field has.
  template <class T>
  void fill_number(T& value) {
    constexpr std::uint64_t kMost[] = {0, 1, 2, 100, 65'535, 4'294'967};
    value = static_cast<T>(kMost[below(6)]);
    if constexpr (std::is_unsigned_v<T>) {
      if (below(8) == 7) value = static_cast<T>(-1);
    } else if constexpr (sizeof(T) == 4) {
      if (below(8) == 7) value = -2;
    }
  }

  void fill_text(std::string& value) {
    constexpr std::string_view kPieces[] = {"a",      "web-server", " ",      "<",     ">",
                                            "&",      "\"",         "'",      "&amp;", "\n",
                                            "\t",     "\r",         "]]>",    "</x>",  "\u00e4",
                                            "\u20ac", "\U0001F600", "bytes=", "/>",    "<!--",
                                            "=",      "%s",         "1",      "-1",    "true"};
    for (std::uint64_t pieces = below(5); pieces > 0; --pieces) {
      value += kPieces[below(std::size(kPieces))];
    }
  }

  std::vector<std::uint8_t> choices_;
  std::size_t next_ = 0;
};

}  // namespace quorate::test
