// crm_failcount: how often a resource failed on a node (spec/13 §28.1).

#include <fmt/format.h>

#include <cstdio>

#include "base/duration.h"
#include "base/score.h"
#include "base/text.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/wrapper.h"
#include "xml/xpath.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

constexpr Program kProgram = {"crm_failcount", "query or delete resource fail counts", "",
                              "rNUnIvil", ""};

struct Settings {
  char command = 0;
  std::optional<std::string> resource;
  std::optional<std::string> node;
  std::optional<std::string> operation;
  std::string interval = "0";
  bool quiet = false;
};

void warn(const std::string& text) { std::fprintf(stderr, "warning: %s\n", text.c_str()); }

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&s](char which) {
    return [&s, which](std::string_view) -> Result<void> {
      s.command = which;
      return {};
    };
  };
  const auto ignored = [](char letter) {
    return [letter](std::string_view) -> Result<void> {
      warn(fmt::format("ignoring deprecated option '-{}'", letter));
      return {};
    };
  };
  OptionGroup main{
      "",
      "",
      "",
      {{'r', "resource", "ID", "Operate on the named resource (required)", set_text(s.resource)},
       {0, "resource-id", "ID", "", set_text(s.resource), true},
       {'n', "operation", "NAME", "Operate on the named operation only (default: all)",
        set_text(s.operation)},
       {'I', "interval", "TIME", "Interval of that operation (default: 0)",
        [&s](std::string_view text) -> Result<void> {
          s.interval = std::string(text);
          return {};
        }},
       {'G', "query", "", "Query the current value of the resource's fail count", command('G')},
       {0, "get-value", "", "", command('G'), true},
       {'D', "delete", "", "Delete resource's recorded failures", command('D')},
       {0, "delete-attr", "", "", command('D'), true},
       {'N', "node", "NODE", "Operate on the named node (default: this one)", set_text(s.node)},
       {'U', "uname", "NODE", "", set_text(s.node), true},
       {'q', "quiet", "", "Print only the value", set_flag(s.quiet)},
       {'Q', "", "", "", set_flag(s.quiet), true},
       {'v', "attr-value", "VALUE", "",
        [&s](std::string_view text) -> Result<void> {
          if (text == "0") {
            s.command = 'D';
          } else {
            warn("ignoring deprecated option '-v' with nonzero value");
          }
          return {};
        },
        true},
       {'i', "attr-id", "ID", "", ignored('i'), true},
       {'l', "lifetime", "LIFETIME", "", ignored('l'), true}}};
  return {main};
}

class CrmFailcount {
 public:
  CrmFailcount(const Settings& settings, std::string node)
      : settings_(settings), node_(std::move(node)) {
    const auto interval = parse_interval_ms(settings.interval);
    if (!interval) warn("Unrecognized interval, using 0");
    interval_ms_ = interval.value_or(0);
  }

  int query() const {
    auto cib = CibAccess::open("crm_failcount");
    auto document = cib ? (*cib)->document() : tl::unexpected(cib.error());
    if (!document) {
      std::fprintf(stderr, "error: could not query CIB for fail counts: %s\n",
                   document.error().message.c_str());
      return exit_code_of(document.error().kind);
    }
    const std::string base = "fail-count-" + *settings_.resource;
    std::string name = base;
    Score count = 0;
    if (settings_.operation) {
      name += fmt::format("#{}_{}", *settings_.operation, interval_ms_);
      count = sum(*document, name, false);
    } else {
      count = sum(*document, base + "#", true);
    }
    // Clusters of long ago counted for the resource as a whole.
    if (count == 0) count = sum(*document, base, false);
    if (settings_.quiet) {
      std::printf("%s\n", format_score(count).c_str());
    } else {
      std::printf("scope=status  name=%s value=%s\n", name.c_str(), format_score(count).c_str());
    }
    return exit_code::kOk;
  }

  int remove() const {
    std::vector<std::string> arguments;
    if (settings_.quiet) arguments.emplace_back("--quiet");
    arguments.insert(arguments.end(), {"--cleanup", "-N", node_, "-r", *settings_.resource});
    if (settings_.operation) {
      arguments.insert(arguments.end(),
                       {"-n", *settings_.operation, "-I", fmt::format("{}ms", interval_ms_)});
    }
    return delegate_to("crm_resource", arguments);
  }

 private:
  /// Sum of the node's transient attributes of this name, or whose name begins with it.
  Score sum(const xml::Document& cib, const std::string& name, bool prefix) const {
    const auto pairs = xml::find_all(
        cib.root(), fmt::format("/cib/status/node_state[@uname={}]/transient_attributes//nvpair",
                                xml::xpath_literal(node_)));
    Score total = 0;
    if (!pairs) return total;
    for (const xml::Element pair : *pairs) {
      const std::string_view own = pair.get_or("name", {});
      if (prefix ? !own.starts_with(name) : own != name) continue;
      total = add_scores(total, parse_score(pair.get_or("value", "0")).value_or(0));
    }
    return total;
  }

  const Settings& settings_;
  std::string node_;
  std::int64_t interval_ms_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  const Wrapper wrapper(kProgram, option_groups(settings), exit_code::kUsage);
  return wrapper.run(arguments, [&](const ParsedCommandLine&) {
    if (settings.command == 0) return wrapper.usage_error("must specify a command");
    if (!settings.resource) return wrapper.usage_error("resource name required");
    const std::string node = node_or_own(settings.node);
    if (node.empty()) return wrapper.usage_error("node name required");
    const CrmFailcount tool(settings, node);
    return settings.command == 'G' ? tool.query() : tool.remove();
  });
}
