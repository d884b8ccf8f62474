#include "common/messages.h"

#include <fmt/format.h>

namespace quorate::cli {
namespace {

/// Verbosity from which a class of messages is shown, and its name.
struct Level {
  int verbosity;
  std::string_view name;
};

Level level_of(model::MessageClass level) {
  switch (level) {
    case model::MessageClass::kConfigError:
    case model::MessageClass::kProcessingError:
      return {1, "error"};
    case model::MessageClass::kConfigWarning:
    case model::MessageClass::kProcessingWarning:
    case model::MessageClass::kWarning:
      return {2, "warning"};
    case model::MessageClass::kNotice:
      return {3, "notice"};
    case model::MessageClass::kInfo:
      break;
  }
  return {4, "info"};
}

}  // namespace

std::size_t log_messages(Output& output, const model::Snapshot& snapshot, std::size_t from,
                         int verbosity) {
  if (verbosity > 0) {
    for (std::size_t i = from; i < snapshot.messages.size(); ++i) {
      const Level level = level_of(snapshot.messages[i].level);
      if (level.verbosity > verbosity) continue;
      output.notice(fmt::format("(scheduler) \t{}: {}", level.name, snapshot.messages[i].text));
    }
  }
  return snapshot.messages.size();
}

}  // namespace quorate::cli
