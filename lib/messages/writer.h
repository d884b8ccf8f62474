#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "messages/escape.h"
#include "messages/form.h"

namespace quorate::codec {

/// The archive that writes a message, into one growing string. What each member does with a field
/// is said at its counterpart in Reader.
class Writer {
 public:
  template <Described Message>
  static std::string write(const Message& message) {
    Writer writer;
    writer.begin(Form<Message>::kName);
    writer.put("protocol", std::uint64_t{1});
    Form<Message>::describe(writer, message);
    writer.end(Form<Message>::kName);
    return std::move(writer.text_);
  }

  void operator()(std::string_view name, const std::string& value) {
    if (!value.empty()) put(name, value);
  }
  void operator()(std::string_view name, const std::optional<std::string>& value) {
    if (value) put(name, *value);
  }
  template <std::same_as<bool> T>
  void operator()(std::string_view name, const T& value) {
    if (value) put(name, std::uint64_t{1});
  }
  template <Number T>
  void operator()(std::string_view name, const T& value, std::type_identity_t<T> absent = 0) {
    using Widest = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    if (value != absent) put(name, static_cast<Widest>(value));
  }
  template <Number T>
  void operator()(std::string_view name, const T& value, const Between<T>&) {
    (*this)(name, value);
  }
  template <Named E>
  void operator()(std::string_view name, const E& value) {
    put(name, Names<E>::kNames[static_cast<std::size_t>(value)]);
  }
  template <Textual T>
  void operator()(std::string_view name, const T& value) {
    const auto& text = TextForm<T>::write(value);
    if (!text.empty()) put(name, text);
  }
  template <class E>
  requires std::is_enum_v<E>
  void numbered(std::string_view name, const E& value, E /*last*/, E absent = E{}) {
    (*this)(name, static_cast<std::int64_t>(value), static_cast<std::int64_t>(absent));
  }
  void exact(std::string_view name, const std::string& value);
  template <Described T>
  void inlined(const T& value) {
    Form<T>::describe(*this, value);
  }

  void content(std::string_view name, const std::string& text);
  void raw(std::string_view name, std::string_view bytes);
  template <Described T>
  void operator()(std::string_view name, const T& value) {
    begin(name);
    Form<T>::describe(*this, value);
    end(name);
  }
  template <Described T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value) (*this)(name, *value);
  }
  template <Described T>
  void operator()(std::string_view name, const std::vector<T>& list) {
    for (const T& value : list) (*this)(name, value);
  }
  void operator()(std::string_view name, const std::vector<std::uint32_t>& numbers);
  void operator()(std::string_view name, const std::vector<std::string>& names);
  void operator()(std::string_view name, const std::map<std::string, std::string>& pairs);

  template <class T, class Change>
  void when_read(const T&, const Change&) {}
  void require(bool, std::string_view, std::string_view) {}

 private:
  Writer() { text_.reserve(512); }

  void begin(std::string_view element);
  void end(std::string_view element);
  void put(std::string_view name, std::string_view value, Bytes bytes = Bytes::kPrintable);
  void put(std::string_view name, std::int64_t value);
  void put(std::string_view name, std::uint64_t value);
  void start_field(std::string_view name);

  std::string text_;
  bool in_tag_ = false;  ///< the last start tag can take more fields
};

}  // namespace quorate::codec
