#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/cluster_picture.h"
#include "common/output.h"
#include "crm_resource/settings.h"

namespace quorate::crm_resource {

/// NAME=VALUE words (spec/14 §6.2 step 2).
using Overrides = std::vector<std::pair<std::string, std::string>>;

/// What the commands share: the settings, the CIB, the cluster as the scheduler sees it.
struct Session {
  const Settings& settings;
  cli::Output& output;
  cli::CibAccess& cib;
  std::unique_ptr<cli::ClusterPicture> picture;  ///< null for commands that need none
  model::Resource* resource = nullptr;           ///< as found for -r
  model::Node* node = nullptr;                   ///< as found for -N

  Overrides overrides = {};

  model::Snapshot& snapshot() const { return picture->snapshot(); }
  const std::string& requested() const { return *settings.resource; }
};

/// How a resource is looked up (spec/14 §6.2): by ID or history name, and besides by the ID without
/// instance number, for anonymous instances only or for all.
enum class Lookup { kHistory, kAnonymous, kBase };
model::Resource* find_resource(model::Snapshot& snapshot, std::string_view name, Lookup lookup);

/// A change of the CIB; prints what went wrong. Returns the exit code.
int change_cib(Session& session, const cib::Request& request);

/// What keeps a resource from running, as lines and element (spec/14 §6.14).
void write_checks(Session& session, const model::Resource& resource);

/// Lists of installed agents; needs neither cluster nor CIB.
int list_agents(const Settings& settings, cli::Output& output);

// Commands. Each returns the tool's exit code.
int list(Session& session);
int list_raw(Session& session);
int list_operations(Session& session, bool all);
int query_xml(Session& session, bool raw);
int get_parameter(Session& session);
int set_parameter(Session& session);
int delete_parameter(Session& session);
int show_constraints(Session& session);
int why(Session& session);
int show_digests(Session& session);
int restart(Session& session);
int locate(Session& session);
int ban(Session& session);
int move(Session& session);
int clear(Session& session);
int cleanup(Session& session, bool refresh);
int fail_resource(Session& session);
int delete_resource(Session& session);
int wait_until_idle(Session& session);

}  // namespace quorate::crm_resource
