#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cib/request.h"
#include "world.h"

namespace quorate::sim {

/// The configuration of a run: about 20 resources of every kind the cluster supports, with fencing
/// and constraints, chosen by the seed.
struct Scenario {
  std::string configuration;            ///< the content of <configuration>
  std::set<std::string> singles;        ///< primitives that may be active once only
  std::set<std::string> promoted_once;  ///< of promotable clones, that may be promoted once only
};
Scenario make_scenario(Random& random, const std::vector<Member>& nodes);

/// Tools that talk to the daemons of a machine: they load the configuration, make changes and keep
/// book of which of them were acknowledged as durable.
class Clients {
 public:
  explicit Clients(World& world) : world_(world) {}

  /// Sends a configuration until it is accepted.
  void load(const std::string& configuration);
  bool loaded() const { return loaded_; }

  /// From now on, at random moments and machines, a client adds a cluster option of its own, up to
  /// `until_us`.
  void keep_changing(std::int64_t until_us);
  /// A few more within the tenth of a second around `at_us`, when something is to go wrong.
  void change_around(std::int64_t at_us);

  /// Changes acknowledged as durable that a document doesn't hold, in words.
  std::vector<std::string> missing_from(const std::string& document) const;
  std::size_t durable() const { return durable_.size(); }
  std::size_t asked() const { return asked_; }
  /// Whether a change is unacknowledged right now.
  bool waiting() const { return waiting_ > 0; }

 private:
  using Done = std::function<void(bool lost, const std::string& reply)>;
  /// `id` names the request: asked again with the same one it is applied once.
  void ask(Machine& machine, std::uint64_t id, const cib::Request& what, Done done);
  void change_once();
  void ask_for_change(std::uint64_t id, const std::string& name, int retries);

  World& world_;
  bool loaded_ = false;
  std::uint64_t next_request_ = 1;
  std::size_t asked_ = 0;
  int waiting_ = 0;
  std::set<std::string> durable_;  ///< options
};

}  // namespace quorate::sim
