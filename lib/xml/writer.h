#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::xml {

/// Writes XML text from top to bottom, indented by two spaces per level, attributes in the order
/// given, without building a document (spec/13 §2.3). Elements without content end in `/>`.
class Writer {
 public:
  void open(std::string_view name);
  /// Only directly after open().
  void attribute(std::string_view name, std::string_view value);
  void attribute(std::string_view name, const char* value) {
    attribute(name, std::string_view(value));
  }
  void attribute(std::string_view name, bool value) { attribute(name, value ? "true" : "false"); }
  void attribute(std::string_view name, std::int64_t value);
  void attribute(std::string_view name, int value) {
    attribute(name, static_cast<std::int64_t>(value));
  }
  /// Left out if absent.
  void attribute_if(std::string_view name, const std::optional<std::string_view>& value) {
    if (value) attribute(name, *value);
  }
  void close();
  /// Text as the only content of the open element, which it closes; after its attributes.
  void close_with_text(std::string_view text);
  /// An element that holds only text.
  void text_element(std::string_view name, std::string_view text);
  /// `<NAME><![CDATA[...]]></NAME>`; a `]]>` inside is split so that it can't end the section.
  void cdata_element(std::string_view name, std::string_view text);
  std::size_t depth() const { return open_.size(); }
  /// Closes what is open.
  std::string finish();
  const std::string& text() const { return text_; }

 private:
  void end_tag();
  void indent();

  std::string text_;
  std::vector<std::string> open_;
  bool in_tag_ = false;
};

}  // namespace quorate::xml
