#include "mon/console.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace quorate::cli::mon {
namespace {

constexpr int kTabWidth = 8;

struct Sequence {
  std::string_view bytes;
  Key key;
};
constexpr Sequence kSequences[] = {
    {"\033[A", Key::kUp},   {"\033OA", Key::kUp},      {"\033[B", Key::kDown},
    {"\033OB", Key::kDown}, {"\033[5~", Key::kPageUp}, {"\033[6~", Key::kPageDown},
    {"\033[H", Key::kHome}, {"\033[1~", Key::kHome},   {"\033OH", Key::kHome},
    {"\033[F", Key::kEnd},  {"\033[4~", Key::kEnd},    {"\033OF", Key::kEnd},
};

/// Bytes of the escape sequence at the start; 0 if it isn't complete.
std::size_t sequence_length(std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] != '[' && bytes[1] != 'O') return 2;
  for (std::size_t i = 2; i < bytes.size(); ++i) {
    if (bytes[i] >= '@' && bytes[i] <= '~') return i + 1;
    if (i > 16) return i;  // no terminal sends that
  }
  return 0;
}

Key key_of(std::string_view sequence) {
  for (const Sequence& known : kSequences) {
    if (known.bytes == sequence) return known.key;
  }
  return Key::kOther;
}

/// Bytes of a UTF-8 character by its first one; 1 if it is none.
std::size_t character_length(unsigned char first) {
  if (first >= 0xF0 && first < 0xF8) return 4;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xC2 && first < 0xE0) return 2;
  return 1;
}

/// The character at `at`, or a replacement if it is none a terminal may get.
std::string_view printable_at(std::string_view text, std::size_t at, std::size_t& length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  length = character_length(byte(at));
  if (at + length > text.size()) length = 1;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) {
      length = 1;
      break;
    }
  }
  const bool control = byte(at) < 0x20 || byte(at) == 0x7F || (length == 1 && byte(at) >= 0x80) ||
                       (length == 2 && byte(at) == 0xC2 && byte(at + 1) < 0xA0);
  return control ? std::string_view("?") : text.substr(at, length);
}

std::string screen_line(std::string_view text, int columns) {
  std::string line;
  int width = 0;
  for (std::size_t at = 0; at < text.size() && width < columns;) {
    if (text[at] == '\t') {
      const int spaces = std::min(kTabWidth - width % kTabWidth, columns - width);
      line.append(static_cast<std::size_t>(spaces), ' ');
      width += spaces;
      ++at;
      continue;
    }
    std::size_t length = 1;
    line += printable_at(text, at, length);
    at += length;
    ++width;
  }
  return line;
}

winsize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    size.ws_row = 24;
    size.ws_col = 80;
  }
  return size;
}

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::vector<KeyReader::Press> KeyReader::feed(std::string_view bytes) {
  rest_ += bytes;
  std::vector<Press> presses;
  std::string_view left = rest_;
  while (!left.empty()) {
    if (left.front() != '\033') {
      presses.push_back({Key::kLetter, left.front()});
      left.remove_prefix(1);
      continue;
    }
    const std::size_t length = sequence_length(left);
    if (length == 0) break;
    presses.push_back({key_of(left.substr(0, length)), 0});
    left.remove_prefix(length);
  }
  rest_ = std::string(left);
  return presses;
}

std::vector<std::string> screen_lines(std::string_view text, int columns) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(screen_line(text.substr(0, end), columns));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

Console::Console(io::Loop& loop, OnKey on_key) : loop_(loop), on_key_(std::move(on_key)) {
  enter();
}

Console::~Console() { leave(); }

void Console::enter() {
  if (std::exchange(entered_, true)) return;
  ::tcgetattr(STDIN_FILENO, &saved_);
  termios raw = saved_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  write_all("\033[?1049h\033[?25l\033[H\033[2J");  // a page of our own, without a cursor
  watch_ = loop_.watch(STDIN_FILENO, POLLIN, [this](short) { read_keys(); });
}

void Console::leave() {
  if (!std::exchange(entered_, false)) return;
  watch_.reset();
  write_all("\033[?25h\033[?1049l");
  ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
}

void Console::suspend() {
  leave();
  ::raise(SIGSTOP);
  enter();
  redraw();
}

void Console::show(std::string text) {
  text_ = std::move(text);
  redraw();
}

void Console::redraw() {
  const winsize size = terminal_size();
  const std::vector<std::string> lines = screen_lines(text_, size.ws_col);
  const int rows = size.ws_row;
  const int count = static_cast<int>(lines.size());
  top_ = std::clamp(top_, 0, std::max(0, count - rows + 1));
  const bool all_fits = count <= rows;
  if (all_fits) top_ = 0;
  const int body = all_fits ? count : rows - 1;
  std::string page = "\033[H";
  for (int i = top_; i < std::min(count, top_ + body); ++i) {
    page += lines[static_cast<std::size_t>(i)] + "\033[K" + (i + 1 < top_ + body ? "\r\n" : "");
  }
  if (all_fits) {
    page += "\033[J";
  } else {
    page += "\r\n" +
            screen_line(fmt::format("-- lines {} to {} of {}; arrow keys scroll --", top_ + 1,
                                    std::min(count, top_ + body), count),
                        size.ws_col) +
            "\033[K";
  }
  write_all(page);
}

void Console::scroll(int lines) {
  top_ += lines;
  redraw();
}

void Console::read_keys() {
  char buffer[256];
  const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    watch_.reset();  // the terminal is gone; SIGHUP says what is to be done
    return;
  }
  const int page = terminal_size().ws_row - 2;
  for (const auto& press : keys_.feed({buffer, static_cast<std::size_t>(got)})) {
    switch (press.key) {
      case Key::kLetter:
        on_key_(press.letter);
        break;
      case Key::kUp:
        scroll(-1);
        break;
      case Key::kDown:
        scroll(1);
        break;
      case Key::kPageUp:
        scroll(-page);
        break;
      case Key::kPageDown:
        scroll(page);
        break;
      case Key::kHome:
        scroll(-top_);
        break;
      case Key::kEnd:
        scroll(1'000'000);
        break;
      case Key::kOther:
        redraw();
        break;
    }
  }
}

}  // namespace quorate::cli::mon
