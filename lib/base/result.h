#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace quorate {

/// What kind of failure an Error is. Tools map it to an exit code (spec/14 §2, §3), daemons to a
/// result code of a reply. Only what users can cause is an Error; broken invariants assert.
enum class ErrorKind {
  kInvalid,       ///< malformed value or document (EX_DATAERR, 65)
  kUsage,         ///< bad command line (64)
  kNotFound,      ///< the named thing doesn't exist (105, CRM_EX_NOSUCH)
  kExists,        ///< it exists already (108)
  kSchema,        ///< the document doesn't validate (78, CRM_EX_CONFIG)
  kOldVersion,    ///< the data given is older than what is there (103, CRM_EX_OLD)
  kDiffFailed,    ///< a patch doesn't apply (102 family, spec/08 §9)
  kPermission,    ///< not allowed (4 or 77)
  kTimeout,       ///< no answer in time (124)
  kDisconnected,  ///< no connection to the cluster (102)
  kNoQuorum,      ///< refused without quorum (104, CRM_EX_QUORUM)
  kUnsupported,   ///< known but not possible here
  kIo,            ///< reading or writing failed (74)
  kAmbiguous,     ///< matches several things (113, CRM_EX_MULTIPLE)
  kInternal,      ///< an invariant broke while handling a request; it was undone
};

/// A failure a user can cause or must know of: one line, subject first, then what is wrong with
/// it and what to do.
struct Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

}  // namespace quorate
