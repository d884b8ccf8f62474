#pragma once

#include <string>

namespace quorate {

/// Log severities, most severe first, as syslog and the reference name them.
enum class LogLevel { kCritical, kError, kWarning, kNotice, kInfo, kDebug };

/// A log line as a value. Written for the person who is paged: subject first, what happened, what
/// it means, what to look at next. Never holds a secret.
struct LogRecord {
  LogLevel level = LogLevel::kInfo;
  std::string text;
};

}  // namespace quorate
