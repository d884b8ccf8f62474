#include "status/list_writer.h"

namespace quorate::status {

void TextWriter::fill_gap() {
  if (gap_) text_ += '\n';
  gap_ = false;
}

void TextWriter::end_list() {
  --level_;
  gap_ = false;
}

void TextWriter::indent() {
  if (!fancy_ || level_ == 0) return;
  text_.append(2 * static_cast<std::size_t>(level_), ' ');
  text_ += "* ";
}

void TextWriter::begin_list(std::string_view title) {
  if (fancy_ && !title.empty()) {
    fill_gap();
    indent();
    text_ += title;
    text_ += ":\n";
  }
  ++level_;
}

void TextWriter::item(std::string_view text, std::string_view) {
  fill_gap();
  indent();
  text_ += text;
  text_ += '\n';
}

void TextWriter::line(std::string_view text) {
  text_ += text;
  text_ += '\n';
}

}  // namespace quorate::status
