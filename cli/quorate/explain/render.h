#pragma once

#include <string>
#include <vector>

#include "explain/explain.h"

/// Answers of explain as text and JSON.
namespace quorate::cli {

std::string text_of(const explain::Explanation& answer);
std::string text_of(const std::vector<explain::PlannedAction>& plan);

/// An object with the member `resources`.
std::string json_of(const std::vector<explain::Explanation>& answers);
/// An object with the member `actions`.
std::string json_of(const std::vector<explain::PlannedAction>& plan);

}  // namespace quorate::cli
