#include "io/runtime/log_sink.h"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <utility>

namespace quorate::runtime {
namespace {

constexpr std::size_t kMaxLineBytes = 8192;

struct Severity {
  int priority;
  const char* name;
};
constexpr std::array<Severity, 6> kSeverities = {{{LOG_CRIT, "crit"},
                                                  {LOG_ERR, "error"},
                                                  {LOG_WARNING, "warning"},
                                                  {LOG_NOTICE, "notice"},
                                                  {LOG_INFO, "info"},
                                                  {LOG_DEBUG, "debug"}}};

const Severity& severity(LogLevel level) { return kSeverities[static_cast<std::size_t>(level)]; }

/// -1 for "none" and unknown names.
int facility_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, int>, 11> kFacilities = {
      {{"daemon", LOG_DAEMON},
       {"user", LOG_USER},
       {"syslog", LOG_SYSLOG},
       {"local0", LOG_LOCAL0},
       {"local1", LOG_LOCAL1},
       {"local2", LOG_LOCAL2},
       {"local3", LOG_LOCAL3},
       {"local4", LOG_LOCAL4},
       {"local5", LOG_LOCAL5},
       {"local6", LOG_LOCAL6},
       {"local7", LOG_LOCAL7}}};
  for (const auto& [known, number] : kFacilities)
    if (known == name) return number;
  return -1;
}

/// A log that can't be written is not a reason to stop; there is nowhere to report it.
void write_all(int fd, const std::string& line) {
  if (::write(fd, line.data(), line.size()) < 0) return;
}

}  // namespace

LogSink::LogSink(std::string program, const Settings& settings)
    : program_(std::move(program)),
      node_(settings.node_name),
      level_(settings.log_level),
      syslog_level_(settings.syslog_level),
      to_stderr_(settings.log_to_stderr) {
  const int facility = facility_named(settings.log_facility);
  to_syslog_ = facility >= 0;
  if (to_syslog_) openlog(program_.c_str(), LOG_PID | LOG_NDELAY, facility);
  for (const std::string& path : settings.log_files) {
    io::Fd fd(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
    if (fd)
      files_.push_back(std::move(fd));
    else
      write(LogLevel::kWarning,
            "log file " + path + " cannot be opened and is not used: " + std::strerror(errno));
  }
}

LogSink::~LogSink() {
  if (to_syslog_) closelog();
}

void LogSink::write(const LogRecord& record) {
  if (to_syslog_ && record.level <= syslog_level_)
    syslog(severity(record.level).priority, "%s: %s", severity(record.level).name,
           one_line(record.text).c_str());
  if (record.level > level_ || (files_.empty() && !to_stderr_)) return;
  const std::string line = log_line(record, node_, program_);
  for (const io::Fd& file : files_) write_all(file.get(), line);
  if (to_stderr_) write_all(STDERR_FILENO, line);
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, kMaxLineBytes));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

std::string log_line(const LogRecord& record, std::string_view node, std::string_view program) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm local{};
  localtime_r(&now.tv_sec, &local);
  std::array<char, 64> stamp{};
  std::strftime(stamp.data(), stamp.size(), "%b %d %H:%M:%S", &local);
  std::string milliseconds = std::to_string(1000 + now.tv_nsec / 1'000'000);
  milliseconds[0] = '.';
  return std::string(stamp.data()) + milliseconds + " " + std::string(node) + " " +
         std::string(program) + "[" + std::to_string(getpid()) + "] " +
         severity(record.level).name + ": " + one_line(record.text) + "\n";
}

}  // namespace quorate::runtime
