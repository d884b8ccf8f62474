#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "scheduler/context.h"

/// Configuration of operations: the <op> in force, its meta-attributes, on-fail (spec/03 §12,
/// spec/05 §3).
namespace quorate::scheduler {

/// First <op> with that name and interval; for migrate_to and migrate_from also `migrate`, for
/// notifications `notify` (spec/05 §3.1). Null element if none.
xml::Element find_operation(Context& context, model::Resource& resource, std::string_view task,
                            std::int64_t interval_ms, bool include_disabled = true);

/// Meta table of an action (spec/05 §3.2, spec/03 §12.2). `node` may be null.
model::NameValues operation_meta(Context& context, model::Resource& resource,
                                 const model::Node* node, std::string_view task,
                                 std::int64_t interval_ms, xml::Element config);

/// Meta table of a resource action's settings, evaluated at the first call; empty for others. The
/// action's own `meta` wins over it.
const model::NameValues& settings_meta(Context& context, graph::Action& action);
/// A value of the action's meta table: its own, else that of its settings.
std::optional<std::string_view> action_meta(Context& context, graph::Action& action,
                                            std::string_view name);
/// The <op> of a resource action, looked up at the first call. May be null.
xml::Element action_config(Context& context, graph::Action& action);
/// The action's own parameters: instance attributes of its <op> for its node (spec/05 §3.3).
const model::NameValues& action_parameters(Context& context, graph::Action& action);

/// Policy for a failure of this action, after validation (spec/03 §12.4). `on_fail` is the value
/// in the meta table, empty if unset.
model::OnFail on_fail_policy(Context& context, model::Resource& resource, std::string_view task,
                             std::int64_t interval_ms, std::string_view on_fail);
/// Role after a failure (spec/03 §12.5).
model::Role fail_role(const model::Resource& resource, std::string_view task, model::OnFail policy);

}  // namespace quorate::scheduler
