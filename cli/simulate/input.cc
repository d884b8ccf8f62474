#include <fmt/format.h>

#include <ctime>

#include "base/text.h"
#include "cib/upgrade.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/local_time.h"
#include "rules/datetime.h"
#include "simulate/run.h"

namespace quorate::cli::simulate {
namespace {

tl::unexpected<InputFailure> refuse(int exit_code) {
  return tl::unexpected<InputFailure>(InputFailure{exit_code});
}

constexpr std::string_view kValidationDisabled =
    "Schema validation of configuration is disabled (support for validate-with set to \"none\" is "
    "deprecated and will be removed in a future release)";

/// Completes, upgrades and validates what was read.
tl::expected<xml::Document, InputFailure> make_ready(Output& output, xml::Document document,
                                                     int verbosity) {
  xml::Element root = document.root();
  if (!root.first_child("status")) root.add("status");
  const auto schema = root.get("validate-with");
  if (schema && *schema == "none") {
    output.notice(kValidationDisabled);
    return document;
  }
  if (!schema || cib::schema_position(*schema) < 0) return refuse(exit_code::kConfig);
  cib::Schemas schemas;
  const auto usable = cib::make_usable(document, schemas);
  if (!usable) {
    output.notice(usable.error().message);
    return refuse(exit_code::kConfig);
  }
  if (const std::string upgrade = cib::describe(*usable); !upgrade.empty()) {
    if (verbosity > 2) output.notice("(make_ready) \tnotice: " + upgrade);
  }
  if (usable->changed()) return document;  // found valid on the way
  root = document.root();
  const auto violations = schemas.validate(root, root.get_or("validate-with", {}));
  for (const cib::Violation& violation : violations) output.notice(violation.to_string());
  if (!violations.empty()) return refuse(exit_code::kConfig);
  return document;
}

}  // namespace

tl::expected<xml::Document, InputFailure> load_cib(Output& output, const std::string& file,
                                                   int verbosity) {
  const auto text = read_input(file);
  auto document = text ? xml::Document::parse(*text, file)
                       : Result<xml::Document>(tl::unexpected<Error>(text.error()));
  if (!document) {
    output.error("Could not read input XML: Bad input value provided");
    return refuse(exit_code::kDataError);
  }
  return make_ready(output, std::move(*document), verbosity);
}

tl::expected<xml::Document, InputFailure> load_live_cib(Output& output, int verbosity) {
  auto access = CibAccess::open("crm_simulate");
  auto document =
      access ? (*access)->document() : Result<xml::Document>(tl::unexpected<Error>(access.error()));
  if (!document) {
    output.bare_error("Could not connect to the CIB: " + document.error().message);
    return refuse(exit_code_of(document.error().kind));
  }
  return make_ready(output, std::move(*document), verbosity);
}

EffectiveTime effective_time(const Settings& settings, xml::Element cib) {
  EffectiveTime time;
  time.seconds = static_cast<std::int64_t>(std::time(nullptr));
  if (settings.date) {
    time.line = "Setting effective cluster time: " + *settings.date;
    const rules::LocalClock clock{time.seconds, local_utc_offset(time.seconds)};
    if (const auto parsed = rules::parse_datetime(*settings.date, clock)) {
      time.seconds = rules::to_epoch(*parsed);
    }
    return time;
  }
  const auto original = to_integer(cib.get_or("execution-date", {}));
  if (!original) return time;
  time.seconds = *original;
  const std::time_t then = static_cast<std::time_t>(*original);
  std::tm utc{};
  gmtime_r(&then, &utc);
  time.line = fmt::format(
      "Using the original execution date of: {:04}-{:02}-{:02} {:02}:{:02}:{:02}Z",
      utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return time;
}

}  // namespace quorate::cli::simulate
