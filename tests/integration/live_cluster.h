#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "local_cluster.h"
#include "quorate/demo/power_switch.h"
#include "xml/document.h"

namespace quorate {

/// Three nodes with the real daemons, a power switch that kills a node's whole process tree, a
/// fence device for each node, and agents that keep a journal (agents/Witness). Tests wait for
/// conditions; what doesn't come true in time fails with the daemons' log.
class LiveCluster : public LocalCluster {
 public:
  LiveCluster();

  /// Starts all nodes and waits until each is a member in every copy of the CIB.
  void bring_up();
  /// Configures fencing: a `fence_switch` for each node.
  void add_fence_devices();
  /// Three nodes without fencing, one of which runs this witness, and nothing left to do.
  void bring_up_with_witness(const std::string& id);
  /// A resource of agents/Witness, monitored each second. `more` is XML inside the primitive;
  /// `operations` replaces its monitor.
  void add_witness(const std::string& id, const std::string& more = {},
                   const std::string& operations = {});
  void configure(const std::string& section, const std::string& xml);
  void set_option(const std::string& name, const std::string& value);

  /// Everything of a node dies at once, as if its power was cut.
  void cut_power(int node);
  void start_again(int node);
  /// What the switch was asked to do, in order: "reboot node2".
  std::vector<std::string> switch_requests;
  /// Switches answer with an error while set.
  bool switch_is_broken = false;

  /// The copy of a node, "none" if it gives none.
  xml::Document query(int node) const;
  /// As many node states as say "member" in the copy of this node.
  int members(int node) const;
  bool all_members() const;
  /// The value of a node's transient attribute in the copy of `asked`; empty if there is none.
  std::string attribute(int asked, int node, const std::string& name) const;
  /// The last recorded result of a task of a resource on a node, `lrm_rsc_op`; empty if none.
  std::string result(int asked, int node, const std::string& resource,
                     const std::string& operation_key, const std::string& attribute) const;

  /// Nodes where a Witness is active, from its own files: "node1".
  std::string active(const std::string& resource) const;
  int node_of(const std::string& resource) const;  ///< 0: none or several
  /// Lines of the journal that begin with `begin`.
  int journal(const std::string& begin) const;
  bool ever_twice() const;
  /// A shell snippet that a Witness runs before an action; empty: none any more.
  void on(const std::string& action, const std::string& snippet);
  /// A file that an agent can be.
  void install_agent(const std::string& name, const std::string& script, int mode = 0755);
  void install_fence_agent(const std::string& name, const std::string& script, int mode = 0755);

  /// Waits; fails the test with the log if it doesn't come true.
  void eventually(const std::string& what, const std::function<bool()>& done,
                  std::int64_t timeout_ms = 20'000);
  /// DC and nothing to do, as crm_resource --wait says.
  void settle();
  /// Runs a tool on a node; its output, both streams. Fails the test unless it exits 0.
  std::string tool(int node, const std::string& program, std::vector<std::string> arguments);

 private:
  bool operate(const std::string& node, demo::PowerAction action);
  std::unique_ptr<demo::PowerSwitch> switch_;
};

}  // namespace quorate
