#include "cib/request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace quorate::cib {
namespace {

constexpr std::array<std::pair<Operation, std::string_view>, 10> kOperations{{
    {Operation::kQuery, "cib_query"},
    {Operation::kCreate, "cib_create"},
    {Operation::kModify, "cib_modify"},
    {Operation::kDelete, "cib_delete"},
    {Operation::kReplace, "cib_replace"},
    {Operation::kErase, "cib_erase"},
    {Operation::kUpgrade, "cib_upgrade"},
    {Operation::kBump, "cib_bump"},
    {Operation::kPatch, "cib_apply_diff"},
    {Operation::kTransaction, "cib_commit_transact"},
}};

constexpr std::array<std::pair<std::string_view, bool CallOptions::*>, 10> kOptions{{
    {"xpath", &CallOptions::xpath},
    {"no-children", &CallOptions::no_children},
    {"addresses", &CallOptions::addresses},
    {"multiple", &CallOptions::multiple},
    {"may-create", &CallOptions::may_create},
    {"score-update", &CallOptions::score_update},
    {"dry-run", &CallOptions::dry_run},
    {"inhibit-notify", &CallOptions::inhibit_notify},
    {"discard-reply", &CallOptions::discard_reply},
    {"no-mtime", &CallOptions::no_mtime},
}};

struct CodeText {
  Code code;
  std::string_view message;
  int exit_code;
  ErrorKind kind;
};
constexpr std::array<CodeText, 27> kCodes{{
    {Code::kOk, "OK", 0, ErrorKind::kInternal},
    {Code::kInvalidArgument, "Invalid argument", 70, ErrorKind::kInvalid},
    {Code::kNoSuchDevice, "No such device or address", 105, ErrorKind::kNotFound},
    {Code::kExists, "File exists", 108, ErrorKind::kExists},
    {Code::kPermissionDenied, "Permission denied", 4, ErrorKind::kPermission},
    {Code::kNotPermitted, "Operation not permitted", 1, ErrorKind::kPermission},
    {Code::kProtocolNotSupported, "Protocol not supported", 76, ErrorKind::kUnsupported},
    {Code::kNotSupported, "Operation not supported", 3, ErrorKind::kUnsupported},
    {Code::kNotConnected, "Transport endpoint is not connected", 102, ErrorKind::kDisconnected},
    {Code::kTimedOut, "Timer expired", 124, ErrorKind::kTimeout},
    {Code::kIo, "Input/output error", 74, ErrorKind::kIo},
    {Code::kNoMessage, "No message of desired type", 76, ErrorKind::kInvalid},
    {Code::kSendFailed, "Communication error on send", 71, ErrorKind::kDisconnected},
    {Code::kOldData, "Update was older than existing configuration", 103, ErrorKind::kOldVersion},
    {Code::kDiffFailed, "Application of update diff failed", 1, ErrorKind::kDiffFailed},
    {Code::kDigestMismatch, "Digest does not match expected value", 104, ErrorKind::kInvalid},
    {Code::kSchemaValidation, "Update does not conform to the configured schema", 78,
     ErrorKind::kSchema},
    {Code::kTransformFailed, "Schema transform failed", 78, ErrorKind::kSchema},
    {Code::kSchemaUnchanged, "Schema is already the latest available", 1, ErrorKind::kExists},
    {Code::kCorrupt, "Could not parse on-disk configuration", 78, ErrorKind::kInvalid},
    {Code::kModified, "On-disk configuration was manually modified", 1, ErrorKind::kInvalid},
    {Code::kAlready, "Already in requested state", 108, ErrorKind::kExists},
    {Code::kNoTransaction, "No active transaction found", 105, ErrorKind::kNotFound},
    {Code::kBadInput, "Bad input value provided", 65, ErrorKind::kInvalid},
    {Code::kNotUnique, "Name not unique on network", 109, ErrorKind::kAmbiguous},
    {Code::kBusy, "Resource temporarily unavailable", 75, ErrorKind::kTimeout},
    {Code::kInternal, "Internal error", 70, ErrorKind::kInternal},
}};

const CodeText& entry(Code code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kCodes.size() ? kCodes[index] : kCodes.back();
}

std::int64_t number_or(std::string_view text, std::int64_t missing) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return missing;
  return value;
}

}  // namespace

std::string_view operation_name(Operation operation) {
  for (const auto& [known, name] : kOperations) {
    if (known == operation) return name;
  }
  return "unknown";
}

std::optional<Operation> operation_from(std::string_view name) {
  for (const auto& [known, text] : kOperations) {
    if (text == name) return known;
  }
  return std::nullopt;
}

std::string to_text(const CallOptions& options) {
  std::string text;
  for (const auto& [name, member] : kOptions) {
    if (!(options.*member)) continue;
    if (!text.empty()) text += ' ';
    text += name;
  }
  return text;
}

CallOptions options_from(std::string_view text) {
  CallOptions options;
  for (const std::string_view word : split_words(text)) {
    for (const auto& [name, member] : kOptions) {
      if (word == name) options.*member = true;
    }
  }
  return options;
}

std::string encode_transaction(const std::vector<Request>& requests) {
  std::string text = "<cib_transaction>";
  for (const Request& request : requests) {
    text += "<request operation=\"";
    text += operation_name(request.operation);
    text += "\" section=\"" + xml::escape(request.section);
    text += "\" options=\"" + to_text(request.options) + "\">";
    text += request.data;
    text += "</request>";
  }
  return text + "</cib_transaction>";
}

std::string to_text(const Version& version) {
  return std::to_string(version.admin_epoch) + "." + std::to_string(version.epoch) + "." +
         std::to_string(version.num_updates);
}

Version version_from(std::string_view text) {
  const std::vector<std::string_view> parts = split_words(text, '.');
  const auto part = [&](std::size_t i) {
    return i < parts.size() ? number_or(parts[i], 0) : std::int64_t{0};
  };
  return {part(0), part(1), part(2)};
}

Version version_of(xml::Element root, std::int64_t missing) {
  return {number_or(root.get_or("admin_epoch", {}), missing),
          number_or(root.get_or("epoch", {}), missing),
          number_or(root.get_or("num_updates", {}), missing)};
}

std::string_view message_of(Code code) { return entry(code).message; }
int exit_code_of(Code code) { return entry(code).exit_code; }
ErrorKind error_kind_of(Code code) { return entry(code).kind; }

}  // namespace quorate::cib
