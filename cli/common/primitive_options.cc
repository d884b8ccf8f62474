// Meta-attributes of primitives. After name, type, default and texts: values.

#include "common/option_catalog.h"

namespace quorate::cli {

OptionCatalog primitive_options() {
  return {
      "primitive-meta",
      "Primitive meta-attributes",
      "Meta-attributes of a resource say how the cluster treats it.",
      {
          {"priority", "score", "0", "Resources of higher priority are placed first",
           "If not all resources can be active, those of lower priority are stopped."},
          {"critical", "boolean", "true",
           "Default of the option influence of colocations with this resource as dependent",
           "Also applies to membership in a group."},
          {"target-role",
           "select",
           "Started",
           "The role the cluster aims for",
           "Started means as high as possible, Unpromoted not promoted.",
           {"Stopped", "Started", "Unpromoted", "Promoted"}},
          {"is-managed", "boolean", "true", "Whether the cluster may start and stop the resource",
           "Maintenance mode overrides it."},
          {"maintenance", "boolean", "false",
           "Whether the cluster neither starts, stops nor monitors the resource"},
          {"resource-stickiness", "score", std::nullopt,
           "How much the resource prefers to stay where it is",
           "Default 1 for instances of clones, 0 otherwise."},
          {"requires",
           "select",
           std::nullopt,
           "When the resource may be started",
           "nothing: at any time; quorum: with quorum; fencing: also when failed nodes have been "
           "fenced; unfencing: also on unfenced nodes only. Default: quorum for fence devices, "
           "unfencing if unfencing is in use, fencing if fencing is enabled, quorum otherwise.",
           {"nothing", "quorum", "fencing", "unfencing"}},
          {"migration-threshold", "score", "INFINITY",
           "Number of failures on a node after which the resource may not run there",
           "0 turns it off."},
          {"failure-timeout", "duration", "0", "Time after which a failure is forgotten",
           "0 means never."},
          {"multiple-active",
           "select",
           "stop_start",
           "What to do if the resource is active on several nodes",
           "block: leave it alone; stop_only: stop it everywhere; stop_start: stop it everywhere "
           "and start it on one node; stop_unexpected: stop it where it should not be.",
           {"block", "stop_only", "stop_start", "stop_unexpected"}},
          {"allow-migrate", "boolean", std::nullopt, "Whether the resource may be moved live",
           "Default true for ocf:pacemaker:remote, false otherwise."},
          {"allow-unhealthy-nodes", "boolean", "false",
           "Whether the resource may run on nodes whose health forbids it"},
          {"container-attribute-target", "string", std::nullopt,
           "Where agents in a bundle set node attributes", "host: on the container's host."},
          {"remote-node", "string", std::nullopt, "Name of the guest node this resource provides",
           "Must not be the name of a resource or another node."},
          {"remote-addr", "string", std::nullopt, "Address at which the guest node is reached",
           "Default: the value of remote-node."},
          {"remote-port", "port", "3121", "Port at which the guest node is reached"},
          {"remote-connect-timeout", "timeout", "60s",
           "How long connecting to the guest node may take"},
          {"remote-allow-migrate", "boolean", "true",
           "Whether the guest node's connection may be moved live"},
      }};
}

}  // namespace quorate::cli
