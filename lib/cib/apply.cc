#include "cib/apply.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "cib/access.h"
#include "cib/digest.h"
#include "cib/edit.h"
#include "cib/operations.h"
#include "cib/patch.h"

namespace quorate::cib {
namespace {

Outcome refuse(Code code, std::string message, std::string data = {}) {
  Outcome outcome;
  outcome.code = code;
  outcome.message = std::move(message);
  outcome.data = std::move(data);
  return outcome;
}

/// spec/08 §3.1.
void advance_version(Edit& edit) {
  if (!edit.changed()) return;
  const xml::Element root = edit.cib().root();
  const Version version = version_of(root);
  if (edit.configuration_changed()) {
    edit.set(root, "epoch", std::to_string(version.epoch + 1));
    edit.set(root, "num_updates", "0");
  } else {
    edit.set(root, "num_updates", std::to_string(version.num_updates + 1));
  }
}

/// spec/08 §8.5: feature set, and versions that go back.
Outcome check_root(xml::Element root, const Version& before, const Context& context) {
  const std::string_view feature_set = root.get_or("crm_feature_set", {});
  if (!context.feature_set.empty() && compare_versions(feature_set, context.feature_set) > 0) {
    return refuse(Code::kProtocolNotSupported, "feature set '" + std::string(feature_set) +
                                                   "' is newer than this cluster's '" +
                                                   context.feature_set + "'");
  }
  const Version now = version_of(root);
  if (now.admin_epoch < before.admin_epoch ||
      (now.admin_epoch == before.admin_epoch && now.epoch < before.epoch)) {
    return refuse(Code::kOldData, "version " + to_text(now) + " would be older than the current " +
                                      to_text(before));
  }
  return {};
}

/// One operation with its version step. The root's numbers are changed with access control off:
/// `marks` judges what the user did before that.
Outcome run_one(Edit& edit, const Step& step, const Validator* validator) {
  const OperationResult result = run_operation(edit, step, validator);
  return result.code == Code::kOk ? Outcome{} : refuse(result.code, result.message, result.data);
}

Outcome denied(const Context& context) {
  return refuse(Code::kPermissionDenied,
                "user '" + context.user + "' may not make this change; see the ACLs in 'acls'");
}

Outcome run_transaction(Edit& edit, const Prepared& request, const Context& context,
                        const Validator* validator, AccessMarks* marks) {
  // All parts first, judged as one; their version steps come after: a part can't see numbers it
  // could have changed itself otherwise.
  const Version before = version_of(edit.cib().root());
  for (const Step& step : request.steps()) {
    Outcome outcome = run_one(edit, step, validator);
    if (outcome.code == Code::kOk) outcome = check_root(edit.cib().root(), before, context);
    if (outcome.code != Code::kOk) return outcome;
  }
  return marks == nullptr || marks->allows(edit) ? Outcome{} : denied(context);
}

/// spec/08 §8.8. Not part of the patch.
void stamp(Edit& edit, const Context& context) {
  const xml::Element root = edit.cib().root();
  if (!context.written.empty()) edit.set(root, "cib-last-written", to_xml_safe(context.written));
  const std::string_view schema = root.get_or("validate-with", {});
  if (schema == "pacemaker-1.0" || schema == "none") return;
  const auto put = [&](const char* name, const std::string& value) {
    if (value.empty()) {
      edit.unset(root, name);
    } else {
      edit.set(root, name, to_xml_safe(value));
    }
  };
  put("update-origin", context.origin);
  put("update-client", context.client);
  put("update-user", context.user);
}

/// spec/08 §8.9.
Outcome validate(const Cib& cib, const Context& context, const Validator* validator) {
  if (validator == nullptr) return {};
  const xml::Element root = cib.root();
  std::vector<std::string> complaints;
  if (root.get_or("validate-with", {}) == "none") {
    complaints = {"cib: validate-with 'none' isn't accepted any more; name a schema"};
  } else {
    const xml::ChildrenAside aside(cib.status());
    complaints = validator->complaints(root);
  }
  if (complaints.empty()) return {};
  Outcome outcome = refuse(Code::kSchemaValidation, complaints.front());
  if (!context.enforce_access) {
    outcome.data = cib.to_string();
  } else if (const auto readable = readable_copy(cib, context.user, context.groups)) {
    outcome.data = readable->to_string();
  }
  return outcome;
}

/// Whether a document that was valid is so still because nothing but values of attributes has
/// changed that may have any.
bool keeps_valid(const Edit& edit, xml::Element root, const Validator* validator) {
  if (validator == nullptr || root.get_or("validate-with", "none") == "none") return false;
  if (!edit.creations().empty() || !edit.deletions().empty() || !edit.moves().empty()) return false;
  return std::all_of(
      edit.modifications().begin(), edit.modifications().end(), [&](const auto& entry) {
        const auto& [raw, modification] = entry;
        const xml::Element element(raw);
        std::size_t at = 0;
        bool free = true;
        element.for_each_attribute([&](const xml::Attribute& now) {
          if (!free || at >= modification.before.size()) return void(free = false);
          const auto [name, value] = modification.before[at++];
          free = name == now.name && (value == now.value || validator->is_free(element, name));
        });
        return free && at == modification.before.size();
      });
}

/// Whether all that was touched lies within `status`, however it was asked for: by section, by
/// XPath or in a transaction. The rest of the document is as valid as it was.
bool stays_within_status(const Edit& edit, xml::Element root) {
  if (edit.configuration_changed()) return false;
  const auto at_top = [root](_xmlNode* raw) {
    return raw == root.raw() || xml::Node(raw).parent() == root;
  };
  return std::none_of(edit.modifications().begin(), edit.modifications().end(),
                      [&](const auto& entry) {
                        const auto& [raw, modification] = entry;
                        return at_top(raw) &&
                               !xml::has_attributes(xml::Element(raw), modification.before);
                      }) &&
         std::none_of(edit.creations().begin(), edit.creations().end(), at_top) &&
         std::none_of(edit.moves().begin(), edit.moves().end(), at_top) &&
         std::none_of(edit.deletions().begin(), edit.deletions().end(),
                      [root](const Edit::Deletion& gone) { return gone.parent == root; });
}

bool always_written(Operation operation) {
  return operation == Operation::kReplace || operation == Operation::kUpgrade ||
         operation == Operation::kTransaction;
}

}  // namespace

bool depends_on_configuration_only(const Request& request) {
  const bool merges = request.operation == Operation::kCreate ||
                      request.operation == Operation::kModify ||
                      request.operation == Operation::kReplace;
  const bool takes_away = request.operation == Operation::kDelete;
  const SectionPlace place = section_place(request.section);
  return (merges || takes_away) && !request.options.xpath && place.known &&
         (place.parent == "configuration" || request.section == "configuration");
}

Outcome apply(Cib& cib, const Request& request, const Context& context, const Validator* validator,
              Keep keep, const WantedPatch& wanted) {
  return apply(cib, Prepared(request), context, validator, keep, wanted);
}

Outcome apply(Cib& cib, const Prepared& request, const Context& context, const Validator* validator,
              Keep keep, const WantedPatch& wanted) {
  const Version before = cib.version();
  const bool status_only = !request.options().xpath && iequals(request.section(), "status");
  std::optional<AccessMarks> marks;
  if (context.enforce_access) marks.emplace(cib, context.user, context.groups);
  Edit edit(cib);
  Outcome outcome;
  if (request.failure()) {
    outcome = refuse(request.failure()->code, request.failure()->message);
  } else if (request.operation() == Operation::kTransaction) {
    outcome = run_transaction(edit, request, context, validator, marks ? &*marks : nullptr);
  } else {
    outcome = run_one(edit, request.steps().front(), validator);
    if (outcome.code == Code::kOk && marks && !marks->allows(edit)) outcome = denied(context);
  }
  if (outcome.code == Code::kOk) outcome = check_root(cib.root(), before, context);
  outcome.version = before;
  if (outcome.code != Code::kOk || !edit.changed()) {
    edit.rollback();
    return outcome;
  }
  const bool to_configuration = edit.configuration_changed();
  const bool still_valid = context.known_valid || keeps_valid(edit, cib.root(), validator);
  const bool only_status = status_only || stays_within_status(edit, cib.root());
  // A transaction is a step itself.
  const bool transaction = request.operation() == Operation::kTransaction;
  const std::size_t version_steps = transaction ? request.steps().size() + 1 : 1;
  for (std::size_t i = 0; i < version_steps; ++i) advance_version(edit);
  if (!cib.root().has("validate-with")) {
    return refuse(Code::kCorrupt, "the document would have no 'validate-with'");
  }
  if (!cib.configuration() || !cib.section("configuration")) {
    return refuse(Code::kInvalidArgument, "the document would have no single 'configuration'");
  }
  if (keep == Keep::kYes) {
    outcome.patch = extended_patch_of(edit, cib.root(), wanted.extent, wanted.long_bytes);
  }
  if (to_configuration && !request.options().no_mtime) stamp(edit, context);
  if (!only_status && !still_valid) {
    Outcome judged = validate(cib, context, validator);
    if (judged.code != Code::kOk) {
      judged.version = before;
      return judged;
    }
  }
  outcome.changed = true;
  outcome.configuration_changed = to_configuration;
  outcome.only_status = only_status;
  outcome.to_disk = !only_status && (to_configuration || always_written(request.operation()));
  outcome.version = cib.version();
  if (keep == Keep::kYes) edit.commit();
  return outcome;
}

}  // namespace quorate::cib
