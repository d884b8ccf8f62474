#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "io/loop/fd.h"
#include "io/runtime/settings.h"

namespace quorate::runtime {

/// Where a daemon's log records go: system log, files, standard error, as the settings say. One
/// line per record: control characters are replaced, so no content forges a second line.
class LogSink {
 public:
  LogSink(std::string program, const Settings& settings);
  ~LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  void write(const LogRecord& record);
  void write(LogLevel level, std::string text) { write({level, std::move(text)}); }

 private:
  std::string program_;
  std::string node_;
  LogLevel level_;
  LogLevel syslog_level_;
  bool to_stderr_;
  bool to_syslog_ = false;
  std::vector<io::Fd> files_;
};

/// The text with control characters replaced by spaces, cut at 8 KiB.
std::string one_line(std::string_view text);
/// `Nov 21 12:00:00.123 node1 quorate-cib[77] notice: TEXT` and a newline.
std::string log_line(const LogRecord& record, std::string_view node, std::string_view program);

}  // namespace quorate::runtime
