#include "messages/reader.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace quorate::codec {
namespace {

constexpr std::size_t kMaxNumbers = 65536;

}  // namespace

std::string_view Reader::find(std::string_view name) {
  const Markup::Element& element = markup_.elements[element_];
  const Markup::Field* fields = markup_.fields.data() + element.first_field;
  // Fields are written in the order in which they are described.
  std::uint32_t at = cursor_;
  for (std::uint32_t tried = 0; tried < element.field_count; ++tried, ++at) {
    if (at >= element.field_count) at = 0;
    if (fields[at].name != name) continue;
    cursor_ = at + 1;
    return fields[at].value;
  }
  return {};
}

void Reader::text(std::string_view name, std::string& value, Bytes bytes) {
  if (!unescape(find(name), value, bytes)) {
    refuse(ErrorKind::kInvalid, name,
           "text with a bad reference; &amp; &lt; &gt; &quot; &#xN; "
           "are allowed");
  }
}

void Reader::operator()(std::string_view name, std::optional<std::string>& value) {
  value.reset();
  if (find(name).data() != nullptr) text(name, value.emplace());
}

bool Reader::flag(std::string_view name) {
  const std::string_view value = find(name);
  return value == "1" || value == "true";
}

std::optional<Reader::Digits> Reader::digits(std::string_view name) {
  std::string_view value = find(name);
  Digits read{0, !value.empty() && value[0] == '-'};
  if (read.negative) value.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), read.magnitude);
  if (end != value.data() + value.size() || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) read.magnitude = static_cast<std::uint64_t>(-1);
  return read;
}

std::size_t Reader::index_of(std::string_view name, const std::string_view* names,
                             std::size_t count) {
  const std::string_view value = find(name);
  const std::string_view* found = std::find(names, names + count, value);
  if (found != names + count) return static_cast<std::size_t>(found - names);
  std::string allowed;
  for (std::size_t i = 0; i < count; ++i) {
    allowed += allowed.empty() ? "" : ", ";
    allowed += names[i];
  }
  refuse(ErrorKind::kInvalid, name,
         "'" + to_xml_safe(value.substr(0, 64)) + "'; allowed: " + allowed);
  return 0;
}

void Reader::operator()(std::string_view name, std::vector<std::uint32_t>& numbers) {
  numbers.clear();
  for (const std::string_view word : split_words(find(name))) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || end != word.data() + word.size()) continue;
    if (numbers.size() == kMaxNumbers) return;
    numbers.push_back(number);
  }
}

std::uint32_t Reader::next_child(std::string_view name, std::uint32_t from) const {
  const std::uint32_t end = end_of(element_);
  for (; from < end; from = end_of(from)) {
    if (markup_.elements[from].name == name) return from;
  }
  return kNone;
}

void Reader::content(std::string_view name, std::string& text) {
  const std::uint32_t child = next_child(name, element_ + 1);
  text.clear();
  if (child != kNone && !unescape(markup_.elements[child].content, text)) {
    refuse(ErrorKind::kInvalid, name, "text with a bad reference");
  }
}

void Reader::raw(std::string_view name, std::string_view& bytes) const {
  const std::uint32_t child = next_child(name, element_ + 1);
  bytes = child == kNone ? std::string_view() : markup_.elements[child].content;
}

void Reader::raw(std::string_view name, std::string& bytes) const {
  std::string_view view;
  raw(name, view);
  bytes = view;
}

void Reader::operator()(std::string_view name, std::vector<std::string>& names) {
  for (std::uint32_t child = next_child(name, element_ + 1); child != kNone;
       child = next_child(name, end_of(child))) {
    Reader(markup_, child, refusal_).text("name", names.emplace_back());
  }
}

void Reader::operator()(std::string_view name, std::map<std::string, std::string>& pairs) {
  for (std::uint32_t child = next_child(name, element_ + 1); child != kNone;
       child = next_child(name, end_of(child))) {
    std::pair<std::string, std::string> pair;
    into(child, pair);
    pairs.insert_or_assign(std::move(pair.first), std::move(pair.second));
  }
}

void Reader::refuse(ErrorKind kind, std::string_view name, const std::string& what) {
  if (refusal_) return;
  std::string field = "'" + std::string(name) + "'";
  if (element_ != 0) field += " of '" + std::string(markup_.elements[element_].name) + "'";
  refusal_ = Error{kind, "message '" + std::string(markup_.elements[0].name) + "' refused: field " +
                             field + " is " + what};
}

}  // namespace quorate::codec
