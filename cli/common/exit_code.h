#pragma once

#include <string_view>

#include "base/result.h"

/// Exit codes of the tools (spec/14 §2.1).
namespace quorate::cli {

namespace exit_code {
inline constexpr int kOk = 0;
inline constexpr int kError = 1;
inline constexpr int kInvalidParameter = 2;
inline constexpr int kUnimplemented = 3;
inline constexpr int kInsufficientPrivileges = 4;
inline constexpr int kNotConfigured = 6;
inline constexpr int kUsage = 64;
inline constexpr int kDataError = 65;
inline constexpr int kNoInput = 66;
inline constexpr int kNoHost = 68;
inline constexpr int kSoftware = 70;
inline constexpr int kSystemFile = 72;
inline constexpr int kCannotCreate = 73;
inline constexpr int kIoError = 74;
inline constexpr int kConfig = 78;
inline constexpr int kDisconnect = 102;
inline constexpr int kOld = 103;
inline constexpr int kDigest = 104;
inline constexpr int kNoSuch = 105;
inline constexpr int kQuorum = 106;
inline constexpr int kUnsafe = 107;
inline constexpr int kExists = 108;
inline constexpr int kMultiple = 109;
inline constexpr int kUnsatisfied = 113;
inline constexpr int kNoDc = 114;
inline constexpr int kTimeout = 124;
}  // namespace exit_code

/// Description of any exit code, as `message` attributes and error lines have it.
std::string_view exit_code_description(int code);
/// `CRM_EX_…`
std::string_view exit_code_name(int code);
/// Exit code for a system error number (spec/14 §3).
int exit_code_of_errno(int error);
/// Exit code for a kind of failure.
int exit_code_of(ErrorKind kind);

}  // namespace quorate::cli
