#include "simulate/run.h"

#include <fmt/format.h>

#include <ctime>
#include <map>

#include "base/text.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/messages.h"
#include "common/process_end.h"
#include "scheduler/schedule.h"
#include "simulate/execution.h"
#include "simulate/injection.h"
#include "simulate/show.h"
#include "status/transition_summary.h"

namespace quorate::cli::simulate {
namespace {

/// The steps of spec/07 §4, one method each.
class Run {
 public:
  Run(Output& output, const Settings& settings, xml::Document& cib, int verbosity)
      : output_(output),
        settings_(settings),
        cib_(cib),
        cluster_(cib, static_cast<std::int64_t>(std::time(nullptr))),
        verbosity_(verbosity) {}

  int run() {
    read(true);
    show_current();
    if (settings_.injects()) {
      if (auto injected = inject(); !injected) return refuse(injected.error());
    }
    if (settings_.save_input) {
      if (auto saved = write_file(*settings_.save_input, file_text(cib_.root())); !saved) {
        return exit_code_of(saved.error().kind);
      }
    }
    if (!settings_.runs_scheduler()) return exit_code::kOk;
    plan();
    if (const int code = save_artifacts(); code != exit_code::kOk) return code;
    show_summary();
    return settings_.executes() ? execute() : exit_code::kOk;
  }

 private:
  void spacer() {
    if (printed_) output_.text().spacer();
    printed_ = true;
  }

  int refuse(const Error& error) {
    output_.error(error.message);
    return error.kind == ErrorKind::kInternal ? exit_code::kSoftware : exit_code_of(error.kind);
  }

  scheduler::Input input() const {
    scheduler::Input input;
    input.cib = cib_.root();
    input.now_seconds = now_seconds_;
    input.sanitized = !settings_.live;
    input.want_scores = settings_.show_scores;
    input.want_utilization = settings_.show_utilization;
    input.want_dot = settings_.save_dot.has_value();
    input.dot_all_actions = settings_.all_actions;
    return input;
  }

  /// Reads the state; a document the scheduler refuses counts as an empty cluster (spec/07 §3).
  void read(bool show_date) {
    const EffectiveTime time = effective_time(settings_, cib_.root());
    now_seconds_ = time.seconds;
    if (show_date && !time.line.empty()) output_.info(time.line);
    auto state = scheduler::read_only(input());
    if (!state) {
      if (verbosity_ > 0) output_.notice("(read_state) \terror: " + state.error().message);
      empty_ = xml::Document::with_root("cib");
      scheduler::Input nothing = input();
      nothing.cib = empty_.root();
      state = scheduler::read_only(nothing);
    }
    if (state) run_ = std::move(*state);
    messages_shown_ = 0;
    show_messages();
  }

  void show_messages() {
    messages_shown_ = log_messages(output_, *run_.snapshot, messages_shown_, verbosity_);
  }

  ClusterView view() {
    return {{*run_.snapshot, *run_.actions}, settings_.show_attributes, settings_.show_fail_counts};
  }

  void show_current() {
    if (output_.quiet() && output_.is_text()) return;
    const model::Snapshot& snapshot = *run_.snapshot;
    if (snapshot.options.maintenance_mode) {
      output_.text().line("\n              *** Resource management is DISABLED ***");
      output_.text().line("  The cluster will not attempt to start, stop or recover services");
      printed_ = true;
    }
    const model::ResourceCounts& counts = snapshot.counts;
    if (counts.disabled > 0 || counts.blocked > 0) {
      spacer();
      output_.text().line(
          fmt::format("{} of {} resource instances DISABLED and {} BLOCKED from "
                      "further action due to failure",
                      counts.disabled, counts.total, counts.blocked));
    }
    spacer();
    show_cluster(output_, view(), "Current cluster status", "cluster_status", true);
  }

  Result<void> inject() {
    spacer();
    std::map<std::string, std::string, std::less<>> ids;
    for (const model::Node& node : run_.snapshot->nodes) ids.emplace(node.name, node.id);
    cluster_.set_id_lookup([ids = std::move(ids)](std::string_view name) {
      const auto found = ids.find(name);
      return found == ids.end() ? std::string() : found->second;
    });
    cluster_.set_add_nodes(!settings_.nodes_up.empty());
    auto injected = simulate::inject(output_, cluster_, settings_, *run_.snapshot);
    output_.seal();
    if (injected) read(true);
    return injected;
  }

  void plan() {
    const bool listing = settings_.show_scores || settings_.show_utilization;
    scheduler::plan(run_, input());
    show_messages();
    if (!listing) return;
    spacer();
    show_listing(output_, settings_, run_);
  }

  int save_artifacts() {
    const auto save = [&](const std::optional<std::string>& name, const std::string& text) {
      return !name || write_file(*name, text) ? exit_code::kOk : exit_code::kIoError;
    };
    const int graph = save(settings_.save_graph, run_.graph_xml);
    return graph != exit_code::kOk ? graph : save(settings_.save_dot, run_.graph_dot);
  }

  void show_summary() {
    if (output_.quiet() && output_.is_text()) return;
    spacer();
    status::write_transition_summary(output_.text(), run_.summary);
    status::write_transition_summary(output_.xml(), run_.summary);
  }

  int execute() {
    spacer();
    const bool quiet = output_.quiet() && output_.is_text();
    if (!quiet) output_.text().begin_list("Executing Cluster Transition");
    output_.xml().open("transition");
    const std::string graph = std::move(run_.graph_xml);
    Execution execution(output_, cluster_, known_names(*run_.snapshot), settings_.fail);
    const auto completed = execution.run(graph);
    output_.xml().close();
    if (!quiet) output_.text().end_list();
    if (!completed) return refuse(completed.error());
    if (!*completed) {
      output_.notice("Transition failed: terminated");
      output_.notice("An invalid transition was produced");
    }
    if (!quiet) {
      read(true);
      output_.text().spacer();
      show_cluster(output_, view(), "Revised Cluster Status", "revised_cluster_status", false);
    }
    return *completed ? exit_code::kOk : exit_code::kError;
  }

  Output& output_;
  const Settings& settings_;
  xml::Document& cib_;
  Cluster cluster_;
  int verbosity_;
  std::int64_t now_seconds_ = 0;
  bool printed_ = false;
  std::size_t messages_shown_ = 0;
  xml::Document empty_;
  scheduler::Schedule run_;
};

}  // namespace

int run(Output& output, const Settings& settings, xml::Document& cib, int verbosity) {
  return keep_until_end(Run(output, settings, cib, verbosity)).run();
}

}  // namespace quorate::cli::simulate
