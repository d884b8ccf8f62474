#include "common/account.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace quorate::cli {

std::string own_user() {
  if (const passwd* entry = ::getpwuid(::geteuid())) return entry->pw_name;
  const char* user = std::getenv("USER");
  return user == nullptr ? "" : user;
}

std::vector<std::string> groups_of(const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr) return {};
  const gid_t primary = entry->pw_gid;
  int count = 0;
  ::getgrouplist(user.c_str(), primary, nullptr, &count);
  std::vector<gid_t> ids(static_cast<std::size_t>(count));
  if (::getgrouplist(user.c_str(), primary, ids.data(), &count) < 0) return {};
  std::vector<std::string> names;
  for (const gid_t id : ids) {
    if (const group* found = ::getgrgid(id)) names.emplace_back(found->gr_name);
  }
  return names;
}

bool subject_to_acls(std::string_view user) { return user != "root" && user != "hacluster"; }

}  // namespace quorate::cli
