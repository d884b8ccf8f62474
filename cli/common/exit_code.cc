#include "common/exit_code.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace quorate::cli {
namespace {

struct Entry {
  int code;
  std::string_view name;
  std::string_view description;
};

constexpr Entry kCodes[] = {
    {0, "CRM_EX_OK", "OK"},
    {1, "CRM_EX_ERROR", "Error occurred"},
    {2, "CRM_EX_INVALID_PARAM", "Invalid parameter"},
    {3, "CRM_EX_UNIMPLEMENT_FEATURE", "Unimplemented"},
    {4, "CRM_EX_INSUFFICIENT_PRIV", "Insufficient privileges"},
    {5, "CRM_EX_NOT_INSTALLED", "Not installed"},
    {6, "CRM_EX_NOT_CONFIGURED", "Not configured"},
    {7, "CRM_EX_NOT_RUNNING", "Not running"},
    {8, "CRM_EX_PROMOTED", "Promoted"},
    {9, "CRM_EX_FAILED_PROMOTED", "Failed in promoted role"},
    {64, "CRM_EX_USAGE", "Incorrect usage"},
    {65, "CRM_EX_DATAERR", "Invalid data given"},
    {66, "CRM_EX_NOINPUT", "Input file not available"},
    {67, "CRM_EX_NOUSER", "User does not exist"},
    {68, "CRM_EX_NOHOST", "Host does not exist"},
    {69, "CRM_EX_UNAVAILABLE", "Necessary service unavailable"},
    {70, "CRM_EX_SOFTWARE", "Internal software bug"},
    {71, "CRM_EX_OSERR", "Operating system error occurred"},
    {72, "CRM_EX_OSFILE", "System file not available"},
    {73, "CRM_EX_CANTCREAT", "Cannot create output file"},
    {74, "CRM_EX_IOERR", "I/O error occurred"},
    {75, "CRM_EX_TEMPFAIL", "Temporary failure, try again"},
    {76, "CRM_EX_PROTOCOL", "Protocol violated"},
    {77, "CRM_EX_NOPERM", "Insufficient privileges"},
    {78, "CRM_EX_CONFIG", "Invalid configuration"},
    {100, "CRM_EX_FATAL", "Fatal error occurred, will not respawn"},
    {101, "CRM_EX_PANIC", "System panic required"},
    {102, "CRM_EX_DISCONNECT", "Not connected"},
    {103, "CRM_EX_OLD", "Update was older than existing configuration"},
    {104, "CRM_EX_DIGEST", "Digest mismatch"},
    {105, "CRM_EX_NOSUCH", "No such object"},
    {106, "CRM_EX_QUORUM", "Quorum required"},
    {107, "CRM_EX_UNSAFE", "Operation not safe"},
    {108, "CRM_EX_EXISTS", "Requested item already exists"},
    {109, "CRM_EX_MULTIPLE", "Multiple items match request"},
    {110, "CRM_EX_EXPIRED", "Requested item has expired"},
    {111, "CRM_EX_NOT_YET_IN_EFFECT", "Requested item is not yet in effect"},
    {112, "CRM_EX_INDETERMINATE", "Could not determine status"},
    {113, "CRM_EX_UNSATISFIED", "Not applicable under current conditions"},
    {114, "CRM_EX_NO_DC", "DC is not yet elected"},
    {124, "CRM_EX_TIMEOUT", "Timeout occurred"},
    {190, "CRM_EX_DEGRADED", "Service is active but might fail soon"},
    {191, "CRM_EX_DEGRADED_PROMOTED", "Service is promoted but might fail soon"},
    {193, "CRM_EX_NONE", "No exit status available"},
};

const Entry* find(int code) {
  const auto* entry = std::find_if(std::begin(kCodes), std::end(kCodes),
                                   [code](const Entry& e) { return e.code == code; });
  return entry == std::end(kCodes) ? nullptr : entry;
}

}  // namespace

std::string_view exit_code_description(int code) {
  if (const Entry* entry = find(code)) return entry->description;
  if (code == 255) return "Error occurred";
  return code > 128 && code < 256 ? "Interrupted by signal" : "Unknown exit status";
}

std::string_view exit_code_name(int code) {
  const Entry* entry = find(code);
  return entry != nullptr ? entry->name : "CRM_EX_UNKNOWN";
}

int exit_code_of_errno(int error) {
  switch (error) {
    case 0:
      return exit_code::kOk;
    case EOPNOTSUPP:
      return 3;
    case EACCES:
      return exit_code::kInsufficientPrivileges;
    case EBADF:
    case EINVAL:
    case EFAULT:
    case ENOSYS:
    case EOVERFLOW:
      return exit_code::kSoftware;
    case ENOMEM:
    case ECOMM:
      return 71;
    case EIO:
      return exit_code::kIoError;
    case EBADMSG:
    case EMSGSIZE:
    case ENOMSG:
    case ENOPROTOOPT:
    case EPROTO:
    case EPROTONOSUPPORT:
    case EPROTOTYPE:
      return 76;
    case ECONNABORTED:
    case ECONNREFUSED:
    case ECONNRESET:
    case ENOTCONN:
      return exit_code::kDisconnect;
    case ENODEV:
    case ENOENT:
    case ENXIO:
      return exit_code::kNoSuch;
    case EEXIST:
      return exit_code::kExists;
    case ENOTUNIQ:
      return exit_code::kMultiple;
    case EAGAIN:
    case EBUSY:
      return 113;
    case ETIME:
    case ETIMEDOUT:
      return exit_code::kTimeout;
    default:
      return exit_code::kError;
  }
}

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return exit_code::kDataError;
    case ErrorKind::kUsage:
      return exit_code::kUsage;
    case ErrorKind::kNotFound:
      return exit_code::kNoSuch;
    case ErrorKind::kExists:
      return exit_code::kExists;
    case ErrorKind::kSchema:
      return exit_code::kConfig;
    case ErrorKind::kOldVersion:
      return exit_code::kOld;
    case ErrorKind::kDiffFailed:
      return exit_code::kError;
    case ErrorKind::kPermission:
      return exit_code::kInsufficientPrivileges;
    case ErrorKind::kTimeout:
      return exit_code::kTimeout;
    case ErrorKind::kDisconnected:
      return exit_code::kDisconnect;
    case ErrorKind::kNoQuorum:
      return exit_code::kQuorum;
    case ErrorKind::kUnsupported:
      return 3;
    case ErrorKind::kIo:
      return exit_code::kIoError;
    case ErrorKind::kAmbiguous:
      return exit_code::kMultiple;
    case ErrorKind::kInternal:
      return exit_code::kSoftware;
  }
  return exit_code::kError;
}

}  // namespace quorate::cli
