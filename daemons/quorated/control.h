#pragma once

/// What `quorated` does as a tool (spec/13 §21): questions and orders to a running one.
namespace quorate {

/// Handles --features and --shutdown; the exit status, or -1 if the arguments ask for neither.
int control_command(int argc, char** argv);

}  // namespace quorate
