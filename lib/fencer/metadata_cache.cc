#include "fencer/metadata_cache.h"

#include <algorithm>

namespace quorate::fencer {
namespace {

constexpr std::int64_t kFetchMs = 10'000;
constexpr std::int64_t kMaxRetryS = 160;
constexpr int kAttempts = 2;

}  // namespace

RunProcess metadata_process(const FencerConfig& config, std::uint64_t request,
                            const std::string& agent, std::int64_t timeout_ms) {
  RunProcess process;
  process.request = request;
  process.program =
      agents::program_path(agents::Standard::kStonith, {"stonith", "", agent}, config.paths);
  process.env = agents::fence_environment(config.environment);
  process.input = "action=metadata\n";
  process.timeout_ms = timeout_ms;
  process.max_output_bytes = std::size_t{1} << 20;
  process.describe = "metadata of " + agent;
  return process;
}

void MetadataCache::when_settled(Context& context, const std::string& agent, Continuation then) {
  Entry& entry = entries_[agent];
  if (entry.metadata || (entry.failed && !entry.fetching)) {
    then(context);
    return;
  }
  entry.waiting.push_back(std::move(then));
  if (!entry.fetching) fetch(context, agent);
}

const agents::Metadata* MetadataCache::find(const std::string& agent) const {
  const auto found = entries_.find(agent);
  return found == entries_.end() ? nullptr : found->second.metadata.get();
}

void MetadataCache::fetch(Context& context, const std::string& agent) {
  Entry& entry = entries_[agent];
  if (!entry.fetching) {
    entry.fetching = true;
    entry.attempts = 0;
    entry.started_ms = context.now.monotonic_ms;
  }
  ++entry.attempts;
  const std::int64_t left_ms = entry.started_ms + kFetchMs - context.now.monotonic_ms;
  RunProcess process = metadata_process(config_, context.new_id(), agent, left_ms);
  if (process.program.empty()) {
    entry.failed = true;
    settled(context, agent);
    return;
  }
  requests_[process.request] = agent;
  context.effects.push_back(std::move(process));
}

bool MetadataCache::handle(Context& context, const ProcessEnded& event) {
  const auto found = requests_.find(event.request);
  if (found == requests_.end()) return false;
  const std::string agent = found->second;
  requests_.erase(found);
  Entry& entry = entries_[agent];
  std::string why = "it ended with status " + std::to_string(event.result.status);
  if (event.result.end == ProcessResult::End::kExited && event.result.status == 0) {
    auto metadata = agents::parse_metadata(event.result.out, agent);
    if (metadata) {
      entry.metadata = std::make_unique<agents::Metadata>(std::move(*metadata));
      entry.failed = false;
      settled(context, agent);
      return true;
    }
    why = metadata.error().message;
  }
  const bool time_left = context.now.monotonic_ms < entry.started_ms + kFetchMs * 7 / 10;
  if (entry.attempts < kAttempts && time_left) {
    fetch(context, agent);
    return true;
  }
  context.log(LogLevel::kError,
              "Could not retrieve metadata for fencing agent " + agent + ": " + why);
  entry.failed = true;
  timers_[context.set_timer(entry.retry_s * 1000)] = agent;
  entry.retry_s = std::min(entry.retry_s * 2, kMaxRetryS);
  settled(context, agent);
  return true;
}

bool MetadataCache::handle(Context& context, const TimerFired& event) {
  const auto found = timers_.find(event.timer);
  if (found == timers_.end()) return false;
  const std::string agent = found->second;
  timers_.erase(found);
  if (!entries_[agent].metadata && !entries_[agent].fetching) fetch(context, agent);
  return true;
}

void MetadataCache::settled(Context& context, const std::string& agent) {
  Entry& entry = entries_[agent];
  entry.fetching = false;
  for (const Continuation& then : std::exchange(entry.waiting, {})) then(context);
}

}  // namespace quorate::fencer
