// --constraints and --stack: where a resource may run, and with what (spec/14 §6.13).

#include <fmt/format.h>

#include <set>

#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "status/list_writer.h"

namespace quorate::crm_resource {

namespace {

using model::Colocation;
using model::Resource;

/// The two sides a colocation can be looked at from.
struct Side {
  std::vector<Colocation*> Resource::*records;
  Resource* Colocation::*other;
  model::Role Colocation::*role;
  std::string_view role_words;  ///< what the role asks for
};
constexpr Side kWithThis{&Resource::with_this, &Colocation::dependent, &Colocation::primary_role,
                         "needs role="};
constexpr Side kThisWith{&Resource::this_with, &Colocation::primary, &Colocation::dependent_role,
                         "with role="};

class ConstraintWriter {
 public:
  ConstraintWriter(Session& session, bool recursive)
      : text_(session.output.text()), xml_(session.output.xml()), recursive_(recursive) {}

  void write(const Resource& resource) {
    xml_.open("constraints");
    locations(resource);
    visited_.clear();
    colocations(resource, kWithThis);
    visited_.clear();
    colocations(resource, kThisWith);
    xml_.close();
  }

 private:
  void locations(const Resource& resource) {
    bool headed = false;
    for (const model::Location* location : resource.locations) {
      for (const model::NodeEntry& entry : location->nodes) {
        if (!headed) text_.begin_list("Locations");
        headed = true;
        text_.item(fmt::format("Node {} (score={}, id={}, rsc={})", entry.node->name,
                               format_score(entry.score), location->id, resource.id));
        xml_.open("rsc_location");
        xml_.attribute("node", entry.node->name);
        xml_.attribute("rsc", resource.id);
        xml_.attribute("id", location->id);
        xml_.attribute("score", format_score(entry.score));
        xml_.close();
      }
    }
    if (headed) text_.end_list();
  }

  void colocations(const Resource& resource, const Side& side) {
    if (!visited_.insert(&resource).second) return;
    bool headed = false;
    for (const Colocation* record : resource.*side.records) {
      if (!record->is_explicit) continue;
      if (!headed) {
        text_.begin_list(side.records == kWithThis.records
                             ? fmt::format("Resources colocated with {}", resource.id)
                             : fmt::format("Resources {} is colocated with", resource.id));
      }
      headed = true;
      const Resource& other = *(record->*side.other);
      element(*record);
      if (visited_.contains(&other)) {
        text_.item(fmt::format("{} (id={} - loop)", other.id, record->id));
        continue;
      }
      item(*record, other, side);
      text_.begin_list("");
      locations(other);
      if (recursive_) colocations(other, side);
      text_.end_list();
    }
    if (headed) text_.end_list();
  }

  void item(const Colocation& record, const Resource& other, const Side& side) {
    const model::Role role = record.*side.role;
    const bool shown = role == model::Role::kUnpromoted || role == model::Role::kPromoted;
    text_.item(fmt::format(
        "{} (score={}, {}id={})", other.id, format_score(record.score),
        shown ? fmt::format("{}{}, ", side.role_words, model::role_name(role)) : std::string(),
        record.id));
  }

  void element(const Colocation& record) {
    xml_.open("rsc_colocation");
    xml_.attribute("id", record.id);
    xml_.attribute("rsc", record.dependent->id);
    xml_.attribute("with-rsc", record.primary->id);
    xml_.attribute("score", format_score(record.score));
    xml_.attribute("node-attribute", record.node_attribute);
    if (record.dependent_role != model::Role::kUnknown) {
      xml_.attribute("rsc-role", model::role_name(record.dependent_role));
    }
    if (record.primary_role != model::Role::kUnknown) {
      xml_.attribute("with-rsc-role", model::role_name(record.primary_role));
    }
    xml_.close();
  }

  status::ListWriter& text_;
  xml::Writer& xml_;
  bool recursive_;
  std::set<const Resource*> visited_;
};

}  // namespace

int show_constraints(Session& session) {
  const Resource& resource =
      session.settings.force ? *session.resource : model::outermost_of(*session.resource);
  ConstraintWriter(session, session.settings.recursive).write(resource);
  return cli::exit_code::kOk;
}

}  // namespace quorate::crm_resource
