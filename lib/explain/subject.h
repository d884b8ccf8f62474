#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "explain/explain.h"

/// What a question is about, in one run of the scheduler.
namespace quorate::explain {

/// One run on a copy of the question's document.
struct Run {
  xml::Document document;
  scheduler::Schedule schedule;

  model::Snapshot& snapshot() const { return *schedule.snapshot; }
  const scheduler::Recorder& recorder() const { return *schedule.recorder; }
};

/// Schedules the document with the edits applied, keeping reasons if wanted. Null if the edits
/// can't be applied or the scheduler refuses the result.
std::unique_ptr<Run> run_with(const Question& question, const std::vector<Edit>& edits,
                              bool want_reasons);

/// The resource in question: what each of its instances is placed by.
struct Subject {
  model::Resource* whole = nullptr;      ///< the resource, or the first of its instances
  std::vector<model::Resource*> leaves;  ///< primitives whose node is the node of an instance
};

/// A resource by its ID, or the instances of what is cloned under that ID. `whole` is null if there
/// is none.
Subject find_subject(model::Snapshot& snapshot, std::string_view id);

/// kNotFound, naming what exists.
tl::unexpected<Error> unknown_resource(const Run& run, std::string_view name);
tl::unexpected<Error> unknown_node(const Run& run, std::string_view name);

/// The primitives that decide where a resource of any kind is.
std::vector<model::Resource*> leaves_of(model::Resource& resource);

/// Does the plan run this primitive there: it gets the node and a role, and either starts (or
/// migrates) there or is active and isn't stopped?
bool will_run(const model::Resource& leaf, const model::Node& node);
bool will_run(const Subject& subject, const model::Node& node);

/// The newest required action of a task on a node, or null.
const graph::Action* required_action(const model::Resource& leaf, std::string_view task,
                                     const model::Node& node);

}  // namespace quorate::explain
