#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cib/request.h"
#include "xml/document.h"

namespace quorate::cib {

/// One operation of a request.
struct Step {
  Operation operation = Operation::kQuery;
  std::string section;
  CallOptions options;
  xml::Element input;  ///< null if it has none
};

/// A request as it is carried out: its data parsed once, for its trial and its application. What
/// can't be used is no error here but the outcome of carrying it out. Movable.
class Prepared {
 public:
  struct Failure {
    Code code = Code::kBadInput;
    std::string message;
  };

  explicit Prepared(const Request& request);

  Operation operation() const { return operation_; }
  const std::string& section() const { return section_; }
  const CallOptions& options() const { return options_; }
  /// Why there are no steps.
  const std::optional<Failure>& failure() const { return failure_; }
  /// One; those of a transaction (spec/08 §6.10) in order.
  const std::vector<Step>& steps() const { return steps_; }

 private:
  void read_transaction();

  Operation operation_;
  std::string section_;
  CallOptions options_;
  xml::Document document_;
  std::optional<Failure> failure_;
  std::vector<Step> steps_;
};

}  // namespace quorate::cib
