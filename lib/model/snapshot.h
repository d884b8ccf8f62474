#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/log.h"
#include "base/score.h"
#include "model/constraint.h"
#include "model/node.h"
#include "model/options.h"
#include "model/resource.h"
#include "xml/document.h"

namespace quorate::model {

/// Classes of messages and what they do (spec/03 §1.6).
enum class MessageClass : std::uint8_t {
  kConfigError,
  kConfigWarning,
  kProcessingError,
  kProcessingWarning,
  kWarning,  ///< logged only
  kNotice,
  kInfo,
};
struct Message {
  MessageClass level = MessageClass::kInfo;
  std::string text;
};

/// A recorded failure, for status output, in the order recorded (spec/03 §11.11).
struct FailedOperation {
  xml::Element entry;  ///< the lrm_rsc_op
  std::string_view node_name;
  std::string_view resource_id;
  Node* node = nullptr;
  Resource* resource = nullptr;
};

/// The sections of the document, each null unless exactly one element of the name exists
/// (spec/03 §1.2).
struct Sections {
  xml::Element op_defaults;
  xml::Element rsc_defaults;
  xml::Element crm_config;
  xml::Element nodes;
  xml::Element resources;
  xml::Element fencing_topology;
  xml::Element tags;
  xml::Element status;
};

/// Look-up structures a stage keeps for the length of a run, in a form only that stage knows.
class StageCache {
 public:
  StageCache() = default;
  StageCache(const StageCache&) = delete;
  StageCache& operator=(const StageCache&) = delete;
  virtual ~StageCache() = default;
};

/// A history entry of a connection whose address is only known once its container is placed: its
/// digest is compared then (spec/03 §11.4, §16.5, spec/05 §6.8).
struct DeferredCheck {
  xml::Element entry;  ///< the lrm_rsc_op
  Resource* resource = nullptr;
  Node* node = nullptr;
  bool of_last_failure = false;  ///< else of an active operation
};

struct ResourceCounts {
  int total = 0;
  int disabled = 0;
  int blocked = 0;
};

/// Everything the scheduler knows about one CIB, and what its stages conclude about it. The stages
/// (lib/scheduler) fill and change it; there is one per run, owned by the caller. Not copyable:
/// everything in it points into it.
class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // ---- Input -----------------------------------------------------------------------------------
  xml::Element cib;              ///< root of the document, which outlives the snapshot
  std::int64_t now_seconds = 0;  ///< effective time, epoch
  /// Offset of that time from UTC and the local one in force now; differ only if a user gave a
  /// date with an offset (spec/02 §5.4, §10.3).
  std::int32_t now_offset_seconds = 0;
  std::int32_t local_offset_seconds = 0;
  bool sanitized = false;  ///< input is a file with private values masked (spec/03 §16.2)
  bool locations_only = false;
  std::string_view local_node_name;

  // ---- Result of reading (spec/03)
  // ---------------------------------------------------------------
  Sections sections;
  Options options;
  NameValues option_values;  ///< effective option texts, validated ones with defaults
  bool quorate = false;
  bool no_quorum_panic = false;
  bool fence_devices_exist = false;
  bool unfencing_in_use = false;
  bool has_remote_nodes = false;
  std::optional<std::int64_t> recheck_by;  ///< epoch seconds

  std::deque<Node> nodes;            ///< in order of creation; NodeId indexes it
  std::vector<Node*> nodes_by_name;  ///< "node order" (spec/03 §1.4)
  Node* dc_node = nullptr;
  std::deque<Resource> all_resources;                   ///< every resource; ResourceId indexes it
  std::vector<Resource*> resources;                     ///< top level, in "resource order"
  std::unordered_map<std::string_view, Tag> tags;       ///< <tag>
  std::unordered_map<std::string_view, Tag> templates;  ///< template -> referrers
  std::deque<Ticket> tickets;
  std::vector<FailedOperation> failed_operations;
  std::vector<DeferredCheck> deferred_checks;
  ResourceCounts counts;
  std::vector<Message> messages;
  std::unique_ptr<StageCache> state_cache;  ///< of lib/scheduler/state

  // ---- Constraints (spec/04)
  // ---------------------------------------------------------------------
  std::deque<Location> location_store;
  std::vector<Location*> locations;    ///< in order of creation; applied newest first
  std::deque<Colocation> colocations;  ///< in order of creation
  std::deque<TicketConstraint> ticket_constraints;

  // ---- Texts
  // -------------------------------------------------------------------------------------
  /// Keeps a text for the life of the snapshot. Equal texts share storage.
  std::string_view intern(std::string_view text);
  /// A document whose elements resources point to (expanded templates, implicit resources).
  xml::Element keep(xml::Document document);
  /// A loose copy of an element that still counts as part of its document (references resolve).
  xml::Element keep_copy(xml::Element source);

  // ---- Messages
  // ----------------------------------------------------------------------------------
  void report(MessageClass level, std::string text) {
    messages.push_back({level, std::move(text)});
  }
  /// At most once per snapshot for the same text.
  void report_once(MessageClass level, std::string_view text);

  // ---- Look-up
  // -----------------------------------------------------------------------------------
  /// By ID first, then by name, both ignoring case (spec/03 §1.4). Null if unknown.
  Node* find_node(std::string_view id, std::string_view name);
  Node* find_node_by_name(std::string_view name);
  Node* find_node_by_id(std::string_view id);
  /// Creates a node and inserts it into nodes_by_name (before equals).
  Node& add_node(std::string_view id, std::string_view name, NodeKind kind, Score base_score);
  /// A resource of any depth by exact ID or history ID, depth first, parents first
  /// (spec/03 §5.10).
  Resource* find_resource(std::string_view id);
  /// Every primitive with that ID or history ID, in resource order, parents first.
  std::vector<Resource*> find_primitives(std::string_view id);
  Resource& add_resource();  ///< a new resource with its index set, in no list yet
  /// Appends to the top-level list.
  void list_resource(Resource& resource);
  void add_child(Resource& parent, Resource& child);  ///< appends to its children and links it
  void sort_resources_by_priority();                  ///< stable, highest first (spec/03 §5.1)
  /// Index of history IDs for find_resource; call when a history ID is set or cleared.
  void set_history_id(Resource& resource, std::string_view id);
  /// Makes the resource known to find_resource under its ID; call when the ID is set.
  void index_resource(Resource& resource);

  /// A score, with the words red, yellow and green (spec/04 §1.1).
  std::optional<Score> parse_score(std::string_view text) const;
  /// Asks for another run at that time if it is later than now and earlier than what is asked for
  /// (spec/03 §1.1).
  void propose_recheck(std::int64_t epoch_seconds);

 private:
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, std::string_view> interned_;
  std::unordered_set<std::string> said_once_;
  std::deque<xml::Document> documents_;
  std::deque<xml::Fragment> fragments_;
  std::unordered_map<std::string_view, std::vector<Resource*>> resources_by_id_;
  std::unordered_map<std::string, Node*> nodes_by_lower_id_;
  std::unordered_map<std::string, Node*> nodes_by_lower_name_;
};

}  // namespace quorate::model
