#pragma once

#include <string>

#include "mon/settings.h"

namespace quorate::cli::mon {

/// What a key of the console does (spec/13 §18).
enum class KeyEffect { kRedraw, kHelp };

/// Applies a key: switches sections and forms of the display on or off.
KeyEffect apply_key(char key, Settings& settings, Shown& shown);

/// The help page: each key, what it switches, and whether that is on.
std::string key_help(const Settings& settings, const Shown& shown);

}  // namespace quorate::cli::mon
