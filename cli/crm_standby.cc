// crm_standby: keep resources off a node (spec/13 §28.2). A wrapper of crm_attribute.

#include <cstdio>

#include "common/exit_code.h"
#include "common/sibling.h"
#include "common/wrapper.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

constexpr Program kProgram = {"crm_standby", "query, enable, or disable standby mode for a node",
                              "", "NUlivd", ""};

struct Settings {
  char command = 'G';
  std::string value;
  std::optional<std::string> node;
  std::optional<std::string> lifetime;
  std::optional<std::string> pair_id;
  bool quiet = false;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&s](char which) {
    return [&s, which](std::string_view value) -> Result<void> {
      s.command = which;
      s.value = std::string(value);
      return {};
    };
  };
  OptionGroup main{
      "",
      "",
      "",
      {{'G', "query", "", "Display the current value of standby mode (on/off), the default",
        command('G')},
       {0, "get-value", "", "", command('G'), true},
       {'v', "update", "VALUE", "Update the value of standby mode (on/off)", command('v')},
       {0, "attr-value", "VALUE", "", command('v'), true},
       {'D', "delete", "", "Let standby mode use default value", command('D')},
       {0, "delete-attr", "", "", command('D'), true},
       {'N', "node", "NODE", "Operate on the named node (default: this one)", set_text(s.node)},
       {'U', "uname", "NODE", "", set_text(s.node), true},
       {'l', "lifetime", "LIFETIME", "Until when the setting applies: reboot or forever",
        set_text(s.lifetime)},
       {'i', "id", "ID", "Operate on instance of setting with this XML ID", set_text(s.pair_id)},
       {0, "attr-id", "ID", "", set_text(s.pair_id), true},
       {'q', "quiet", "", "Print only the value", set_flag(s.quiet)},
       {'Q', "", "", "", set_flag(s.quiet), true}}};
  return {main};
}

class CrmStandby {
 public:
  CrmStandby(const Settings& settings, std::string node, int verbosity) : settings_(settings) {
    base_ = {"-N", std::move(node), "-n", "standby"};
    if (settings.pair_id) base_.insert(base_.end(), {"-i", *settings.pair_id});
    if (settings.quiet) base_.emplace_back("-q");
    for (int i = 0; i < verbosity; ++i) base_.emplace_back("-V");
  }

  int run() const {
    switch (settings_.command) {
      case 'v':
        return delegate_to("crm_attribute", with_lifetime(settings_.lifetime.value_or("forever"),
                                                          {"-v", settings_.value}));
      case 'D':
        if (settings_.lifetime) {
          return delegate_to("crm_attribute", with_lifetime(*settings_.lifetime, {"-D"}));
        }
        delegate_to("crm_attribute", with_lifetime("forever", {"-D"}));
        delegate_to("crm_attribute", with_lifetime("reboot", {"-D"}));
        return exit_code::kOk;
      default:
        return query();
    }
  }

 private:
  std::vector<std::string> with_lifetime(const std::string& lifetime,
                                         const std::vector<std::string>& command) const {
    std::vector<std::string> arguments = base_;
    arguments.insert(arguments.end(), {"-l", lifetime});
    arguments.insert(arguments.end(), command.begin(), command.end());
    return arguments;
  }

  /// The permanent value if there is one, else the one until reboot.
  int query() const {
    if (settings_.lifetime) {
      return delegate_to("crm_attribute", with_lifetime(*settings_.lifetime, {"-G"}));
    }
    // An empty default, which is no setting, so that "not there" isn't reported as an error.
    const auto permanent =
        run_sibling("crm_attribute", with_lifetime("forever", {"-G", "-d", ""}), true);
    const bool found =
        permanent && !permanent->output.ends_with("value=\n") && permanent->output != "\n";
    if (found) {
      std::fputs(permanent->output.c_str(), stdout);
      return permanent->exit_code;
    }
    return delegate_to("crm_attribute", with_lifetime("reboot", {"-G", "-d", "off"}));
  }

  const Settings& settings_;
  std::vector<std::string> base_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  const Wrapper wrapper(kProgram, option_groups(settings), exit_code::kError);
  return wrapper.run(arguments, [&](const ParsedCommandLine& parsed) {
    const std::string node = node_or_own(settings.node);
    if (node.empty()) return wrapper.usage_error("node name required");
    return CrmStandby(settings, node, parsed.common.verbosity).run();
  });
}
