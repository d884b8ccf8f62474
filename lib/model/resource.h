#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/score.h"
#include "model/name_values.h"
#include "model/node.h"
#include "model/role.h"
#include "xml/document.h"

namespace quorate::graph {
struct Action;
struct OperationSettings;
}  // namespace quorate::graph

namespace quorate::model {

struct Colocation;
struct Location;
struct TicketConstraint;

using ResourceId = DenseId<struct ResourceTag>;  ///< order of creation, dense

enum class Variant : std::uint8_t { kPrimitive, kGroup, kClone, kBundle };
enum class MultipleActive : std::uint8_t { kStopStart, kStopOnly, kBlock, kStopUnexpected };
enum class Requires : std::uint8_t { kNothing, kQuorum, kFencing, kUnfencing };
/// Which kind of Pacemaker Remote connection a primitive is (spec/03 §5.5).
enum class ConnectionKind : std::uint8_t { kNone, kRemote, kGuest };

/// Group-only settings (spec/03 §5.10).
struct GroupSettings {
  bool ordered = true;
  bool collocated = true;
};

/// Clone-only settings (spec/03 §5.10).
struct CloneSettings {
  int clone_max = 1;
  int clone_node_max = 1;
  int promoted_max = 0;
  int promoted_node_max = 0;
  bool ordered = false;
  bool interleave = false;
  xml::Element child_xml;  ///< the primitive or group that is cloned
  int instances_created = 0;
  // Marks of placement (spec/04 §19).
  bool promotion_scores_added = false;
  bool choosing_roles = false;
};

/// One replica of a bundle. Owned by BundleSettings; the resources by the Snapshot.
struct BundleReplica {
  int offset = 0;
  std::string_view address;  ///< empty if none
  Node* node = nullptr;
  Resource* container = nullptr;
  Resource* ip = nullptr;
  Resource* child = nullptr;
  Resource* connection = nullptr;
};
struct BundleMount {
  std::string_view source;
  std::string_view target;
  std::string_view options;
  bool per_replica = false;
};
struct BundlePort {
  std::string_view source;
  std::string_view target;
};
/// Bundle-only settings (spec/03 §6).
struct BundleSettings {
  std::string_view technology;  ///< docker or podman
  std::string_view image;
  std::string_view network;
  std::string_view run_command;
  std::optional<std::string_view> container_options;
  std::string_view ip_range_start;
  std::string_view host_netmask;
  std::string_view host_interface;
  std::string_view control_port;
  bool add_host = true;
  int replicas = 1;
  int replicas_per_host = 1;
  int promoted_max = 0;
  std::vector<BundleMount> mounts;
  std::vector<BundlePort> ports;
  std::vector<BundleReplica> replica_list;
  std::string hosts_entries;
  Resource* inner_clone = nullptr;
};

/// A pending action of the history, for status output (spec/03 §14.3).
struct PendingAction {
  std::string_view task;
  Node* node = nullptr;
};

/// Instance attributes of a resource evaluated for one node (null: for no node), cached.
struct ParameterSet {
  const Node* node = nullptr;
  std::unique_ptr<NameValues> values;
};

/// One resource of any kind. One flat struct: the stages each own a part of it, marked below.
/// Addresses are stable for the life of the Snapshot.
struct Resource {
  ResourceId index;
  std::string_view id;          ///< "db", for instances "db:0"
  std::string_view xml_id;      ///< id in the configuration
  std::string_view history_id;  ///< name in the history if different from id; else empty
  Variant variant = Variant::kPrimitive;
  Resource* parent = nullptr;
  std::vector<Resource*> children;  ///< members, instances, or a bundle's implicit resources
  bool listed = false;              ///< top level and in Snapshot::resources
  std::uint32_t position = 0;       ///< index among its siblings (see Snapshot::find_resource)
  int instance_number = -1;         ///< marker `clone` of instances and their members

  xml::Element xml;         ///< expanded (templates applied); belongs to the Snapshot
  xml::Element operations;  ///< the `operations` element in force, may be null

  // Agent.
  std::string_view standard;  ///< class
  std::string_view provider;
  std::string_view type;
  bool is_fence_device = false;
  ConnectionKind connection_kind = ConnectionKind::kNone;

  NameValues meta;         ///< effective meta-attributes (spec/03 §5.4)
  NameValues utilization;  ///< text values
  std::vector<ParameterSet> parameter_cache;

  // Settings from meta-attributes (spec/03 §5.5-5.8).
  Score priority = 0;
  Score stickiness = 0;
  Score migration_threshold = kInfinity;
  std::int64_t failure_timeout_ms = 0;
  std::int64_t reconnect_interval_ms = 0;
  MultipleActive multiple_active = MultipleActive::kStopStart;
  Requires needs = Requires::kNothing;
  bool critical = true;
  bool notify = false;
  bool unique = true;
  bool promotable = false;

  // Flags that reading status may change.
  bool managed = true;
  bool maintenance = false;
  bool migratable = false;
  bool blocked = false;
  bool failed = false;
  bool must_stop = false;  ///< a failed resource must be stopped, not only demoted
  bool removed = false;    ///< only in the status, or an instance beyond clone-max
  bool removed_launched = false;
  bool failure_ignored = false;
  bool start_pending = false;
  bool reload = false;
  bool stop_unexpected = false;
  bool exclusive_discovery = false;

  GroupSettings group;
  std::unique_ptr<CloneSettings> clone;    ///< clones only
  std::unique_ptr<BundleSettings> bundle;  ///< bundles only

  // State as read (spec/03 §10-14).
  Role role = Role::kStopped;
  Role next_role = Role::kUnknown;
  std::vector<Node*> active;            ///< where it is active, in the order found
  std::vector<Node*> known_on;          ///< where a result is recorded (no probe needed)
  std::vector<Node*> dangling_sources;  ///< front: newest
  Node* partial_source = nullptr;
  Node* partial_target = nullptr;
  PendingAction pending;
  Node* lock_node = nullptr;
  std::int64_t lock_time = 0;
  Resource* launcher = nullptr;
  std::vector<Resource*> launched;

  // Placement (spec/04). `allowed` is also adjusted while state is read.
  NodeTable allowed;
  std::optional<NodeEntry> assigned;
  bool open = true;      ///< not yet placed
  bool busy = false;     ///< being placed
  bool visited = false;  ///< being visited by preference merging
  Score promotion_priority = 0;
  std::vector<Colocation*> this_with;  ///< own records, sorted (spec/04 §10.1)
  std::vector<Colocation*> with_this;
  std::vector<Location*> locations;  ///< newest first
  std::vector<TicketConstraint*> tickets;

  // Actions (spec/05), newest first.
  graph::Action* newest_action = nullptr;
  /// Counts what orderings change in actions of it and its parts.
  std::uint32_t action_changes = 1;
  graph::OperationSettings* operation_settings = nullptr;

  bool is_primitive() const { return variant == Variant::kPrimitive; }
  bool is_group() const { return variant == Variant::kGroup; }
  bool is_clone() const { return variant == Variant::kClone; }
  bool is_bundle() const { return variant == Variant::kBundle; }
  bool is_anonymous_clone() const { return is_clone() && !unique; }
  bool is_connection() const { return connection_kind != ConnectionKind::kNone; }
  /// Its ID if unique, else the ID in the configuration (spec/03 §5.10).
  std::string_view printable_id() const { return unique ? id : xml_id; }
  bool needs_fencing() const {
    return needs == Requires::kFencing || needs == Requires::kUnfencing;
  }
  bool needs_quorum() const { return needs == Requires::kQuorum || needs_fencing(); }
};

/// Flags of an action of it have changed: so may those of the resources it is part of. Null: none.
void count_action_changes(Resource* resource);

/// Outermost ancestor, stopping below a bundle ("top", spec/03 §5.5).
const Resource& top_of(const Resource& resource);
Resource& top_of(Resource& resource);
/// Outermost ancestor including a bundle.
const Resource& outermost_of(const Resource& resource);
Resource& outermost_of(Resource& resource);
/// The bundle it is part of, or null.
Resource* bundle_of(const Resource& resource);
bool is_descendant_of(const Resource& resource, const Resource& ancestor);

/// Highest role of a primitive's or collective's children: current and planned; Unknown for a
/// bundle (spec/03 §14.4, spec/04 §1.2).
Role role_of(const Resource& resource);
Role next_role_of(const Resource& resource);

/// Is it active: any of it, or all of it (spec/03 §14.4).
bool is_active(const Resource& resource, bool all);

/// The node considered current (spec/03 §14.4, spec/04 §1.8); null if not active.
Node* current_node(const Resource& resource);
/// Where it is active; for a bundle where its containers are.
std::vector<Node*> active_nodes(const Resource& resource);

/// The planned node: for a primitive its assigned node, for a collective the one node all placed
/// descendants share, else null (spec/04 §1.8 "placed").
Node* placed_node(const Resource& resource);

/// Strips a trailing `:digits`.
std::string_view base_name(std::string_view id);

/// Adds a score to children first, then to the resource, inserting a copy of the node's base entry
/// where missing ("add to tree", spec/03 §5.9, spec/04 §3.4). `tag` is for explain and logs.
void adjust_score(Resource& resource, Node& node, Score score, std::string_view tag,
                  bool cluster_is_symmetric_default = false);

/// First action of an attribute look-up on behalf of a resource: the node's own attribute or,
/// with target `host` on a guest or bundle node, that of its host (spec/04 §1.7).
enum class When : std::uint8_t { kNow, kPlanned };
std::optional<std::string_view> node_attribute(const Node& node, std::string_view name,
                                               std::optional<std::string_view> target, When when);

}  // namespace quorate::model
