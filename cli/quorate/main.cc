// quorate: what the reference's tools have no name for. First subcommand: demo.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "common/exit_code.h"
#include "quorate/demo/demo.h"

namespace {

/// The folder this program is in: the others are beside it.
std::string own_folder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string("/usr/sbin") : self.parent_path().string();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Quorate keeps services running on a cluster of machines.", "quorate"};
  app.require_subcommand(1);
  quorate::demo::DemoOptions options;
  options.program_dir = own_folder();
  CLI::App* demo = app.add_subcommand(
      "demo", "A cluster on this host: a node is killed, fenced, its service recovered");
  demo->add_option("--nodes", options.nodes, "How many nodes (2 to 9)")
      ->check(CLI::Range(2, 9))
      ->capture_default_str();
  demo->add_flag("--keep", options.keep, "Leave the cluster up afterwards, until Ctrl-C");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : quorate::cli::exit_code::kUsage;
  }
  return quorate::demo::run_demo(options);
}
