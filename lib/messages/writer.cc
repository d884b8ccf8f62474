#include "messages/writer.h"

#include <array>
#include <cassert>
#include <charconv>

namespace quorate::codec {
namespace {

template <class T>
void append_number(std::string& out, T value) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

}  // namespace

void Writer::begin(std::string_view element) {
  if (in_tag_) text_ += '>';
  text_ += '<';
  text_ += element;
  in_tag_ = true;
}

void Writer::end(std::string_view element) {
  if (in_tag_) {
    text_ += "/>";
  } else {
    text_ += "</";
    text_ += element;
    text_ += '>';
  }
  in_tag_ = false;
}

void Writer::start_field(std::string_view name) {
  assert(in_tag_ && "fields that become attributes are described first");
  text_ += ' ';
  text_ += name;
  text_ += "=\"";
}

void Writer::put(std::string_view name, std::string_view value, Bytes bytes) {
  start_field(name);
  append_escaped(text_, value, Place::kField, bytes);
  text_ += '"';
}

void Writer::put(std::string_view name, std::int64_t value) {
  start_field(name);
  append_number(text_, value);
  text_ += '"';
}

void Writer::put(std::string_view name, std::uint64_t value) {
  start_field(name);
  append_number(text_, value);
  text_ += '"';
}

void Writer::exact(std::string_view name, const std::string& value) {
  if (!value.empty()) put(name, value, Bytes::kExact);
}

void Writer::content(std::string_view name, const std::string& text) {
  if (text.empty()) return;
  begin(name);
  text_ += '>';
  in_tag_ = false;
  append_escaped(text_, text, Place::kContent);
  end(name);
}

void Writer::raw(std::string_view name, std::string_view bytes) {
  if (bytes.empty()) return;
  text_.reserve(text_.size() + bytes.size() + 2 * name.size() + 64);
  begin(name);
  put("bytes", std::uint64_t{bytes.size()});
  text_ += '>';
  in_tag_ = false;
  text_ += bytes;
  end(name);
}

void Writer::operator()(std::string_view name, const std::vector<std::uint32_t>& numbers) {
  if (numbers.empty()) return;
  start_field(name);
  bool first = true;
  for (const std::uint32_t number : numbers) {
    if (!first) text_ += ' ';
    first = false;
    append_number(text_, number);
  }
  text_ += '"';
}

void Writer::operator()(std::string_view name, const std::vector<std::string>& names) {
  for (const std::string& value : names) {
    begin(name);
    (*this)("name", value);
    end(name);
  }
}

void Writer::operator()(std::string_view name, const std::map<std::string, std::string>& pairs) {
  for (const auto& [key, value] : pairs) {
    begin(name);
    (*this)("name", key);
    (*this)("value", value);
    end(name);
  }
}

}  // namespace quorate::codec
