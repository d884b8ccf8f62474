#include "base/text.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/references.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Resource;
using model::Role;

namespace {

/// Unpacks one rsc_colocation element (spec/04 §10.2, §10.3).
class ColocationReader {
 public:
  ColocationReader(Context& context, xml::Element constraint)
      : context_(context), constraint_(constraint), id_(constraint.id()) {}

  void read() {
    if (parse_boolean(constraint_.get_or("symmetrical", "false")).value_or(false)) {
      report_warning(context_,
                     "The colocation constraint 'symmetrical' attribute has been removed");
    }
    const std::string_view text = constraint_.get_or("score", "0");
    const auto score = context_.snapshot.parse_score(text);
    const ExpandedSets expanded =
        expand_sets(context_, constraint_, {{"rsc", "rsc-role"}, {"with-rsc", "with-rsc-role"}});
    if (expanded.invalid) return;
    if (!score) {
      report_error(context_, text_of("Ignoring colocation ", id_, " because '", text,
                                     "' is not a valid score"));
      return;
    }
    score_ = *score;
    if (expanded.sets.empty()) {
      read_simple();
    } else {
      read_sets(expanded.sets);
    }
  }

 private:
  Resource* find(std::string_view id) const { return find_constraint_resource(context_, id); }
  void error(std::string text) const { report_error(context_, std::move(text)); }

  /// Whether the dependent's preferences count, by default if it is critical.
  bool influence_of(const Resource& dependent) const {
    const auto text = constraint_.get("influence");
    if (!text) return dependent.critical;
    const auto value = parse_boolean(*text);
    if (value) return *value;
    error(text_of("Constraint '", id_, "' has invalid value for influence (using default)"));
    return dependent.critical;
  }

  void add(std::string_view id, Resource& dependent, Resource& primary, Score score,
           std::optional<std::string_view> dependent_role,
           std::optional<std::string_view> primary_role, bool influence,
           std::string_view attribute = "#uname") const {
    const auto parsed_dependent = parse_any_role(dependent_role);
    const auto parsed_primary = parse_any_role(primary_role);
    if (!parsed_dependent || !parsed_primary) {
      error(text_of("Ignoring constraint ", id, ": Invalid role '",
                    parsed_dependent ? *primary_role : *dependent_role, "'"));
      return;
    }
    Colocation colocation;
    colocation.id = id;
    colocation.dependent = &dependent;
    colocation.primary = &primary;
    colocation.score = score;
    colocation.dependent_role = *parsed_dependent;
    colocation.primary_role = *parsed_primary;
    colocation.node_attribute = attribute;
    colocation.influence = influence;
    add_colocation(context_, colocation);
  }

  void read_simple() const {
    const std::string_view dependent_id = constraint_.get_or("rsc", {});
    const std::string_view primary_id = constraint_.get_or("with-rsc", {});
    Resource* dependent = find(dependent_id);
    Resource* primary = find(primary_id);
    if (dependent == nullptr || primary == nullptr) {
      error(text_of("Ignoring constraint '", id_, "' because resource '",
                    dependent == nullptr ? dependent_id : primary_id, "' does not exist"));
      return;
    }
    add(id_, *dependent, *primary, score_, constraint_.get("rsc-role"),
        constraint_.get("with-rsc-role"), influence_of(*dependent),
        constraint_.get_or("node-attribute", "#uname"));
  }

  void read_sets(const std::vector<ResourceSet>& sets) const {
    const ResourceSet* previous = nullptr;
    for (const ResourceSet& set : sets) {
      if (set.id.empty()) {
        error(text_of("Ignoring resource_set without id in constraint '", id_, "'"));
        continue;
      }
      read_within(set);
      if (previous != nullptr) read_between(*previous, set);
      previous = &set;
    }
  }

  void read_within(const ResourceSet& set) const {
    Score score = score_;
    if (set.score) {
      const auto own = context_.snapshot.parse_score(*set.score);
      if (!own) {
        error(text_of("Ignoring colocation '", id_, "' for set '", set.id, "' because '",
                      *set.score, "' is not a valid score"));
        return;
      }
      score = *own;
    }
    if (score == 0 || !set.sequential) return;
    Resource* previous = nullptr;
    for (const std::string_view id : set.members) {
      Resource* resource = find(id);
      if (resource == nullptr) {
        error(
            text_of("Ignoring ", id, " and later resources in set ", set.id, ": No such resource"));
        return;
      }
      const bool influence = influence_of(*resource);
      if (score < 0) {
        forbid_with_earlier(set, *resource, score, influence);
      } else if (previous != nullptr) {
        Resource& dependent = set.reversed ? *previous : *resource;
        Resource& primary = set.reversed ? *resource : *previous;
        add(set.id, dependent, primary, score, set.role, set.role, influence);
      }
      previous = resource;
    }
  }

  void forbid_with_earlier(const ResourceSet& set, Resource& resource, Score score,
                           bool influence) const {
    for (const std::string_view id : set.members) {
      if (id == resource.id) return;
      if (Resource* other = find(id)) {
        add(set.id, resource, *other, score, set.role, set.role, influence);
      }
    }
  }

  void read_between(const ResourceSet& from, const ResourceSet& to) const {
    if (score_ == 0 || from.members.empty() || to.members.empty()) return;
    std::vector<std::string_view> dependents = from.members;
    std::vector<std::string_view> primaries = to.members;
    if (from.sequential) {
      dependents.resize(1);
      if (find(dependents.front()) == nullptr) return missing_end(from, to, "first", dependents[0]);
    }
    if (to.sequential) {
      primaries = {to.members.back()};
      if (find(primaries.front()) == nullptr) return missing_end(from, to, "last", primaries[0]);
    }
    for (const std::string_view dependent_id : dependents) {
      Resource* dependent = find(dependent_id);
      if (dependent == nullptr) {
        error(text_of("Ignoring set ", from.id, " colocation with resource ", dependent_id,
                      " in set ", to.id, ": No such resource"));
        continue;
      }
      for (const std::string_view primary_id : primaries) {
        Resource* primary = find(primary_id);
        if (primary == nullptr) {
          error(text_of("Ignoring colocation of set ", from.id, " resource ", dependent_id,
                        " with set ", to.id, " resource ", primary_id, ": No such resource"));
          continue;
        }
        add(id_, *dependent, *primary, score_, from.role, to.role, influence_of(*dependent));
      }
    }
  }

  void missing_end(const ResourceSet& from, const ResourceSet& to, const char* end,
                   std::string_view id) const {
    error(text_of("Ignoring colocation of set ", from.id, " with set ", to.id, " because ", end,
                  " resource ", id, " not found"));
  }

  Context& context_;
  xml::Element constraint_;
  std::string_view id_;
  Score score_ = 0;
};

}  // namespace

void unpack_colocation(Context& context, xml::Element constraint) {
  ColocationReader(context, constraint).read();
}

}  // namespace quorate::scheduler
