#include "common/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "common/exit_code.h"
#include "common/json.h"

namespace quorate::cli {
namespace {

struct FormatName {
  std::string_view name;
  Format format;
};
constexpr FormatName kFormats[] = {{"text", Format::kText},
                                   {"xml", Format::kXml},
                                   {"none", Format::kNone},
                                   {"html", Format::kHtml},
                                   {"json", Format::kJson}};

constexpr std::string_view kAuthor = "the Quorate project contributors";

void write_messages(xml::Writer& out, std::string_view list, std::string_view element,
                    const std::vector<std::string>& messages) {
  if (messages.empty()) return;
  out.open(list);
  for (const std::string& message : messages) out.text_element(element, message);
  out.close();
}

}  // namespace

Result<Format> format_named(std::string_view name, const std::vector<Format>& allowed) {
  for (const FormatName& known : kFormats) {
    if (known.name == name &&
        std::find(allowed.begin(), allowed.end(), known.format) != allowed.end()) {
      return known.format;
    }
  }
  return fail(ErrorKind::kNotFound,
              "Error creating output format " + std::string(name) + ": Unknown output format");
}

Result<std::unique_ptr<Output>> Output::create(std::string_view program,
                                               const CommonOptions& options,
                                               const std::vector<std::string>& arguments,
                                               const std::vector<Format>& allowed, Format preset) {
  const auto format =
      options.output_as ? format_named(*options.output_as, allowed) : Result<Format>(preset);
  if (!format) return tl::unexpected<Error>(format.error());
  std::FILE* file = stdout;
  if (options.output_to && *options.output_to != "-") {
    file = std::fopen(options.output_to->c_str(), "w");
    if (file == nullptr) {
      return fail(ErrorKind::kIo, "Error creating output format " +
                                      options.output_as.value_or("(null)") + ": " +
                                      std::strerror(errno));
    }
  }
  return into(file, program, *format, arguments);
}

std::unique_ptr<Output> Output::into(std::FILE* file, std::string_view program, Format format,
                                     const std::vector<std::string>& arguments) {
  for (const FormatName& known : kFormats) {
    if (known.format == format) ::setenv("OCF_OUTPUT_FORMAT", known.name.data(), 1);
  }
  std::unique_ptr<Output> output(new Output(program, format, file));
  output->xml_.open("pacemaker-result");
  output->xml_.attribute("api-version", "2.42");
  output->xml_.attribute("request", joined_command_line(arguments));
  return output;
}

Output::Output(std::string_view program, Format format, std::FILE* file)
    : program_(program), format_(format), file_(file) {}

Output::~Output() {
  flush();
  if (file_ != stdout) std::fclose(file_);
}

void Output::use_legacy_root(std::string_view name) {
  if (!structured()) return;
  legacy_ = true;
  xml_ = xml::Writer();
  xml_.open(name);
  xml_.attribute("version", kVersion);
}

void Output::seal() {
  if (sealed_) return;
  sealed_xml_ = xml_;
  sealed_ = true;
}

void Output::info(std::string_view line) {
  if (!quiet_) text_.line(line);
}

void Output::report(std::string text, bool bare) {
  if (format_ == Format::kText || format_ == Format::kHtml) {
    notice(bare ? text : program_ + ": " + text);
  }
  errors_.push_back(bare ? std::move(text) : program_ + ": " + text);
  last_error_bare_ = bare;
}

void Output::error(std::string_view text) { report(std::string(text), false); }
void Output::bare_error(std::string_view text) { report(std::string(text), true); }

void Output::extend_error(std::string_view text) {
  if (last_error_bare_) return error(text);
  if (format_ == Format::kText || format_ == Format::kHtml) notice(text);
  errors_.back() += '\n';
  errors_.back() += text;
}

void Output::notice(std::string_view line) {
  flush();
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

void Output::flush() {
  const std::string text = text_.take();
  if (format_ == Format::kText || format_ == Format::kHtml) {
    std::fwrite(text.data(), 1, text.size(), file_);
  }
  std::fflush(file_);
}

int Output::finish(int exit_code) {
  if (finished_) return exit_code;
  finished_ = true;
  flush();
  if (!structured()) return exit_code;
  if (legacy_) {
    const std::string text = xml_.finish();
    std::fwrite(text.data(), 1, text.size(), file_);
    if (exit_code != exit_code::kOk) notice(exit_code_description(exit_code));
    for (const std::string& error : errors_) notice(error);
    return exit_code;
  }
  xml::Writer& out = sealed_ ? sealed_xml_ : xml_;
  out.open("status");
  out.attribute("code", exit_code);
  out.attribute("message", exit_code_description(exit_code));
  write_messages(out, "errors", "error", errors_);
  write_messages(out, "warnings", "warning", warnings_);
  out.close();
  const std::string document = out.finish();
  const std::string text = format_ == Format::kJson ? json_of_xml(document) : document;
  std::fwrite(text.data(), 1, text.size(), file_);
  std::fflush(file_);
  return exit_code;
}

// Scripts read program and version on the first line (spec/14 A.2, A.3); the rest says who we are.
void write_version(Output& output) {
  output.text().line("Pacemaker " + std::string(kVersion));
  output.text().line("Written by " + std::string(kAuthor));
  output.xml().open("version");
  output.xml().attribute("program", "Pacemaker");
  output.xml().attribute("version", kVersion);
  output.xml().attribute("author", kAuthor);
  output.xml().attribute("build", "quorate");
  output.xml().attribute("features", "");
  output.xml().close();
}

}  // namespace quorate::cli
