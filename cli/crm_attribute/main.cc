// crm_attribute: node attributes, cluster options and defaults (spec/13 §26).

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "common/agent_environment.h"
#include "common/cib_access.h"
#include "common/controller_call.h"
#include "common/exit_code.h"
#include "common/option_catalog.h"
#include "common/own_node.h"
#include "common/tool.h"
#include "crm_attribute/pairs.h"
#include "crm_attribute/settings.h"

namespace quorate::crm_attribute {
namespace {

namespace exit_code = cli::exit_code;

constexpr cli::Program kProgram = {"crm_attribute",
                                   "query and update Pacemaker cluster options and node attributes",
                                   "", "NPUdilnpstv", R"(
Examples:

Add new node attribute called 'location' with the value of 'office' for host 'myhost':

	# crm_attribute --node myhost --name location --update office

Query the value of the 'location' node attribute for host 'myhost':

	# crm_attribute --node myhost --name location --query

Query the value of the 'cluster-delay' cluster option and print only the value:

	# crm_attribute --type crm_config --name cluster-delay --query --quiet
)"};

constexpr std::int64_t kTimeoutMs = 30'000;

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    switch (c) {
      case '\n':
        text += "\\n";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\r':
        text += "\\r";
        break;
      case '"':
        text += "\\\"";
        break;
      default:
        text += c;
    }
  }
  return text;
}

class CrmAttribute {
 public:
  CrmAttribute(Settings settings, cli::Output& output)
      : settings_(std::move(settings)), output_(output) {}

  int run() {
    if (settings_.command == Command::kListOptions) {
      cli::write_options(output_, cli::cluster_options(), settings_.all);
      return exit_code::kOk;
    }
    if (settings_.promotion) {
      const auto resource = settings_.promotion_resource
                                ? settings_.promotion_resource
                                : cli::environment("OCF_RESOURCE_INSTANCE");
      if (!resource || resource->empty()) {
        output_.error(
            "-p/--promotion must be called from an OCF resource agent or with a resource ID "
            "specified");
        return exit_code::kUsage;
      }
      settings_.name = "master-" + *resource;
    }
    auto cib = cli::CibAccess::open("crm_attribute");
    if (!cib) {
      output_.error("Could not connect to the CIB: " + cib.error().message);
      return cli::exit_code_of(cib.error().kind);
    }
    cib_ = std::move(*cib);
    int code = prepare();
    if (code == exit_code::kOk) code = carry_out();
    if (auto signed_off = cib_->sign_off(); !signed_off && code == exit_code::kOk) {
      output_.error(signed_off.error().message);
      code = cli::exit_code_of(signed_off.error().kind);
    }
    return code;
  }

 private:
  int usage(std::string_view text) {
    output_.error(text);
    return exit_code::kUsage;
  }

  int prepare() {
    place_.section = section();
    place_.utilization = settings_.utilization;
    auto document = cib_->document();
    if (!document) {
      output_.error("Could not connect to the CIB: " + document.error().message);
      return cli::exit_code_of(document.error().kind);
    }
    document_ = std::move(*document);
    if (place_.section != "crm_config" && place_.section != "tickets") {
      if (const int code = find_own_node(); code != exit_code::kOk) return code;
    }
    const bool named = settings_.name || settings_.pattern || settings_.pair_id;
    if (settings_.command == Command::kDelete && !named) {
      return usage("Error: must specify attribute name or pattern to delete");
    }
    if (settings_.command == Command::kUpdate && !named) {
      return usage("Error: must specify attribute name or pattern to update");
    }
    if (settings_.name && settings_.pattern) {
      return usage("Error: --name and --pattern cannot be used at the same time");
    }
    return exit_code::kOk;
  }

  std::string section() const {
    if (!settings_.section.empty()) return settings_.section;
    if (settings_.promotion) return "status";
    return settings_.node ? "nodes" : "crm_config";
  }

  int find_own_node() {
    std::string name = settings_.node.value_or("");
    const bool defaults = place_.section == "rsc_defaults" || place_.section == "op_defaults";
    if (defaults && name.empty()) return exit_code::kOk;  // no node plays a role there
    name = cli::resolve_node(name);
    if (name.empty()) name = ask_own_name();
    const auto node = find_node(document_.root(), name);
    if (!node) {
      output_.error(fmt::format("Could not map name={} to a UUID", name));
      return exit_code::kNoSuch;
    }
    place_.node = name;
    place_.node_id = node->id;
    place_.node_is_remote = node->remote;
    return exit_code::kOk;
  }

  std::string ask_own_name() const {
    if (!cib_->is_live()) {
      char host[256] = {};
      ::gethostname(host, sizeof host - 1);
      return host;
    }
    return cli::ask_own_node("crm_attribute").value_or("");
  }

  int carry_out() {
    if (settings_.command == Command::kQuery) return query();
    if (place_.section == "status" && cib_->is_live()) return through_attribute_manager();
    if (settings_.pattern) return change_matching();
    return change_one(settings_.name);
  }

  int performing(cib::Code code) {
    output_.error(fmt::format("Error performing operation: {}", cib::message_of(code)));
    return cib::exit_code_of(code);
  }

  // Query --------------------------------------------------------------------------------------

  int query() {
    if (!is_section(place_.section)) return performing(cib::Code::kNoMessage);
    const auto pairs = find_pairs(document_.root(), place_, settings_, settings_.name);
    for (const xml::Element pair : pairs) {
      print(std::string(pair.get_or("name", {})), pair.get("value"));
    }
    if (!pairs.empty()) return exit_code::kOk;
    if (settings_.preset) {
      print(settings_.name.value_or(""), *settings_.preset);
      return exit_code::kOk;
    }
    return performing(cib::Code::kNoSuchDevice);
  }

  void print(const std::string& name, std::optional<std::string_view> value) {
    if (settings_.quiet) {
      if (value) output_.text().line(*value);
    } else {
      std::string line = "scope=" + place_.section;
      if (settings_.pair_id) line += " id=" + *settings_.pair_id;
      line += fmt::format(" name={} value={}", name, value ? escaped(*value) : "(null)");
      output_.text().line(line);
    }
    xml::Writer& xml = output_.xml();
    xml.open("attribute");
    xml.attribute("name", name);
    if (value) xml.attribute("value", *value);
    xml.attribute("scope", place_.section);
    if (settings_.pair_id) xml.attribute("id", *settings_.pair_id);
    if (!place_.node.empty()) xml.attribute("host", place_.node);
    xml.close();
  }

  // Changes ------------------------------------------------------------------------------------

  int through_attribute_manager() {
    auto call = cli::AttributesCall::open("crm_attribute");
    AttributeRequest request;
    const bool deletes = settings_.command == Command::kDelete;
    request.kind = deletes ? AttributeRequest::Kind::kDelete : AttributeRequest::Kind::kUpdate;
    request.name = settings_.name.value_or("");
    request.pattern = settings_.pattern.value_or("");
    if (!deletes) request.value = settings_.value;
    request.node = place_.node;
    request.node_id = place_.node_id;
    request.node_is_remote = place_.node_is_remote;
    request.set_id = settings_.set_id.value_or("");
    if (settings_.utilization) request.set_type = "utilization";
    request.wait = settings_.wait;
    Result<AttributeReply> reply =
        call ? call->ask(std::move(request), kTimeoutMs) : tl::unexpected(call.error());
    if (reply && reply->ok) {
      if (deletes) say_deleted(settings_.name.value_or(*settings_.pattern), {});
      return exit_code::kOk;
    }
    const std::string text = reply ? reply->message : reply.error().message;
    const int code = cli::exit_code_of(reply ? reply->error : reply.error().kind);
    output_.error(fmt::format("Could not update {}={}: {} ({})", settings_.name.value_or(""),
                              settings_.value, text, code));
    return code;
  }

  int change_matching() {
    std::vector<std::string> names;
    for (const xml::Element pair : find_pairs(document_.root(), place_, settings_, std::nullopt)) {
      names.emplace_back(pair.get_or("name", {}));
    }
    for (const std::string& name : names) {
      if (const int code = change_one(name); code != exit_code::kOk) return code;
    }
    return exit_code::kOk;
  }

  int change_one(const std::optional<std::string>& name) {
    const auto existing = find_pairs(document_.root(), place_, settings_, name);
    const bool deletes = settings_.command == Command::kDelete;
    if (existing.size() > 1) {
      say_matches(name.value_or(""), existing);
      if (deletes) return exit_code::kOk;
      output_.error(
          "Please choose from one of the matches below and supply the 'id' with --attr-id");
      return exit_code::kMultiple;
    }
    if (deletes) return existing.empty() ? exit_code::kOk : delete_pair(existing.front());
    if (existing.empty() && !name) return performing(cib::Code::kNoSuchDevice);
    return update_pair(
        name.value_or(std::string(existing.empty() ? "" : existing.front().get_or("name", {}))),
        existing.empty() ? xml::Element() : existing.front());
  }

  void say_matches(const std::string& name, const std::vector<xml::Element>& pairs) {
    output_.text().line("Multiple attributes match name=" + name);
    for (const xml::Element pair : pairs) {
      output_.text().line(
          fmt::format("  Value: {} \t(id={})", pair.get_or("value", "(null)"), pair.id()));
    }
  }

  void say_deleted(const std::string& name, std::string_view id) {
    const bool option = place_.section == "crm_config" || place_.section == "tickets";
    std::string text =
        fmt::format("Deleted {} {}:", place_.section, option ? "option" : "attribute");
    text += fmt::format(" id={}", id.empty() ? "(null)" : id);
    if (settings_.set_id) text += " set=" + *settings_.set_id;
    if (!name.empty()) text += " name=" + name;
    output_.info(text);
  }

  int delete_pair(xml::Element pair) {
    cib::Request request;
    request.operation = cib::Operation::kDelete;
    request.section = request_section(place_);
    xml::Document data = xml::Document::with_root("nvpair");
    data.root().set("id", pair.id());
    request.data = data.root().to_string();
    const std::string id(pair.id());
    const std::string name(pair.get_or("name", {}));
    const int code = send(request, name, "");
    if (code == exit_code::kOk) say_deleted(name, id);
    return code;
  }

  int update_pair(const std::string& name, xml::Element existing) {
    cib::Request request;
    request.operation = cib::Operation::kModify;
    request.section = request_section(place_);
    request.options.may_create = true;
    request.options.score_update = true;
    request.data =
        pair_document(place_, settings_, name, settings_.value, existing).root().to_string();
    return send(request, name, settings_.value);
  }

  int send(const cib::Request& request, const std::string& name, const std::string& value) {
    const auto answer = cib_->run(request);
    if (!answer) {
      output_.error("Error performing operation: " + answer.error().message);
      return cli::exit_code_of(answer.error().kind);
    }
    if (answer->code == cib::Code::kOk) {
      if (const std::string notice = cli::durability_notice(answer->durability); !notice.empty()) {
        output_.notice(notice);
      }
      return exit_code::kOk;
    }
    output_.notice(fmt::format("Error setting {}={} (section={}, set={}): {}", name, value,
                               place_.section, settings_.set_id.value_or("<null>"),
                               cib::message_of(answer->code)));
    if (!answer->message.empty()) output_.notice(answer->message);
    return performing(answer->code);
  }

  Settings settings_;
  cli::Output& output_;
  std::unique_ptr<cli::CibAccess> cib_;
  xml::Document document_;
  Place place_;
};

}  // namespace
}  // namespace quorate::crm_attribute

int main(int argc, char** argv) {
  using namespace quorate;
  const std::vector<std::string> arguments(argv, argv + argc);
  crm_attribute::Settings settings;
  return cli::run_tool(crm_attribute::kProgram, crm_attribute::option_groups(settings), arguments,
                       {cli::Format::kText, cli::Format::kXml, cli::Format::kNone},
                       [&](cli::Output& output, const cli::ParsedCommandLine&) {
                         return crm_attribute::CrmAttribute(settings, output).run();
                       });
}
