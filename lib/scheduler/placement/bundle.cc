#include <algorithm>

#include "scheduler/placement/constraints.h"
#include "scheduler/placement/instances.h"
#include "scheduler/placement/listing.h"
#include "scheduler/state/state.h"

namespace quorate::scheduler {

using model::BundleReplica;
using model::Node;
using model::NodeEntry;
using model::Resource;

namespace {

/// A container on a remote node: the connection inside goes where the remote's connection is.
void follow_host_remote(Placer& placer, const BundleReplica& replica) {
  if (!replica.container->assigned) return;
  const Node& host = *replica.container->assigned->node;
  if (!host.is_remote_kind() || host.connection == nullptr) return;
  add_implicit_colocation(placer.context, "#replica-remote-with-host-remote", *replica.connection,
                          *host.connection, kInfinity);
}

/// The inner instance runs on its replica's node and nowhere else.
void place_child(Placer& placer, const Resource& bundle, const BundleReplica& replica, bool final) {
  Resource& child = *replica.child;
  child.allowed.for_each([&](NodeEntry& entry) {
    if (entry.node != replica.node) {
      entry.score = -kInfinity;
    } else if (!threshold_reached(placer.context, child, *entry.node)) {
      entry.score = kInfinity;
    }
  });
  note(placer.context, child, {Cause::kReplica, {}, replica.container});
  Resource& inner = *bundle.bundle->inner_clone;
  const bool is_being_placed = inner.busy;
  inner.busy = true;
  place(placer, child, replica.node, final);
  inner.busy = is_being_placed;  // one mark for all calls: a loop of bundles ends here
}

void place_replica(Placer& placer, const Resource& bundle, const BundleReplica& replica, Node* hint,
                   bool final) {
  if (replica.ip != nullptr) place(placer, *replica.ip, hint, final);
  if (replica.connection != nullptr) {
    if (replica.container != nullptr) follow_host_remote(placer, replica);
    place(placer, *replica.connection, hint, final);
  }
  if (replica.child != nullptr) place_child(placer, bundle, replica, final);
}

void place_inner_clone(Placer& placer, const Resource& bundle, Node* hint, bool final) {
  Resource& inner = *bundle.bundle->inner_clone;
  const auto& replicas = bundle.bundle->replica_list;
  inner.allowed.for_each([&](NodeEntry& entry) {
    const bool is_own = std::any_of(replicas.begin(), replicas.end(),
                                    [&](const BundleReplica& r) { return r.node == entry.node; });
    entry.score = is_own ? 0 : -kInfinity;
  });
  place(placer, inner, hint, final);
}

}  // namespace

void place_bundle(Placer& placer, Resource& bundle, Node* hint, bool final) {
  const model::BundleSettings& settings = *bundle.bundle;
  bundle.busy = true;
  list_scores(placer, "pcmk__bundle_assign", bundle);
  std::vector<Resource*> containers;
  for (const BundleReplica& replica : settings.replica_list) {
    if (replica.container != nullptr) containers.push_back(replica.container);
  }
  sort_instances(placer, containers);
  distribute(placer, bundle, containers, settings.replicas, settings.replicas_per_host);
  for (const BundleReplica& replica : settings.replica_list) {
    place_replica(placer, bundle, replica, hint, final);
  }
  if (settings.inner_clone != nullptr) place_inner_clone(placer, bundle, hint, final);
  bundle.busy = false;
  bundle.open = false;
}

}  // namespace quorate::scheduler
