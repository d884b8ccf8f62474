#include "io/runtime/daemon.h"

#include <getopt.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/text.h"
#include "io/runtime/disk.h"
#include "io/runtime/panic.h"

namespace quorate::runtime {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitFatal = 100;
constexpr int kExitDisconnected = 102;
constexpr mode_t kUmask = 0026;

constexpr option kOptions[] = {{"help", no_argument, nullptr, 'h'},
                               {"version", no_argument, nullptr, '$'},
                               {"verbose", no_argument, nullptr, 'V'},
                               {"logfile", required_argument, nullptr, 'l'},
                               {nullptr, 0, nullptr, 0}};

void print_help(const DaemonSpec& spec) {
  const std::string name(daemon_name(spec.daemon));
  std::printf(
      "%s - %s\n\nUsage: %s [OPTIONS]\n\n"
      "%s"
      "  -h, -?, --help        this text\n"
      "  -$, --version         version\n"
      "  -V, --verbose         log more; repeatable\n"
      "  -l, --logfile=FILE    additional log file; may be given several times\n%s",
      name.c_str(), spec.summary.c_str(), name.c_str(),
      spec.daemon == Daemon::kLauncher ? "" : "Started by quorated, which also stops it.\n\n",
      spec.options.c_str());
}

/// The exit status if the options end the program, -1 otherwise.
int read_options(int argc, char** argv, const DaemonSpec& spec, Settings& settings) {
  opterr = 0;
  for (;;) {
    switch (getopt_long(argc, argv, "h?$Vl:", kOptions, nullptr)) {
      case -1:
        if (optind == argc) return -1;
        std::fprintf(stderr, "%s: unexpected argument %s\n", argv[0], argv[optind]);
        return kExitUsage;
      case 'V':
        settings.log_level = LogLevel::kDebug;
        break;
      case 'l':
        settings.log_files.emplace_back(optarg);
        break;
      case '$':
        std::printf("Pacemaker 3.0.2\nWritten by the Quorate project\n");
        return 0;
      case 'h':
        print_help(spec);
        return 0;
      default:
        // getopt says '?' both for the option -? and for unknown ones.
        if (optopt == 0 || optopt == '?') {
          print_help(spec);
          return 0;
        }
        std::fprintf(stderr, "%s: unknown option or missing argument: %s\n", argv[0],
                     argv[optind - 1]);
        return kExitUsage;
    }
  }
}

Result<void> make_folders(const Settings& settings, Daemon daemon) {
  if (auto made = make_folder(settings.run_dir, 0755); !made) return made;
  return make_folder(settings.state_folder(daemon), 0750);
}

Now clocks() {
  return {io::Loop::monotonic_ms(), static_cast<std::int64_t>(std::time(nullptr)) * 1000};
}

}  // namespace

Result<std::string> StartContext::read_state(const std::string& name) const {
  if (!is_plain_name(name)) return fail(ErrorKind::kInvalid, name + ": not a plain file name");
  return read_file(state_folder + "/" + name);
}

std::vector<std::string> StartContext::state_files() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(state_folder, error))
    if (entry.is_regular_file(error)) names.push_back(entry.path().filename().string());
  return names;
}

std::uint64_t StartContext::random_number() {
  std::uint64_t number = 0;
  // Without entropy this early in boot the clock has to do: it is for delays and names, no secrets.
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
    number = static_cast<std::uint64_t>(io::Loop::monotonic_ms()) * 0x9e3779b97f4a7c15U ^
             static_cast<std::uint64_t>(getpid());
  return number;
}

std::string StartContext::random_uuid() {
  return std::string(trim(read_file("/proc/sys/kernel/random/uuid", 64).value_or("")));
}

int run_daemon(int argc, char** argv, const DaemonSpec& spec) {
  Settings settings = settings_from_environment(spec.daemon);
  if (const int status = read_options(argc, argv, spec, settings); status >= 0) return status;
  umask(kUmask);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  LogSink log(std::string(daemon_name(spec.daemon)), settings);
  const auto refuse = [&log](const Error& error) {
    log.write(LogLevel::kCritical, "cannot run: " + error.message);
    // Without the cluster layer it can't run now, but will when that is back.
    return error.kind == ErrorKind::kDisconnected ? kExitDisconnected : kExitFatal;
  };
  if (const auto made = make_folders(settings, spec.daemon); !made) return refuse(made.error());
  // Core files go where the reference's go, if that is set up.
  if (chdir((settings.state_dir + "/cores").c_str()) != 0 && chdir("/") != 0) return kExitFatal;

  io::Loop loop;
  ShellParts parts;
  parts.daemon = spec.daemon;
  parts.settings = settings;
  parts.siblings = spec.siblings;
  parts.joins_group = spec.joins_group;
  parts.needs_cluster = spec.needs_cluster;
  parts.tasks = spec.tasks;
  parts.strand = spec.strand;
  parts.panic = [&](const std::string&) { panic(settings, spec.daemon, log); };
  Member local{0, settings.node_name, 0};
  cluster::ClusterInfo cluster;
  if (spec.uses_cluster) {
    auto layer = cluster::open_layer(loop, settings.cluster_layer, settings.node_name);
    if (!layer) return refuse(layer.error());
    local = (*layer)->local_node();
    cluster = (*layer)->cluster();
    parts.layer = std::move(*layer);
  }
  if (spec.adjust) spec.adjust(parts);
  auto shell = Shell::create(loop, log, std::move(parts));
  if (!shell) return refuse(shell.error());
  auto core =
      spec.make_core({settings, local, cluster, clocks(), log, settings.state_folder(spec.daemon)});
  if (!core) return refuse(core.error());
  return (*shell)->run(std::move(*core));
}

}  // namespace quorate::runtime
