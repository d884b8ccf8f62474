#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "common/exit_code.h"
#include "scheduler/schedule.h"
#include "simulate/run.h"
#include "simulate/show.h"

namespace quorate::cli::simulate {
namespace {

namespace fs = std::filesystem;

/// The input files of a folder, sorted by name; nullopt if it can't be listed.
std::optional<std::vector<std::string>> inputs_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".xml") && !name.starts_with('.') && at->is_regular_file(error)) {
      names.push_back(name);
    }
  }
  if (error) return std::nullopt;
  std::sort(names.begin(), names.end());
  return names;
}

/// One repetition; the plan itself isn't used.
void schedule_once(Output& output, const Settings& settings, const xml::Document& cib) {
  const EffectiveTime time = effective_time(settings, cib.root());
  if (settings.date) output.info(time.line);
  scheduler::Input input;
  input.cib = cib.root();
  input.now_seconds = time.seconds;
  input.sanitized = true;
  input.want_scores = settings.show_scores;
  input.want_utilization = settings.show_utilization;
  const auto run = scheduler::schedule(input);
  if (!run) return;
  for (const std::string& line : run->listing.lines) output.text().item(line);
}

}  // namespace

int profile(Output& output, const Settings& settings) {
  const auto names = inputs_in(*settings.profile);
  if (!names) return exit_code::kNoSuch;
  if (names->empty()) return exit_code::kOk;
  output.text().set_fancy(!(settings.show_scores && settings.quiet));
  output.text().begin_list("Timings");
  output.xml().open("timings");
  for (const std::string& name : *names) {
    const std::string path = *settings.profile + "/" + name;
    const std::clock_t start = std::clock();
    const auto cib = load_cib(output, path, 0);
    if (!cib) continue;
    for (int i = 0; i < settings.repeat; ++i) {
      const xml::Document copy = cib->copy();
      schedule_once(output, settings, copy);
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    output.text().item(fmt::format("Testing {} ... {:.2f} secs", path, seconds));
    output.xml().open("timing");
    output.xml().attribute("file", path);
    output.xml().attribute("duration", fmt::format("{:.2f}", seconds));
    output.xml().close();
    output.flush();
  }
  output.xml().close();
  output.text().end_list();
  return exit_code::kOk;
}

}  // namespace quorate::cli::simulate
