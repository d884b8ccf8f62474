#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "rules/rules.h"
#include "scheduler/context.h"

/// What the files of this stage share. Nothing outside lib/scheduler/state includes this.
namespace quorate::scheduler {

std::string concat(std::initializer_list<std::string_view> pieces);

inline bool is_true(std::optional<std::string_view> text) {
  return text && parse_boolean(*text).value_or(false);
}
/// Equal ignoring case to one of the words.
bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words);

/// Passes messages of rules and next changes on to the snapshot.
rules::Observer observer_of(Context& context);

/// Rule inputs without node, resource or operation (spec/03 §1.5).
rules::RuleContext time_only(const Context& context);
/// ... plus the agent of a resource.
rules::RuleContext agent_rules(const Context& context, const model::Resource& resource);

/// Merges blocks into a table in which the first value of a name wins (spec/03 §1.5).
void merge_into(Context& context, xml::Element parent, std::string_view block_name,
                const rules::RuleContext& inputs, model::NameValues& table,
                std::string_view always_first = {});

/// An interval in ms as spec/03 §1.3 has it: 0 if absent, negative or (with a warning) invalid.
std::int64_t interval_of(Context& context, std::optional<std::string_view> text);

/// Role words, with the deprecation messages of spec/03 §1.3.
model::Role role_of_word(Context& context, std::string_view text);

/// Why a score is refused, for messages: `OK`, `Bad input value provided`, ...
std::string_view integer_problem(std::string_view text);

// ---- Steps of spec/03 §2, in order --------------------------------------------------------------
void find_sections(Context& context);
void read_options(Context& context);
void read_nodes(Context& context);
/// Nodes of connections in the configuration; implicit connections are appended to `resources`
/// elements to read (spec/03 §4.3).
void read_remote_nodes(Context& context, std::vector<xml::Element>& resource_elements);
void read_resources(Context& context, const std::vector<xml::Element>& resource_elements);
void check_fencing_topology(Context& context);
void read_tags(Context& context);
void read_node_states(Context& context);
void read_histories(Context& context);
void count_resources(Context& context);

// ---- Nodes (spec/03 §4) -------------------------------------------------------------------------
/// Built-in attributes of §4.5, before the user's.
void add_builtin_attributes(Context& context, model::Node& node);
/// #site-name, after the user's attributes are known.
void add_site_name(Context& context, model::Node& node);
/// Transient attributes of a node_state entry; they replace what is there.
void read_transient_attributes(Context& context, model::Node& node, xml::Element node_state);
/// The node's attributes changed: fail counts are to be looked up anew.
void forget_fail_counts(Context& context, const model::Node& node);
/// `shutdown` is set and not exactly 0.
bool wants_shutdown(const model::Node& node);

// ---- Resources (spec/03 §5, §6) -----------------------------------------------------------------
/// Reads one resource and everything beneath it; null if its configuration is invalid. It is in no
/// list yet. `instance` is the number of an instance or of the instance it is part of, else -1.
model::Resource* read_resource(Context& context, xml::Element element, model::Resource* parent,
                               int instance = -1);
void read_meta_attributes(Context& context, model::Resource& resource);
/// Flags of §5.5 in order.
void read_settings(Context& context, model::Resource& resource);
bool read_primitive(Context& context, model::Resource& resource);
bool read_group(Context& context, model::Resource& resource);
bool read_clone(Context& context, model::Resource& resource);
bool read_bundle(Context& context, model::Resource& resource);
/// The implicit resources of each replica, once settings and inner clone are known (§6.3).
/// The text with characters no XML name may have replaced.
std::string xml_name(std::string_view text);
bool create_replicas(Context& context, model::Resource& bundle);
/// min-integer of §1.3.
int count_setting(Context& context, std::optional<std::string_view> text, int fallback,
                  int minimum = 0);
/// How many instances of `resources_each` a clone or bundle gets: what `setting` says or, with a
/// config error, as many as a configuration may have in all, at least one.
int affordable_instances(Context& context, const model::Resource& collective,
                         std::string_view setting, int wanted, std::int64_t resources_each);
/// The next instance of a clone (§5.10); null if its configuration is invalid.
model::Resource* create_instance(Context& context, model::Resource& clone);
/// Template expansion (§5.3); null if invalid. Without template the element itself.
xml::Element expand_template(Context& context, xml::Element element);
/// §5.8: the role target-role asks for, if any.
std::optional<model::Role> target_role(Context& context, model::Resource& resource);
/// Score for every node (§5.9).
void adjust_on_all_nodes(Context& context, model::Resource& resource, Score score,
                         std::string_view tag, bool is_symmetric_default = false);
/// Connects a remote connection with the node of its name (§4.4 step 2).
void link_connection(Context& context, model::Resource& connection);
/// Launchers of its leaves, and its node if it is a connection (§4.4).
void link_resource(Context& context, model::Resource& resource);
bool allows_unique_clones(std::string_view standard);
bool is_promotable_standard(std::string_view standard);

// ---- Status (spec/03 §7-14) ---------------------------------------------------------------------
/// Online status and attributes of remote kinds (§9.2, §9.3).
void determine_remote_online(model::Node& node);
void read_remote_node_state(Context& context, model::Node& node, xml::Element node_state);
/// Histories of one node (§10).
void read_node_history(Context& context, model::Node& node, xml::Element node_state);

/// Replaces its allowed nodes by all nodes with -INFINITY.
void ban_from_all_nodes(Context& context, model::Resource& resource);

/// What an implicit connection primitive is made from (§4.6).
struct ConnectionSpec {
  std::string_view name;
  std::string_view container;
  std::optional<std::string_view> address;
  std::optional<std::string_view> port;
  std::optional<std::string_view> connect_timeout;
  std::optional<std::string_view> allow_migrate;
  std::optional<std::string_view> is_managed;
};
xml::Element make_connection(Context& context, const ConnectionSpec& spec);

}  // namespace quorate::scheduler
