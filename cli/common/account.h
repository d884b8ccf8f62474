#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Who runs the tool, as the system's user database has it.
namespace quorate::cli {

/// Name of the effective user; that of `USER` if the database has none.
std::string own_user();

/// Names of the groups a user belongs to; empty if the user isn't known here.
std::vector<std::string> groups_of(const std::string& user);

/// Whether access control lists bind a user: all but `root` and the daemon user (spec/08 §11.1).
bool subject_to_acls(std::string_view user);

}  // namespace quorate::cli
