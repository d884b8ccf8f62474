#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

/// Messages that carry a large body (a CIB, a patch) without parsing it on the way: one root
/// element, its fields as attributes, the body copied as it is between start and end tag. What is
/// in the body is for the receiver to parse and judge.
///
///   <cib-reply protocol="1" id="7" code="0">BODY</cib-reply>
namespace quorate {

/// The name of a message's root element, for dispatch; empty if the text starts with none.
std::string_view message_name(std::string_view message);

class EnvelopeWriter {
 public:
  explicit EnvelopeWriter(std::string_view name);
  /// Empty text, 0 and false aren't written: readers take them for absent fields.
  EnvelopeWriter& put(std::string_view field, std::string_view value);
  EnvelopeWriter& put_number(std::string_view field, std::int64_t value);
  EnvelopeWriter& put_unsigned(std::string_view field, std::uint64_t value);
  EnvelopeWriter& put_flag(std::string_view field, bool value);
  /// The finished message. The writer can't be used after that.
  std::string finish(std::string_view body = {});

 private:
  std::string text_;
  std::string name_;
};

class Envelope {
 public:
  /// Reads name, fields and body. kInvalid if the text is no envelope or has more than 64 fields;
  /// kUnsupported for another protocol. The body is a view into `message`.
  static Result<Envelope> open(std::string_view message);

  std::string_view name() const { return name_; }
  std::string_view body() const { return body_; }
  bool has(std::string_view field) const;
  std::string text(std::string_view field) const;
  /// 0 if absent or not a number in range.
  std::int64_t number(std::string_view field) const;
  std::uint64_t unsigned_number(std::string_view field) const;
  bool flag(std::string_view field) const;

 private:
  std::string_view name_;
  std::string_view body_;
  std::vector<std::pair<std::string_view, std::string>> fields_;
};

}  // namespace quorate
