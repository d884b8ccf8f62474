#pragma once

#include <termios.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/loop/loop.h"

namespace quorate::cli::mon {

/// Keys the console tells apart from letters.
enum class Key { kLetter, kUp, kDown, kPageUp, kPageDown, kHome, kEnd, kOther };

/// Splits what a terminal sent into keys; sequences for keys nobody asked for become kOther. A
/// sequence that isn't complete yet is kept for the next time.
class KeyReader {
 public:
  struct Press {
    Key key = Key::kLetter;
    char letter = 0;
  };
  std::vector<Press> feed(std::string_view bytes);

 private:
  std::string rest_;
};

/// Text as lines that fit a screen: tabs expanded, control characters (which could come from an
/// agent's words) replaced, cut at `columns` characters.
std::vector<std::string> screen_lines(std::string_view text, int columns);

/// A terminal used as one page that is drawn over and over. What was on it before comes back when
/// this goes, or when the program is suspended.
class Console {
 public:
  using OnKey = std::function<void(char letter)>;
  /// `on_key` hears letters; keys that scroll are dealt with here.
  Console(io::Loop& loop, OnKey on_key);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// The page from now on.
  void show(std::string text);
  /// Draws it again, for the size the terminal has now.
  void redraw();
  /// Gives the terminal back, stops the process, and takes it again when it goes on.
  void suspend();

 private:
  void enter();
  void leave();
  void read_keys();
  void scroll(int lines);

  io::Loop& loop_;
  OnKey on_key_;
  KeyReader keys_;
  io::Watch watch_;
  termios saved_{};
  bool entered_ = false;
  std::string text_;
  int top_ = 0;  ///< first line shown
};

}  // namespace quorate::cli::mon
