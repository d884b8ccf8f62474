#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/options.h"
#include "status/list_writer.h"
#include "xml/writer.h"

/// What a tool prints, in the format asked for (spec/13 §2).
namespace quorate::cli {

/// Version of the interface, as scripts and front ends parse it (spec/13 §2.2).
inline constexpr std::string_view kVersion = "3.0.2";

enum class Format { kText, kXml, kNone, kHtml, kJson };

/// The format of this name among `allowed`. kNotFound with a complete message otherwise (`Error
/// creating output format X: …`).
Result<Format> format_named(std::string_view name, const std::vector<Format>& allowed);

class Output {
 public:
  /// Opens `--output-to` and picks the format of `--output-as`. Fails with kNotFound for a format
  /// that isn't among `allowed` and kIo for a file that can't be opened; the message is complete
  /// (`Error creating output format X: …`).
  static Result<std::unique_ptr<Output>> create(std::string_view program,
                                                const CommonOptions& options,
                                                const std::vector<std::string>& arguments,
                                                const std::vector<Format>& allowed,
                                                Format preset = Format::kText);
  /// Writes into an open file (fmemopen() and the like), which is closed at the end unless it is
  /// standard output.
  static std::unique_ptr<Output> into(std::FILE* file, std::string_view program, Format format,
                                      const std::vector<std::string>& arguments);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  Format format() const { return format_; }
  /// XML or what is made from it.
  bool structured() const { return format_ == Format::kXml || format_ == Format::kJson; }
  bool is_text() const { return format_ == Format::kText; }
  /// Writes to a file of its own, not to standard output.
  bool to_file() const { return file_ != stdout; }
  /// XML of releases long past: this root, no status element, errors on standard error (spec/13
  /// §2.3). Before anything is written.
  void use_legacy_root(std::string_view name);
  bool quiet() const { return quiet_; }
  void set_quiet(bool quiet) { quiet_ = quiet; }

  /// Where text goes. With other formats nothing comes of it.
  status::TextWriter& text() { return text_; }
  /// Where elements go, inside the open root. With other formats nothing comes of it.
  xml::Writer& xml() { return xml_; }
  /// The root is to be closed now: what is written to xml() later is lost (quirk of spec/07 §20.2).
  void seal();

  /// An informational line: text only, not indented, not when quiet.
  void info(std::string_view line);
  /// An error: `PROGRAM: TEXT` on standard error, in XML part of the status.
  void error(std::string_view text);
  /// The same without the program's name.
  void bare_error(std::string_view text);
  /// Adds a line to the last error if that was an error(); else an error of its own.
  void extend_error(std::string_view text);
  /// Something a person should know of, though the tool did its work: in XML part of the status;
  /// in text the caller says it in its place.
  void warning(std::string_view text) { warnings_.emplace_back(text); }
  /// A line on standard error in every format: messages of the library beneath, deprecations.
  void notice(std::string_view line);

  /// Writes text so far; standard error and output stay in order.
  void flush();
  /// Ends the output and gives back the exit code.
  int finish(int exit_code);

 private:
  Output(std::string_view program, Format format, std::FILE* file);
  void report(std::string text, bool bare);

  std::string program_;
  Format format_;
  std::FILE* file_;
  bool quiet_ = false;
  bool sealed_ = false;
  bool finished_ = false;
  bool legacy_ = false;
  status::TextWriter text_;
  xml::Writer xml_;
  xml::Writer sealed_xml_;
  std::vector<std::string> errors_;
  bool last_error_bare_ = true;
  std::vector<std::string> warnings_;
};

/// The two lines of `--version`, or its XML element.
void write_version(Output& output);

}  // namespace quorate::cli
