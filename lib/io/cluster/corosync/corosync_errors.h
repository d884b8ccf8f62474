#pragma once

#include <corosync/corotypes.h>

#include <string>

#include "base/result.h"

namespace quorate::cluster {

/// A failed call of a corosync library: kDisconnected if there is nobody to talk to, kTimeout if it
/// is to be tried again, else kIo.
inline Error corosync_error(cs_error_t code, const std::string& what) {
  const ErrorKind kind = code == CS_ERR_LIBRARY || code == CS_ERR_BAD_HANDLE ||
                                 code == CS_ERR_NOT_EXIST || code == CS_ERR_SECURITY
                             ? ErrorKind::kDisconnected
                         : code == CS_ERR_TRY_AGAIN || code == CS_ERR_TIMEOUT ||
                                 code == CS_ERR_QUEUE_FULL || code == CS_ERR_BUSY
                             ? ErrorKind::kTimeout
                             : ErrorKind::kIo;
  return Error{kind, "corosync: " + what + ": " + cs_strerror(code)};
}

}  // namespace quorate::cluster
