#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/document.h"

/// The nouns of the CIB service: operations, options, versions and result codes (spec/08 §3, §6,
/// §7, §9).
namespace quorate::cib {

enum class Operation {
  kQuery,
  kCreate,
  kModify,
  kDelete,
  kReplace,
  kErase,
  kUpgrade,
  kBump,
  kPatch,
  kTransaction,  ///< data is a list made by encode_transaction()
};
/// Names as in `<failed_update operation=>` and notifications: cib_query, cib_create, cib_modify …
std::string_view operation_name(Operation operation);
std::optional<Operation> operation_from(std::string_view name);
inline bool modifies(Operation operation) { return operation != Operation::kQuery; }

/// Call options that matter to the service (spec/08 §7).
struct CallOptions {
  bool xpath = false;           ///< `section` is an XPath expression
  bool no_children = false;     ///< query: attributes only
  bool addresses = false;       ///< query by XPath: paths instead of elements
  bool multiple = false;        ///< all matches of the XPath instead of the first
  bool may_create = false;      ///< modify by section: append if nothing matches
  bool score_update = false;    ///< modify: honour `value++` and `value+=N` (spec/08 §19)
  bool dry_run = false;         ///< carried out and undone on this node only
  bool inhibit_notify = false;  ///< no CibChange to subscribers
  bool discard_reply = false;   ///< no CibReply
  bool no_mtime = false;        ///< leave cib-last-written and update-* alone
  friend bool operator==(const CallOptions&, const CallOptions&) = default;
};
/// Blank-separated names ("xpath multiple"), for messages and transactions.
std::string to_text(const CallOptions& options);
CallOptions options_from(std::string_view text);

/// Operation, place and data, without who asks.
struct Request {
  Operation operation = Operation::kQuery;
  std::string section;  ///< section name, XPath (options.xpath) or empty: whole document
  CallOptions options;
  std::string data;  ///< one XML element as text, or empty
};

/// A transaction's requests as the `data` of one request (spec/08 §6.10); read back by Prepared.
/// Only modifying operations other than kTransaction are allowed.
std::string encode_transaction(const std::vector<Request>& requests);

/// (admin_epoch, epoch, num_updates), compared left to right (spec/08 §3).
struct Version {
  std::int64_t admin_epoch = 0;
  std::int64_t epoch = 0;
  std::int64_t num_updates = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};
std::string to_text(const Version& version);  ///< "0.5.12"
/// Reads "0.5.12"; missing or unreadable parts are 0.
Version version_from(std::string_view text);
/// Of a `cib` root element; missing, negative or unreadable numbers count as `missing`.
Version version_of(xml::Element root, std::int64_t missing = 0);

/// Results of requests (spec/08 §9). Numbers travel in messages: append only.
enum class Code {
  kOk,
  kInvalidArgument,
  kNoSuchDevice,
  kExists,
  kPermissionDenied,
  kNotPermitted,
  kProtocolNotSupported,
  kNotSupported,
  kNotConnected,
  kTimedOut,
  kIo,
  kNoMessage,
  kSendFailed,
  kOldData,
  kDiffFailed,
  kDigestMismatch,
  kSchemaValidation,
  kTransformFailed,
  kSchemaUnchanged,
  kCorrupt,
  kModified,
  kAlready,
  kNoTransaction,
  kBadInput,
  kNotUnique,
  kBusy,      ///< a queue is full: try again
  kInternal,  ///< an invariant broke while applying; undone on every node alike
};
/// Message text of spec/08 §9, as after "CIB API call failed: ".
std::string_view message_of(Code code);
/// Exit code of a tool for it (spec/08 §9).
int exit_code_of(Code code);
ErrorKind error_kind_of(Code code);

}  // namespace quorate::cib
