#include "quorate/explain/explain_command.h"

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "base/text.h"
#include "cib/upgrade.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/local_time.h"
#include "explain/explain.h"
#include "quorate/explain/render.h"

namespace quorate::cli {
namespace {

constexpr const char* kInputFolder = "/var/lib/pacemaker/pengine";

/// The newest input a plan was made from.
Result<std::string> last_input() {
  namespace fs = std::filesystem;
  std::string newest;
  fs::file_time_type newest_time;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(kInputFolder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("pe-") || !name.ends_with(".bz2")) continue;
    std::error_code ignored;
    const auto time = entry.last_write_time(ignored);
    if (ignored || (!newest.empty() && time <= newest_time)) continue;
    newest = entry.path().string();
    newest_time = time;
  }
  if (!newest.empty()) return newest;
  return fail(ErrorKind::kNotFound, std::string("no saved input of a plan in ") + kInputFolder +
                                        ": ask on the node that is DC, which saves them");
}

Result<xml::Document> read_file(const std::string& name) {
  const auto text = read_input(name);
  if (!text) return tl::unexpected<Error>(text.error());
  return xml::Document::parse(*text, name);
}

Result<xml::Document> read_document(const ExplainOptions& options) {
  if (options.file) return read_file(*options.file);
  if (options.last_plan) {
    const auto name = last_input();
    if (!name) return tl::unexpected<Error>(name.error());
    return read_file(*name);
  }
  auto access = CibAccess::open("quorate");
  if (!access) {
    return fail(access.error().kind, "can't reach the cluster: " + access.error().message +
                                         " (give a saved CIB with --xml-file)");
  }
  return (*access)->document();
}

/// Read, upgraded and valid.
Result<xml::Document> usable_document(const ExplainOptions& options) {
  auto document = read_document(options);
  if (!document) return document;
  if (document->root().name() != "cib") {
    return fail(ErrorKind::kInvalid, "the input isn't a CIB: its outermost element is '" +
                                         std::string(document->root().name()) + "'");
  }
  if (!document->root().first_child("status")) document->root().add("status");
  cib::Schemas schemas;
  const auto usable = cib::make_usable(*document, schemas);
  if (!usable) return tl::unexpected<Error>(usable.error());
  const std::string schema(document->root().get_or("validate-with", {}));
  if (usable->changed() || schema == "none") return document;
  const auto violations = schemas.validate(document->root(), schema);
  if (violations.empty()) return document;
  return fail(ErrorKind::kSchema, "the configuration isn't valid: " +
                                      violations.front().to_string() + " (run crm_verify)");
}

explain::Question question_of(const ExplainOptions& options, xml::Element cib) {
  explain::Question question;
  question.cib = cib;
  question.resource = options.resource;
  question.node = options.node;
  question.every_node = options.every_node;
  scheduler::Input& input = question.input;
  input.sanitized = options.file.has_value();
  input.now_seconds = to_integer(cib.get_or("execution-date", {}))
                          .value_or(static_cast<std::int64_t>(std::time(nullptr)));
  input.local_offset_seconds = local_utc_offset(input.now_seconds);
  input.now_offset_seconds = input.local_offset_seconds;
  return question;
}

int refuse(const Error& error) {
  std::fprintf(stderr, "quorate explain: %s\n", error.message.c_str());
  return exit_code_of(error.kind);
}

Result<std::vector<explain::Explanation>> answers_to(const explain::Question& question) {
  if (question.resource.empty()) return explain::explain_each(question);
  auto answer = explain::explain(question);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return std::vector{std::move(*answer)};
}

int explain_places(const ExplainOptions& options, const explain::Question& question) {
  const auto found = answers_to(question);
  if (!found) return refuse(found.error());
  const std::vector<explain::Explanation>& answers = *found;
  if (options.json) {
    std::fputs(json_of(answers).c_str(), stdout);
    return exit_code::kOk;
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i > 0) std::fputs("\n", stdout);
    std::fputs(text_of(answers[i]).c_str(), stdout);
  }
  return exit_code::kOk;
}

}  // namespace

int run_explain(const ExplainOptions& options) {
  const auto document = usable_document(options);
  if (!document) return refuse(document.error());
  const explain::Question question = question_of(options, document->root());
  if (!options.plan) return explain_places(options, question);
  const auto plan = explain::explain_plan(question);
  if (!plan) return refuse(plan.error());
  std::fputs((options.json ? json_of(*plan) : text_of(*plan)).c_str(), stdout);
  return exit_code::kOk;
}

}  // namespace quorate::cli
