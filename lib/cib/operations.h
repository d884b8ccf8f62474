#pragma once

#include <string>

#include "cib/edit.h"
#include "cib/prepared.h"
#include "cib/validator.h"

/// What each operation does to the document (spec/08 §5, §6, §19), without the path around it
/// (versions, access control, validation), which is apply.h's.
namespace quorate::cib {

struct OperationResult {
  Code code = Code::kOk;
  std::string message;  ///< names the thing and what is wrong; empty on success
  std::string data;     ///< `<failed>` of create
};

/// Carries out one modifying operation except kTransaction. After a failure the edit is to be
/// rolled back. `validator` may be null: then kUpgrade isn't supported.
OperationResult run_operation(Edit& edit, const Step& step, const Validator* validator);

/// The value an attribute gets (spec/08 §19).
std::string incremented(std::string_view name, std::string_view old_value,
                        std::string_view new_value);

}  // namespace quorate::cib
