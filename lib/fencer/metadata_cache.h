#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agents/metadata.h"
#include "fencer/context.h"

namespace quorate::fencer {

/// Metadata of fence agents, fetched once per agent (spec/12 §5): two attempts within 10 s; after a
/// failure again after 10, 20, 40, 80, 160 s.
class MetadataCache {
 public:
  explicit MetadataCache(const FencerConfig& config) : config_(config) {}

  using Continuation = std::function<void(Context&)>;

  /// Calls back (perhaps at once) when it is known whether the metadata can be had.
  void when_settled(Context& context, const std::string& agent, Continuation then);
  /// Null if unknown.
  const agents::Metadata* find(const std::string& agent) const;
  /// True if the event was the cache's.
  bool handle(Context& context, const ProcessEnded& event);
  bool handle(Context& context, const TimerFired& event);

 private:
  struct Entry {
    std::unique_ptr<agents::Metadata> metadata;
    bool fetching = false;
    bool failed = false;
    int attempts = 0;
    std::int64_t started_ms = 0;
    std::int64_t retry_s = 10;
    std::vector<Continuation> waiting;
  };

  void fetch(Context& context, const std::string& agent);
  void settled(Context& context, const std::string& agent);

  const FencerConfig& config_;
  std::map<std::string, Entry> entries_;           ///< by agent
  std::map<std::uint64_t, std::string> requests_;  ///< agent by process
  std::map<std::uint64_t, std::string> timers_;    ///< agent by retry timer
};

/// The process that asks an agent for its metadata.
RunProcess metadata_process(const FencerConfig& config, std::uint64_t request,
                            const std::string& agent, std::int64_t timeout_ms);

}  // namespace quorate::fencer
