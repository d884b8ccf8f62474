// crm_ticket: tickets of this site of a multi-site cluster (spec/13 §23).

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "base/text.h"
#include "common/cib_access.h"
#include "common/cluster_picture.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/local_time.h"
#include "common/tool.h"
#include "crm_ticket/settings.h"
#include "status/constraints.h"
#include "status/time_text.h"
#include "xml/xpath.h"

namespace quorate::crm_ticket {
namespace {

namespace exit_code = cli::exit_code;

cli::Program program() {
  cli::Program program;
  program.name = "crm_ticket";
  program.summary = "perform tasks related to Pacemaker ticket constraints";
  program.special_letters = "dintvxCDGS";
  program.unknown_format_code = exit_code::kNoSuch;
  program.extra_help = R"(
Examples:

Display the info of tickets:

	# crm_ticket --info

Display the constraints of a ticket:

	# crm_ticket --ticket ticketA --constraints

Grant a ticket to this site:

	# crm_ticket --ticket ticketA --grant --force

Put a ticket into standby:

	# crm_ticket --ticket ticketA --standby
)";
  return program;
}

class CrmTicket {
 public:
  CrmTicket(const Settings& settings, cli::Output& output) : settings_(settings), output_(output) {}

  int run() {
    auto cib = cli::CibAccess::open("crm_ticket");
    if (!cib) {
      output_.error("Could not connect to the CIB: " + cib.error().message);
      return cli::exit_code_of(cib.error().kind);
    }
    cib_ = std::move(*cib);
    auto picture = read_picture();
    if (!picture) {
      output_.error(picture.error().message);
      return cli::exit_code_of(picture.error().kind);
    }
    picture_ = std::move(*picture);
    output_.text().set_fancy(false);
    const int code = carry_out();
    if (auto signed_off = cib_->sign_off(); !signed_off) {
      output_.error(signed_off.error().message);
      return cli::exit_code_of(signed_off.error().kind);
    }
    return code;
  }

 private:
  Result<std::unique_ptr<cli::ClusterPicture>> read_picture() {
    if (!settings_.state_file) return cli::read_cluster(*cib_, cli::Depth::kConstraints);
    const auto text = cli::read_input(*settings_.state_file);
    if (!text) {
      return fail(text.error().kind, fmt::format("Could not read {}: {}", *settings_.state_file,
                                                 text.error().message));
    }
    auto document = xml::Document::parse(*text, *settings_.state_file);
    if (!document) return tl::unexpected(document.error());
    return cli::understand(std::move(*document), cli::Depth::kConstraints);
  }

  int carry_out() {
    switch (settings_.query) {
      case Query::kInfo:
      case Query::kDetails:
      case Query::kRaw:
        return list();
      case Query::kStateXml:
        return show_state_xml();
      case Query::kConstraints:
        return show_constraints();
      case Query::kGetAttribute:
        return get_attribute();
      case Query::kCleanup:
        return clean_up();
      case Query::kNone:
        break;
    }
    if (settings_.changes.empty() && settings_.deletions.empty()) {
      if (settings_.waiting_name) {
        return usage(fmt::format("Must supply value with -v for -S {}", *settings_.waiting_name));
      }
      return usage("Must supply a command");
    }
    return modify();
  }

  int usage(std::string_view text) {
    output_.error(text);
    return exit_code::kUsage;
  }

  const model::Snapshot& snapshot() const { return picture_->snapshot(); }

  const model::Ticket* find_ticket() const {
    for (const model::Ticket& ticket : snapshot().tickets) {
      if (ticket.id == *settings_.ticket) return &ticket;
    }
    return nullptr;
  }

  int no_such_ticket() {
    output_.error(fmt::format("No such ticket '{}'", *settings_.ticket));
    return exit_code::kNoSuch;
  }

  // Queries ------------------------------------------------------------------------------------

  int list() {
    if (settings_.ticket && find_ticket() == nullptr) return no_such_ticket();
    const bool any = !snapshot().tickets.empty();
    if (any) output_.xml().open("tickets");
    for (const model::Ticket& ticket : snapshot().tickets) {
      if (settings_.ticket && ticket.id != *settings_.ticket) continue;
      output_.text().line(line_of(ticket));
      status::write_ticket(output_.xml(), ticket, zone());
    }
    if (any) output_.xml().close();
    return exit_code::kOk;
  }

  static status::UtcOffset zone() { return &cli::local_utc_offset; }

  std::string line_of(const model::Ticket& ticket) const {
    if (settings_.query == Query::kRaw) return std::string(ticket.id);
    if (settings_.query == Query::kInfo) return status::ticket_line(ticket, zone());
    std::string line = fmt::format("{}\t{}{}", ticket.id, ticket.granted ? "granted" : "revoked",
                                   ticket.standby ? " [standby]" : "");
    std::string details;
    for (const auto& [name, value] : ticket.state) {
      const bool time = name == "last-granted" || name == "expires";
      const auto moment = time ? to_integer(value) : std::nullopt;
      details += fmt::format("{}{}={}", details.empty() ? "" : ", ", name,
                             moment ? status::ctime_text(*moment, zone()) : std::string(value));
    }
    if (details.empty()) return line;
    if (ticket.last_granted > -1) line += ' ';
    return line + fmt::format("\t({})", details);
  }

  /// States in the CIB: of the ticket given, or all.
  std::vector<xml::Element> states() const {
    std::string path = "/cib/status/tickets/ticket_state";
    if (settings_.ticket) path += fmt::format("[@id={}]", xml::xpath_literal(*settings_.ticket));
    return xml::find_all(picture_->document.root(), path).value_or(std::vector<xml::Element>());
  }

  int show_state_xml() {
    const auto found = states();
    if (found.empty()) {
      output_.error("Could not query ticket XML: No such device or address");
      return exit_code::kNoSuch;
    }
    const xml::Element shown = settings_.ticket ? found.front() : found.front().parent();
    std::string text = cli::file_text(shown);
    text.pop_back();
    output_.text().line("State XML:\n");
    output_.text().line(text);
    output_.xml().open("tickets");
    for (const xml::Element state : found) {
      output_.xml().open("ticket");
      copy_attributes(state);
      output_.xml().close();
    }
    output_.xml().close();
    return exit_code::kOk;
  }

  void copy_attributes(xml::Element element) {
    element.for_each_attribute([&](const xml::Attribute& attribute) {
      output_.xml().attribute(attribute.name, attribute.value);
    });
  }

  void copy(xml::Element element) {
    output_.xml().open(element.name());
    copy_attributes(element);
    for (const xml::Element child : xml::children(element)) copy(child);
    output_.xml().close();
  }

  int show_constraints() {
    std::string path = "/cib/configuration/constraints/rsc_ticket";
    if (settings_.ticket) {
      path += fmt::format("[@ticket={}]", xml::xpath_literal(*settings_.ticket));
    }
    const auto found = xml::find_all(picture_->document.root(), path);
    if (!found || found->empty()) {
      output_.error("Could not show ticket constraints: No such device or address");
      return exit_code::kNoSuch;
    }
    output_.text().line("Constraints XML:\n");
    std::set<std::string> resources;
    output_.xml().open("tickets");
    for (const xml::Element constraint : *found) {
      output_.text().line(constraint.to_string());
      output_.xml().open("ticket");
      output_.xml().attribute("id", constraint.get_or("ticket", {}));
      output_.xml().open("constraints");
      copy(constraint);
      output_.xml().close();
      output_.xml().close();
      xml::for_each_descendant(constraint, [&](xml::Element at) {
        if (at.name() == "resource_ref") resources.emplace(at.id());
        if (const auto id = at.get("rsc")) resources.emplace(*id);
      });
    }
    output_.xml().close();
    output_.xml().open("resources");
    for (const std::string& resource : resources) {
      output_.xml().open("resource");
      output_.xml().attribute("id", resource);
      output_.xml().close();
    }
    output_.xml().close();
    return exit_code::kOk;
  }

  int get_attribute() {
    if (!settings_.ticket) {
      output_.error("Must supply ticket ID with -t");
      return exit_code::kNoSuch;
    }
    const model::Ticket* ticket = find_ticket();
    const auto found = ticket == nullptr ? std::nullopt : ticket->state.get(settings_.attribute);
    const auto value = found ? std::optional<std::string>(*found) : settings_.preset;
    if (!value) return exit_code::kNoSuch;
    output_.text().line(*value);
    output_.xml().open("tickets");
    output_.xml().open("ticket");
    output_.xml().attribute("id", *settings_.ticket);
    output_.xml().open("attribute");
    output_.xml().attribute("name", settings_.attribute);
    output_.xml().attribute("value", *value);
    output_.xml().close();
    output_.xml().close();
    output_.xml().close();
    return exit_code::kOk;
  }

  // Changes ------------------------------------------------------------------------------------

  int send(cib::Operation operation, const std::string& data, bool by_xpath = false) {
    cib::Request request;
    request.operation = operation;
    request.section = by_xpath ? data : "status";
    request.options.xpath = by_xpath;
    request.options.multiple = by_xpath;
    request.options.may_create = operation == cib::Operation::kModify;
    if (!by_xpath) request.data = data;
    const auto answer = cib_->run(request);
    if (!answer) {
      output_.error(answer.error().message);
      return cli::exit_code_of(answer.error().kind);
    }
    if (answer->code == cib::Code::kOk) return exit_code::kOk;
    output_.error(std::string(cib::message_of(answer->code)));
    if (!answer->message.empty()) output_.notice(answer->message);
    return cib::exit_code_of(answer->code);
  }

  int clean_up() {
    if (!settings_.ticket) return usage("Must supply ticket ID with -t");
    const model::Ticket* ticket = find_ticket();
    if (!settings_.force) {
      if (ticket == nullptr) return no_such_ticket();
      if (ticket->granted) {
        warn_of_revoking();
        return exit_code::kInsufficientPrivileges;
      }
    }
    const auto found = states();
    if (found.empty()) return exit_code::kOk;
    if (found.size() > 1) {
      output_.info(fmt::format("Multiple ticket_states match ticket={}", *settings_.ticket));
    }
    const int code = send(cib::Operation::kDelete,
                          fmt::format("/cib/status/tickets/ticket_state[@id={}]",
                                      xml::xpath_literal(*settings_.ticket)),
                          true);
    if (code == exit_code::kOk) output_.info("Cleaned up " + *settings_.ticket);
    return code;
  }

  int modify() {
    if (!settings_.ticket) return usage("Must supply ticket ID with -t");
    if (!settings_.force && changes_granted()) {
      output_.error("Ticket modification not allowed without --force");
      return exit_code::kUnsafe;
    }
    return settings_.deletions.empty() ? set_attributes() : delete_attributes();
  }

  /// Warns of what granting or revoking means if that is what is asked for.
  bool changes_granted() {
    const auto& deletions = settings_.deletions;
    if (std::find(deletions.begin(), deletions.end(), "granted") != deletions.end()) {
      warn_of_revoking();
      return true;
    }
    for (const auto& [name, value] : settings_.changes) {
      if (name != "granted") continue;
      if (parse_boolean(value).value_or(false)) {
        warn_of_granting();
      } else {
        warn_of_revoking();
      }
      return true;
    }
    return false;
  }

  int set_attributes() {
    const model::Ticket* ticket = find_ticket();
    xml::Document data = xml::Document::with_root("tickets");
    xml::Element state = data.root().add("ticket_state");
    state.set("id", *settings_.ticket);
    for (const auto& [name, value] : settings_.changes) {
      state.set(name, value);
      const bool granted_before = ticket != nullptr && ticket->granted;
      if (name == "granted" && parse_boolean(value).value_or(false) && !granted_before) {
        state.set("last-granted", std::to_string(std::time(nullptr)));
      }
    }
    return send(cib::Operation::kModify, data.root().to_string());
  }

  int delete_attributes() {
    const auto found = states();
    if (found.empty()) return exit_code::kOk;
    xml::Document data = xml::Document::copy_of(found.front());
    for (const std::string& name : settings_.deletions) data.root().remove_attribute(name);
    return send(cib::Operation::kReplace, data.root().to_string());
  }

  void warn_of_granting() {
    output_.notice(fmt::format(
        "This command cannot help you verify whether '{0}' has been already granted elsewhere.\n"
        "If you really want to grant '{0}' to this site now, and you know what you are doing,\n"
        "please specify --force.",
        *settings_.ticket));
  }

  void warn_of_revoking() {
    output_.notice(fmt::format(
        "Revoking '{0}' can trigger the specified 'loss-policy'(s) relating to '{0}'.\n\n"
        "You can check that with:\ncrm_ticket --ticket {0} --constraints\n\n"
        "Otherwise before revoking '{0}', you may want to make '{0}'standby with:\n"
        "crm_ticket --ticket {0} --standby\n\n"
        "If you really want to revoke '{0}' from this site now, and you know what you are doing,\n"
        "please specify --force.",
        *settings_.ticket));
  }

  const Settings& settings_;
  cli::Output& output_;
  std::unique_ptr<cli::CibAccess> cib_;
  std::unique_ptr<cli::ClusterPicture> picture_;
};

}  // namespace
}  // namespace quorate::crm_ticket

int main(int argc, char** argv) {
  using namespace quorate;
  const std::vector<std::string> arguments(argv, argv + argc);
  crm_ticket::Settings settings;
  return cli::run_tool(crm_ticket::program(), crm_ticket::option_groups(settings), arguments,
                       {cli::Format::kText, cli::Format::kXml, cli::Format::kNone},
                       [&](cli::Output& output, const cli::ParsedCommandLine&) {
                         return crm_ticket::CrmTicket(settings, output).run();
                       });
}
