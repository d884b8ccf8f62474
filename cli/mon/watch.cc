#include "mon/watch.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <memory>

#include "common/exit_code.h"
#include "common/launcher_call.h"
#include "mon/console.h"
#include "mon/external_agent.h"
#include "mon/keys.h"
#include "mon/monitor.h"
#include "mon/page.h"
#include "mon/refresh.h"
#include "mon/show.h"
#include "status/cluster_summary.h"

namespace quorate::cli::mon {
namespace {

/// How long the first display waits for answers that come beside the CIB.
constexpr std::int64_t kFirstLookMs = 1'000;

class Watcher {
 public:
  explicit Watcher(WatchOptions options)
      : options_(std::move(options)), policy_(options_.settings.interval_ms) {}

  int run() {
    std::vector<int> signals = {SIGINT, SIGTERM, SIGHUP};
    if (options_.mode.console) signals.insert(signals.end(), {SIGWINCH, SIGTSTP});
    signals_ = loop_.on_signals(signals, [this](int signal) { on_signal(signal); });
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for external agents
    ::signal(SIGPIPE, SIG_IGN);
    if (!reachable()) return exit_code_;
    if (options_.mode.console) {
      console_ = std::make_unique<Console>(loop_, [this](char key) { on_key(key); });
    }
    monitor_ = std::make_unique<Monitor>(loop_, monitor_options(), handlers());
    say("Waiting for initial connection");
    retry_ = loop_.after(options_.settings.interval_ms, [this] { no_connection_yet(); });
    loop_.run();
    console_.reset();
    if (!error_.empty()) std::fprintf(stderr, "crm_mon: %s\n", error_.c_str());
    return exit_code_;
  }

 private:
  /// Whether it makes sense to wait for a cluster: there is one, or there is none yet.
  bool reachable() {
    const auto launcher = ask_launcher(10'000);
    if (launcher || launcher.error().kind == ErrorKind::kDisconnected) return true;
    std::fprintf(stderr, "crm_mon: Connection to cluster failed: %s\n",
                 launcher.error().message.c_str());
    exit_code_ = exit_code_of(launcher.error().kind);
    return false;
  }

  Monitor::Options monitor_options() const {
    Monitor::Options options;
    options.interval_ms = options_.settings.interval_ms;
    // On the console a key can ask for it later.
    options.fencing = options_.mode.console || options_.settings.watch_fencing ||
                      (options_.shown.sections & section::kFencing) != 0;
    return options;
  }

  Monitor::Handlers handlers() {
    Monitor::Handlers handlers;
    handlers.updated = [this] { on_update(); };
    handlers.link = [this] { on_link(); };
    if (!options_.settings.external_agent) return handlers;
    handlers.result = [this](xml::Element entry, std::string_view node) {
      if (const auto event = event_of(entry, node)) notify(*event);
    };
    if (options_.settings.watch_fencing) {
      handlers.fenced = [this](const fencer::Operation& operation) { notify(event_of(operation)); };
    }
    return handlers;
  }

  void notify(const AgentEvent& event) {
    const std::string& program = *options_.settings.external_agent;
    if (run_external_agent(program, options_.settings.external_recipient, event)) return;
    end(exit_code::kError, "External agent " + program + " can't be run");
  }

  // ---- When
  // --------------------------------------------------------------------------------------

  void on_signal(int signal) {
    if (signal == SIGWINCH) return console_ ? console_->redraw() : void();
    if (signal == SIGTSTP) return console_ ? console_->suspend() : void();
    end(exit_code::kOk, "");
  }

  void end(int exit_code, std::string error) {
    exit_code_ = exit_code;
    error_ = std::move(error);
    loop_.stop();
  }

  void on_link() {
    if (monitor_->connected()) {
      was_connected_ = true;
      retry_.reset();
      first_look_ = loop_.after(drawn_once_ ? 0 : kFirstLookMs, [this] { draw(); });
      return;
    }
    redraw_.reset();
    first_look_.reset();
    drawn_once_ = false;
    show_disconnected("Connection to the cluster lost");
    retry_ = loop_.after(options_.settings.interval_ms, [this] { no_connection_yet(); });
  }

  void no_connection_yet() {
    if (was_connected_) {
      say("Reconnecting...");
      show_disconnected("Latest connection attempt failed");
    } else {
      const std::string text = fmt::format("Connection failed. Retrying in {}...",
                                           seconds_text(options_.settings.interval_ms));
      say(text);
      if (!console_) show_disconnected("");
    }
    retry_ = loop_.after(options_.settings.interval_ms, [this] { no_connection_yet(); });
  }

  static std::string seconds_text(std::int64_t ms) {
    return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
  }

  void on_update() {
    if (!monitor_ || !monitor_->connected()) return;
    if (!drawn_once_) {
      if (monitor_->complete()) draw();
      return;
    }
    redraw_ = loop_.after(policy_.on_update(io::Loop::monotonic_ms()), [this] { draw(); });
  }

  void on_key(char key) {
    const bool help_was_shown = std::exchange(help_shown_, false);
    if (apply_key(key, options_.settings, options_.shown) == KeyEffect::kHelp && !help_was_shown) {
      help_shown_ = true;
      console_->show(key_help(options_.settings, options_.shown));
      return;
    }
    if (monitor_->connected()) {
      draw();
    } else {
      console_->redraw();
    }
  }

  // ---- What
  // --------------------------------------------------------------------------------------

  void draw() {
    redraw_.reset();
    first_look_.reset();
    if (!monitor_->connected()) return;
    policy_.on_drawn(io::Loop::monotonic_ms());
    drawn_once_ = true;
    auto state = monitor_->state();
    if (!state) return end(exit_code::kConfig, state.error().message);
    Result<void> shown;
    const std::string text = render([&](Output& output) {
      shown = show(output, options_.settings, options_.shown, *state, true);
      return shown ? exit_code::kOk : exit_code::kConfig;
    });
    put(shown ? text : "The CIB can't be read: " + shown.error().message);
  }

  void show_disconnected(const std::string& description) {
    const auto code = monitor_->launcher_state();
    std::string line = "Not connected to CIB";
    if (!description.empty()) line += ": " + description;
    if (code) line += fmt::format(" ({})", status::launcher_state_text(*code));
    put(render([&](Output& output) {
      if (output.format() == Format::kHtml) {
        show_message_page(output, options_.settings, line);
      } else {
        output.info(line);
      }
      output.xml().open("crm-mon-disconnected");
      if (!description.empty()) output.xml().attribute("description", description);
      if (code) output.xml().attribute("pacemakerd-state", *code);
      output.xml().close();
      return exit_code::kDisconnect;
    }));
  }

  std::string render(const std::function<int(Output&)>& write) {
    return output_as_text(options_.mode.format, options_.arguments, write);
  }

  /// A line for whoever waits at the console.
  void say(const std::string& line) {
    if (console_) console_->show(line);
  }

  void put(const std::string& text) {
    if (console_ && !help_shown_) console_->show(text);
    if (!options_.file) return;
    if (const auto written = replace_file(*options_.file, text); !written) {
      end(exit_code::kIoError, *options_.file + ": " + written.error().message);
    }
  }

  WatchOptions options_;
  RefreshPolicy policy_;
  io::Loop loop_;
  io::Watch signals_;
  std::unique_ptr<Console> console_;
  std::unique_ptr<Monitor> monitor_;
  io::Timer redraw_, first_look_, retry_;
  bool was_connected_ = false;
  bool drawn_once_ = false;  ///< since the connection was made
  bool help_shown_ = false;
  int exit_code_ = exit_code::kOk;
  std::string error_;
};

}  // namespace

int watch(WatchOptions options) { return Watcher(std::move(options)).run(); }

}  // namespace quorate::cli::mon
