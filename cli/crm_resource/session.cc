#include "crm_resource/session.h"

#include <fmt/format.h>

#include "common/exit_code.h"

namespace quorate::crm_resource {

namespace {

bool matches(const model::Resource& resource, std::string_view name, Lookup lookup) {
  if (resource.id == name || (!resource.history_id.empty() && resource.history_id == name)) {
    return true;
  }
  const bool by_base =
      lookup == Lookup::kBase || (lookup == Lookup::kAnonymous && !resource.unique);
  return by_base && model::base_name(resource.id) == name;
}

model::Resource* find_in(const std::vector<model::Resource*>& list, std::string_view name,
                         Lookup lookup) {
  for (model::Resource* resource : list) {
    if (matches(*resource, name, lookup)) return resource;
    if (model::Resource* found = find_in(resource->children, name, lookup)) return found;
  }
  return nullptr;
}

}  // namespace

model::Resource* find_resource(model::Snapshot& snapshot, std::string_view name, Lookup lookup) {
  return find_in(snapshot.resources, name, lookup);
}

int change_cib(Session& session, const cib::Request& request) {
  const auto answer = session.cib.run(request);
  if (!answer) {
    session.output.error(answer.error().message);
    return cli::exit_code_of(answer.error().kind);
  }
  if (answer->code != cib::Code::kOk) {
    if (!answer->message.empty()) session.output.notice(answer->message);
    return cib::exit_code_of(answer->code);
  }
  if (const std::string notice = cli::durability_notice(answer->durability); !notice.empty()) {
    session.output.notice(notice);
  }
  return cli::exit_code::kOk;
}

}  // namespace quorate::crm_resource
