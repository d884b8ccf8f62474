#include "agents/systemd.h"

#include <array>

#include "base/text.h"
#include "xml/document.h"

namespace quorate::agents {
namespace {

constexpr std::array<std::string_view, 5> kExtensions = {".service", ".socket", ".mount", ".timer",
                                                         ".path"};

AgentResult state_result(const std::string& state) {
  if (state == "active" || state == "reloading") return {ocf::kOk, ExecutionStatus::kDone, {}};
  if (state == "activating" || state == "deactivating") {
    return {ocf::kUnknown, ExecutionStatus::kPending, {}};
  }
  return {ocf::kNotRunning, ExecutionStatus::kDone, state};
}

}  // namespace

std::string unit_name(std::string_view type) {
  std::string_view extension = ".service";
  for (const std::string_view known : kExtensions) {
    if (type.ends_with(known)) {
      extension = known;
      type.remove_suffix(known.size());
      break;
    }
  }
  return std::string(type) + (type.ends_with('@') ? "pacemaker" : "") + std::string(extension);
}

std::string unit_method(std::string_view task) {
  if (task == "start") return "StartUnit";
  if (task == "stop") return "StopUnit";
  if (task == "restart") return "RestartUnit";
  if (task == "monitor" || task == "status") return "ActiveState";
  return {};
}

AgentResult unit_outcome(std::string_view task, std::string_view type, const UnitCallDone& done) {
  const std::string unit = unit_name(type);
  if (done.ok) {
    return unit_method(task) == "ActiveState" ? state_result(done.state)
                                              : AgentResult{ocf::kOk, ExecutionStatus::kDone, {}};
  }
  if (done.error == "not-found") {
    if (task == "stop") return {ocf::kOk, ExecutionStatus::kDone, {}};
    return {ocf::kNotInstalled, ExecutionStatus::kNotInstalled,
            "systemd unit " + unit + " not found"};
  }
  if (done.error == "no-connection") {
    return {ocf::kError, ExecutionStatus::kError, "No DBus connection"};
  }
  const std::string job = "systemd " + std::string(task) + " job for " + unit;
  if (done.error == "timeout") {
    return {ocf::kError, ExecutionStatus::kTimedOut, job + " timed out"};
  }
  for (const char* result : {"failed", "canceled", "dependency", "skipped", "invalid"}) {
    if (done.error == result) {
      return {ocf::kError, ExecutionStatus::kError,
              job + " failed with result '" + done.error + "'"};
    }
  }
  return {ocf::kError, ExecutionStatus::kError, "Unable to invoke systemd DBus method"};
}

std::string unit_metadata(std::string_view type, std::string_view description) {
  const std::string name = xml::escape(to_xml_safe(type));
  const std::string text =
      description.empty() ? "Systemd unit file for " + name : xml::escape(to_xml_safe(description));
  return "<?xml version=\"1.0\"?>\n"
         "<resource-agent name=\"" +
         name +
         "\" version=\"0.1\">\n"
         "  <version>1.1</version>\n"
         "  <longdesc lang=\"en\">\n"
         "    " +
         text +
         "\n"
         "  </longdesc>\n"
         "  <shortdesc lang=\"en\">systemd unit file for " +
         name +
         "</shortdesc>\n"
         "  <parameters/>\n"
         "  <actions>\n"
         "    <action name=\"start\" timeout=\"100s\" />\n"
         "    <action name=\"stop\" timeout=\"100s\" />\n"
         "    <action name=\"status\" timeout=\"100s\" />\n"
         "    <action name=\"monitor\" timeout=\"100s\" interval=\"60s\" />\n"
         "    <action name=\"meta-data\" timeout=\"5s\" />\n"
         "  </actions>\n"
         "  <special tag=\"systemd\"/>\n"
         "</resource-agent>\n";
}

}  // namespace quorate::agents
