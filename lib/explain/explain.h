#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/score.h"
#include "explain/edit.h"
#include "scheduler/schedule.h"
#include "xml/document.h"

/// Why the scheduler decides as it does, and what would have to change for it to decide otherwise.
namespace quorate::explain {

/// What is asked. The document is a usable CIB (cib::make_usable) and isn't changed.
struct Question {
  xml::Element cib;
  scheduler::Input input;   ///< times and names; its document and wants are set here
  std::string resource;     ///< ID of a resource, an instance, or what is cloned
  std::string node;         ///< the node to look for changes for; empty: for none
  bool every_node = false;  ///< look for changes for each node
};

/// One reason, in words, with what names it.
struct Reason {
  std::string kind;  ///< location, colocation, fail-count, standby, ...
  std::string text;
  std::string id;              ///< of the constraint, rule or history entry; empty if none
  std::optional<Score> score;  ///< what it adds
};

/// One node, from the resource's point of view.
struct NodeVerdict {
  std::string node;
  bool chosen = false;
  std::optional<Score> score;   ///< unset: it isn't among the resource's nodes
  std::vector<Reason> reasons;  ///< why (not), those that decide first
  bool asked = false;           ///< changes were looked for
  /// Together they make the scheduler run it there: each is needed, and their sum was tried. Empty
  /// if none were found (or the resource runs there anyway).
  std::vector<Change> changes;
};

struct Explanation {
  std::string resource;
  std::string kind;                      ///< primitive, group, clone, bundle
  std::vector<std::string> runs_on;      ///< now
  std::vector<std::string> will_run_on;  ///< by the plan
  std::vector<std::string> promoted_on;  ///< by the plan
  std::vector<Reason> state;             ///< what concerns all nodes
  std::vector<NodeVerdict> nodes;        ///< chosen ones first, then by score
};

/// Errors: kNotFound for a resource or node that doesn't exist, naming the closest that do; what
/// scheduling refuses. Cost: one run of the scheduler, and for each node changes are looked for up
/// to a few dozen.
Result<Explanation> explain(const Question& question);

/// The same for each top-level resource, in the order of the configuration; one run of the
/// scheduler for all of them. `resource` of the question doesn't count.
Result<std::vector<Explanation>> explain_each(Question question);

/// One action of the plan.
struct PlannedAction {
  int number = 0;
  std::string key;
  std::string task;
  std::string resource;
  std::string node;
  bool pseudo = false;
  std::string reason;
  struct Input {
    int number = 0;
    std::string text;        ///< what it waits for
    std::string constraint;  ///< ID of the ordering that says so; empty if implied
  };
  std::vector<Input> waits_for;
};

/// Every action of the plan with why it is there and what it waits for (`resource` and `node` of
/// the question limit what is listed if they are given).
Result<std::vector<PlannedAction>> explain_plan(const Question& question);

}  // namespace quorate::explain
