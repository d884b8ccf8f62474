#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cib/request.h"
#include "messages/form.h"

/// What messages of clients and of replicas to each other share.
namespace quorate::codec {

template <>
struct TextForm<cib::Version> {
  static std::string write(const cib::Version& version) { return cib::to_text(version); }
  static std::optional<cib::Version> read(std::string_view text) { return cib::version_from(text); }
};

template <>
struct TextForm<cib::CallOptions> {
  static std::string write(const cib::CallOptions& options) { return cib::to_text(options); }
  static std::optional<cib::CallOptions> read(std::string_view text) {
    return cib::options_from(text);
  }
};

template <>
struct TextForm<cib::Operation> {
  static std::string_view write(cib::Operation operation) { return cib::operation_name(operation); }
  static std::optional<cib::Operation> read(std::string_view text) {
    return cib::operation_from(text);
  }
};

/// To be described last: its data is an element.
template <>
struct Form<cib::Request> {
  static void describe(auto& archive, auto& m) {
    archive("operation", m.operation);
    archive("section", m.section);
    archive("options", m.options);
    archive.raw("data", m.data);
  }
};

}  // namespace quorate::codec
