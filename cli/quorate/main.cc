// quorate: what the reference's tools have no name for: demo and explain.

#include <CLI/CLI.hpp>
#include <filesystem>

#include "common/exit_code.h"
#include "quorate/demo/demo.h"
#include "quorate/explain/explain_command.h"

namespace {

/// The folder this program is in: the others are beside it.
std::string own_folder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string("/usr/sbin") : self.parent_path().string();
}

CLI::App* add_demo(CLI::App& app, quorate::demo::DemoOptions& options) {
  CLI::App* demo = app.add_subcommand(
      "demo", "A cluster on this host: a node is killed, fenced, its service recovered");
  demo->add_option("--nodes", options.nodes, "How many nodes (2 to 9)")
      ->check(CLI::Range(2, 9))
      ->capture_default_str();
  demo->add_flag("--keep", options.keep, "Leave the cluster up afterwards, until Ctrl-C");
  return demo;
}

CLI::App* add_explain(CLI::App& app, quorate::cli::ExplainOptions& options) {
  CLI::App* explain = app.add_subcommand(
      "explain", "Why a resource runs where it does, and what would have to change");
  explain->add_option("RESOURCE", options.resource, "Resource to explain (default: each)");
  explain->add_option("--node,-N", options.node, "What would have to change for it to run there");
  explain->add_flag("--every-node", options.every_node, "The same for each node");
  explain->add_flag("--plan", options.plan,
                    "For each action of the plan why it is there and what it waits for");
  auto* file =
      explain->add_option("--xml-file,-x", options.file,
                          "Saved CIB to use instead of the cluster's (- for standard input)");
  explain
      ->add_flag("--last-plan", options.last_plan,
                 "Use what the newest plan made on this node was made from")
      ->excludes(file);
  explain
      ->add_option_function<std::string>(
          "--output-as", [&options](const std::string& form) { options.json = form == "json"; },
          "Form of the output: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  return explain;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Quorate keeps services running on a cluster of machines.", "quorate"};
  app.require_subcommand(1);
  quorate::demo::DemoOptions demo_options;
  demo_options.program_dir = own_folder();
  add_demo(app, demo_options);
  quorate::cli::ExplainOptions explain_options;
  const CLI::App* explain = add_explain(app, explain_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : quorate::cli::exit_code::kUsage;
  }
  if (explain->parsed()) return quorate::cli::run_explain(explain_options);
  return quorate::demo::run_demo(demo_options);
}
