#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cib/document.h"
#include "cib/patch.h"
#include "cib/prepared.h"
#include "cib/validator.h"

/// The path of a request through the document (spec/08 §8): what each replica does at the
/// request's place in the order. Reads nothing but its arguments.
namespace quorate::cib {

/// What isn't in the document, resolved by the node that accepted the request.
struct Context {
  std::string user;                 ///< for access control (spec/08 §12.3)
  std::vector<std::string> groups;  ///< the user's supplementary groups
  bool enforce_access = false;      ///< ACLs apply to this request (spec/08 §11.1)
  std::string origin;               ///< node name, for update-origin
  std::string client;               ///< program, for update-client
  std::string written;              ///< cib-last-written text; empty: leave it alone
  std::string feature_set;  ///< lowest of the cluster: newer documents are refused; may be empty
  /// What comes of it has been validated: the same request, to a document equal but for its status.
  bool known_valid = false;
};

/// Whether what a request makes of everything but `status` depends on nothing but that.
bool depends_on_configuration_only(const Request& request);

struct Outcome {
  Code code = Code::kOk;
  std::string message;
  std::string data;     ///< `<failed>`, or the offending document after kSchemaValidation
  ExtendedPatch patch;  ///< empty if nothing changed or nothing is kept
  Version version;      ///< afterwards
  bool changed = false;
  bool configuration_changed = false;
  bool only_status = false;  ///< everything else, but for the version, is as it was
  bool to_disk = false;      ///< the stored document is to be written (spec/08 §13.2)
};

enum class Keep {
  kYes,
  kNo,  ///< dry run: everything is undone, the outcome tells what would have happened
};

/// What of the patch is wanted, and from how many bytes on it is long.
struct WantedPatch {
  PatchExtent extent = PatchExtent::kWhole;
  std::size_t long_bytes = std::size_t{64} * 1024;
};

/// Carries out a modifying request. A failed one leaves the document byte for byte as it was.
/// `validator` may be null: nothing is validated then. Cost: what is touched; whole configuration
/// only for validation, which is done if something other than section `status` was addressed.
Outcome apply(Cib& cib, const Prepared& request, const Context& context, const Validator* validator,
              Keep keep = Keep::kYes, const WantedPatch& wanted = {});
Outcome apply(Cib& cib, const Request& request, const Context& context, const Validator* validator,
              Keep keep = Keep::kYes, const WantedPatch& wanted = {});

/// Answers kQuery (spec/08 §6.1); the data is an XML element.
Outcome query(const Cib& cib, const Request& request, const Context& context);

}  // namespace quorate::cib
