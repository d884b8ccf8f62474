#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

/// Taking big documents and plans apart piece by piece costs a tool as much as making a plan does.
/// A tool that ends anyway leaves their memory to the kernel.
namespace quorate::cli {

/// Moves a value to where no destructor will find it. For what a process holds until its end.
template <class Value>
Value& keep_until_end(Value&& value) {
  return *new Value(std::forward<Value>(value));
}

/// Ends the process, after what was written to stdio streams went out, without destroying anything.
[[noreturn]] inline void end_process(int exit_code) {
  std::fflush(nullptr);
  std::_Exit(exit_code);
}

}  // namespace quorate::cli
