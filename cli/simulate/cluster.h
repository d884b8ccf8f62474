#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "xml/document.h"

namespace quorate::cli::simulate {

inline constexpr std::string_view kFeatureSet = "3.20.5";

/// One result of an agent as the history records it (spec/07 §16.2).
struct ActionResult {
  std::string name;         ///< as shown, and looked for first
  std::string resource_id;  ///< as in the configuration, or as a SPEC names it
  std::string standard, provider, type;
  std::string task;
  std::int64_t interval_ms = 0;
  int code = 0;
  int target_code = 0;
  std::string exit_reason;  ///< recorded with failures only
  std::string notify_type, notify_operation;
  std::string migrate_source, migrate_target;
  std::optional<std::string> digest;
};

/// A CIB document that events and results are written into as if a cluster did it (spec/07 §12,
/// §16). Version numbers are counted as the CIB service counts them.
class Cluster {
 public:
  /// `id_of` gives the id of a configured node of any kind, empty if unknown.
  using IdLookup = std::function<std::string(std::string_view name)>;

  Cluster(xml::Document& document, std::int64_t now_seconds)
      : root_(document.root()), now_seconds_(now_seconds) {}

  void set_id_lookup(IdLookup id_of) { id_of_ = std::move(id_of); }
  /// Nodes that are handled from now on are added to the configuration (spec/07 §12.2).
  void set_add_nodes(bool add) { add_nodes_ = add; }

  void set_quorum(std::string_view value);
  void set_watchdog(std::string_view value);
  void set_ticket(std::string_view id, std::string_view name, std::string_view value);

  /// The node_state of a node; a new one, with `fallback_id` if given, if there is none. Error
  /// kNotFound for a node nobody knows, kInternal for two states of one name.
  Result<xml::Element> node_state(std::string_view name, std::string_view fallback_id = {});
  Result<void> bring_up(std::string_view name);
  Result<void> take_down(std::string_view name, std::string_view origin, std::string_view id = {});
  Result<void> fail_node(std::string_view name);

  /// Raises a fail count as a DC would; calls `told(attribute, value)` for both attributes written.
  void raise_fail_count(xml::Element node_state, std::string_view resource, std::string_view task,
                        std::int64_t interval_ms, bool to_infinity,
                        const std::function<void(std::string_view, std::string_view)>& told);
  /// Writes a result into the history of that node. Error kInvalid for a resource whose class or
  /// provider can't be right.
  Result<void> record(xml::Element node_state, const ActionResult& result);

  /// To be called when others have changed the histories in the document.
  void forget_index() { histories_.clear(); }

  void count_status_change();
  void count_configuration_change();

 private:
  xml::Element section(std::string_view name, std::string_view parent = {});
  void add_configured_node(std::string_view name);
  void set_liveness(xml::Element state, std::string_view in_ccm, std::string_view crmd,
                    std::string_view join, std::string_view origin);
  /// The history of that name; null if there are none or several.
  xml::Element find_history(xml::Element list, const std::string& id);
  Result<xml::Element> history_of(xml::Element node_state, const ActionResult& result);
  void write_entry(xml::Element history, std::string_view id, const ActionResult& result,
                   int call_id, xml::Element node_state, std::string_view exit_reason);

  xml::Element root_;
  std::int64_t now_seconds_;
  IdLookup id_of_;
  bool add_nodes_ = false;
  /// Histories by id for each node's list that was looked at; a list that isn't unique by id has a
  /// null element there.
  using HistoryIndex = std::unordered_map<std::string, xml::Element>;
  std::unordered_map<const void*, HistoryIndex> histories_;
};

}  // namespace quorate::cli::simulate
