#pragma once

#include <optional>
#include <string>

/// What an agent that calls a tool has in its environment (spec/10 §6, spec/14 §4.6).
namespace quorate::cli {

/// A variable's value; nothing if it isn't set.
std::optional<std::string> environment(const char* name);

/// The node a name on the command line stands for: the name itself, but for none, `auto` and
/// `localhost` (any case) the node an agent works for, if the tool is run by one.
std::string resolve_node(const std::string& given);

/// Whether a name stands for the local node: none, `auto` or `localhost`.
bool means_local_node(const std::string& given);

}  // namespace quorate::cli
