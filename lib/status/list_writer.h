#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace quorate::status {

/// Where nested lists with headings go. Text and HTML have one form each; what is written is the
/// same.
class ListWriter {
 public:
  ListWriter() = default;
  ListWriter(const ListWriter&) = delete;
  ListWriter& operator=(const ListWriter&) = delete;
  virtual ~ListWriter() = default;

  /// The heading of a list and one more level. An empty title prints nothing but still nests.
  virtual void begin_list(std::string_view title) = 0;
  virtual void end_list() = 0;
  /// One item; `style` is a CSS class (spec/13 §17), ignored in text.
  virtual void item(std::string_view text, std::string_view style = {}) = 0;
  /// Space before whatever is written next in this list, where the form has one.
  virtual void gap() {}
  /// Whether this is a page, where some things are worded differently (spec/13 §17).
  virtual bool is_page() const { return false; }
};

/// Lists as the status tools lay them out (spec/07 §5, spec/13 §2.2). In plain style headings,
/// bullets and indentation are left out.
class TextWriter : public ListWriter {
 public:
  explicit TextWriter(bool fancy = true) : fancy_(fancy) {}

  void begin_list(std::string_view title) override;
  void end_list() override;
  void item(std::string_view text, std::string_view style = {}) override;
  void gap() override { gap_ = true; }
  /// Forgets a gap nothing followed.
  void drop_gap() { gap_ = false; }
  /// Not indented, wherever it occurs.
  void line(std::string_view text);
  /// An empty line if `wanted`.
  void spacer(bool wanted = true) {
    if (wanted) text_ += '\n';
  }
  void set_fancy(bool fancy) { fancy_ = fancy; }

  const std::string& text() const { return text_; }
  /// Hands over what was written so far.
  std::string take() { return std::exchange(text_, {}); }

 private:
  void fill_gap();
  void indent();

  std::string text_;
  int level_ = 0;
  bool fancy_;
  bool gap_ = false;
};

/// `TITLE: [ a b c ]`.
template <class Names>
std::string bracketed(std::string_view title, const Names& names) {
  std::string text(title);
  text += ": [ ";
  for (const auto& name : names) {
    text += name;
    text += ' ';
  }
  return text + "]";
}

}  // namespace quorate::status
