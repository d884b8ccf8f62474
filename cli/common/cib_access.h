#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cib/apply.h"
#include "cib/request.h"
#include "messages/cib.h"

namespace quorate::cli {

/// What the CIB's service, or the file in its place, answered.
struct CibAnswer {
  cib::Code code = cib::Code::kOk;
  std::string message;  ///< one line, empty on success
  std::string data;
  cib::Version version;
  Durability durability = Durability::kNotStored;
};

/// The CIB a tool works on: the live service, or the file or shadow copy that takes its place
/// (spec/14 §4.1).
class CibAccess {
 public:
  virtual ~CibAccess() = default;

  /// Opens the one the environment names. `client` is the tool's name, `user` on whose behalf it
  /// works if not the caller's. Errors: kDisconnected, kPermission, kNotFound (no such file),
  /// kSchema (content isn't a valid CIB), with the system's text.
  static Result<std::unique_ptr<CibAccess>> open(const std::string& client,
                                                 const std::string& user = {});
  /// As open(), but past shadow copies.
  static Result<std::unique_ptr<CibAccess>> open_real(const std::string& client,
                                                      const std::string& user = {});
  /// A file whatever the environment says.
  static Result<std::unique_ptr<CibAccess>> open_file(const std::string& path,
                                                      const std::string& user = {});
  /// The live service whatever the environment says.
  static Result<std::unique_ptr<CibAccess>> open_live(const std::string& client,
                                                      const std::string& user = {});

  /// One request; waits at most `timeout_ms`. An Error only if no answer came; what the service
  /// refuses is in the answer's code.
  virtual Result<CibAnswer> run(const cib::Request& request, std::int64_t timeout_ms = 30'000) = 0;
  /// Writes back a file that was changed. Nothing else is to be called after it.
  virtual Result<void> sign_off() = 0;
  virtual bool is_live() const = 0;

  /// The whole document, parsed. What the caller may not read is left out.
  Result<xml::Document> document(std::int64_t timeout_ms = 30'000);
};

/// Whether the environment names a file or shadow copy to work on in place of the cluster.
bool file_in_place_of_cluster();

/// Path of a shadow copy (spec/14 §4.3).
std::string shadow_path(const std::string& name);

/// What a person is told when an acknowledged change isn't durable; empty if it is, or wasn't a
/// change of what is stored.
std::string durability_notice(Durability durability);

}  // namespace quorate::cli
