#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Writing XML as text, without building it (spec/06 §3). Nothing outside lib/scheduler/output
/// includes this.
namespace quorate::scheduler {

/// Appends an indented document to a string: two spaces per level, one element per line.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& text) : text_(text) {}

  /// Begins an element; its attributes follow.
  void open(std::string_view name) {
    text_.append(static_cast<std::size_t>(depth_) * 2, ' ');
    text_ += '<';
    text_ += name;
  }
  void attribute(std::string_view name, std::string_view value) {
    text_ += ' ';
    text_ += name;
    text_ += "=\"";
    append_escaped(value);
    text_ += '"';
  }
  void attribute(std::string_view name, std::int64_t value) {
    attribute(name, std::to_string(value));
  }
  /// What follows is one level deeper.
  void indent() { ++depth_; }
  /// Ends the start tag; children follow.
  void children() {
    text_ += ">\n";
    ++depth_;
  }
  /// Ends an element without children.
  void end_empty() { text_ += "/>\n"; }
  /// Ends an element with children.
  void close(std::string_view name) {
    --depth_;
    text_.append(static_cast<std::size_t>(depth_) * 2, ' ');
    text_ += "</";
    text_ += name;
    text_ += ">\n";
  }

 private:
  void append_escaped(std::string_view value);

  std::string& text_;
  int depth_ = 0;
};

}  // namespace quorate::scheduler
