#include <algorithm>
#include <array>

#include "fencer/fencer.h"

/// What the fencer takes from the CIB: its own subscription, and the configuration queried anew
/// whenever it has changed.
namespace quorate::fencer {
namespace {

constexpr int kSeenEvery = 50;
constexpr const char* kClientName = "quorate-fencer";

/// Whether a change of a patch is one of an option of the cluster that isn't ours: all we read of
/// them is `symmetric-cluster`. What can't be told from the patch alone counts as ours.
bool is_foreign_option(xml::Element change) {
  const std::string_view path = change.get_or("path", {});
  if (!path.starts_with("/cib/configuration/crm_config/")) return false;
  const std::string_view operation = change.get_or("operation", {});
  xml::Element option;
  if (operation == "create") {
    option = change.first_child();
  } else if (operation == "modify") {
    for (const xml::Element attribute :
         xml::children(change.first_child("change-list"), "change-attr")) {
      if (attribute.get_or("name", {}) != "value") return false;
    }
    option = change.first_child("change-result").first_child();
  }
  return option.name() == "nvpair" && option.has("name") &&
         option.get_or("name", {}) != "symmetric-cluster";
}

/// Whether the configuration is to be read again after this patch.
bool concerns_fencing(std::string_view patch) {
  const auto document = xml::Document::parse(patch, "patch");
  if (!document) return true;
  for (const xml::Element change : xml::children(document->root(), "change")) {
    const std::string_view path = change.get_or("path", {});
    const bool version = path == "/cib" && change.get_or("operation", {}) == "modify";
    if (!version && !path.starts_with("/cib/status") && !is_foreign_option(change)) return true;
  }
  return false;
}

bool is_read(std::string_view section) {
  constexpr std::array<std::string_view, 6> kRead = {
      "crm_config", "nodes", "resources", "constraints", "rsc_defaults", "fencing-topology"};
  return std::find(kRead.begin(), kRead.end(), section) != kRead.end();
}

/// Whether the configuration is to be read again after this change.
bool concerns_fencing(const CibChange& change) {
  if (change.sections.empty()) return concerns_fencing(change.patch);
  return std::any_of(change.sections.begin(), change.sections.end(), is_read);
}

}  // namespace

void Fencer::on(Context& context, const SiblingUp& event) {
  if (event.daemon != Daemon::kCib) return;
  cib_query_running_ = false;
  cib_changed_ = false;
  cib_unseen_ = 0;
  subscribe(context);
}

void Fencer::subscribe(Context& context) {
  const CibSubscribe subscribe{kClientName, false, CibPart::kConfiguration, LongChanges::kBeginning,
                               true};
  context.effects.push_back(SendSibling{Daemon::kCib, encode(subscribe)});
}

void Fencer::on(Context& context, const SiblingMessage& event) {
  if (event.daemon != Daemon::kCib) return;
  const auto message = decode_cib_server_message(event.payload);
  if (!message) {
    context.log(LogLevel::kWarning,
                "Ignoring a message of quorate-cib: " + message.error().message);
    return;
  }
  std::visit([&](const auto& specific) { take_cib(context, specific); }, *message);
}

void Fencer::take_cib(Context& context, const CibSnapshot& message) {
  const auto document = xml::Document::parse(message.document, "CIB");
  if (!document) {
    context.log(LogLevel::kError, "Keeping the former fence devices: " + document.error().message);
    return;
  }
  configure(context, document->root().first_child("configuration"));
}

void Fencer::take_cib(Context& context, const CibChange& message) {
  if (++cib_unseen_ >= kSeenEvery || is_long(message)) {
    cib_unseen_ = 0;
    context.effects.push_back(SendSibling{Daemon::kCib, encode(CibSeen{message.position})});
  }
  if (message.configuration_changed && concerns_fencing(message)) query_cib(context);
}

void Fencer::take_cib(Context& context, const CibResync&) {
  cib_unseen_ = 0;
  subscribe(context);
}

/// One query at a time; what changes meanwhile is asked for after it.
void Fencer::query_cib(Context& context) {
  cib_changed_ = true;
  if (cib_query_running_) return;
  cib_query_running_ = true;
  cib_changed_ = false;
  CibRequest request;
  request.id = context.new_id();
  request.client = kClientName;
  request.what.operation = cib::Operation::kQuery;
  request.what.section = "configuration";
  context.effects.push_back(SendSibling{Daemon::kCib, encode(request)});
}

void Fencer::take_cib(Context& context, const CibReply& message) {
  if (!cib_query_running_) return;
  cib_query_running_ = false;
  const auto document = xml::Document::parse(message.data, "configuration");
  if (message.code == cib::Code::kOk && document) {
    configure(context, document->root());
  } else {
    context.log(LogLevel::kError,
                "Keeping the former fence devices, since the configuration can't be read: " +
                    (document ? message.message : document.error().message));
  }
  if (cib_changed_) query_cib(context);
}

void Fencer::configure(Context& context, xml::Element configuration) {
  CibConfig fresh = read_cib_config(configuration, config_.node_name, context.now.wall_seconds());
  for (std::string& note : fresh.notes) context.log(LogLevel::kInfo, std::move(note));
  std::set<std::string> kept;
  for (Device& device : fresh.devices) {
    const std::string id = device.id;
    kept.insert(id);
    if (table_.add(context, std::move(device), DeviceTable::Source::kCib) !=
        DeviceTable::Change::kNone) {
      notify(context, {Notification::What::kDeviceAdded, {}, id});
    }
  }
  std::vector<std::string> gone;
  for (const auto& [id, device] : table_.devices()) {
    if (device.from_cib && !kept.contains(id)) gone.push_back(id);
  }
  for (const std::string& id : gone) {
    if (table_.remove(context, id, DeviceTable::Source::kCib)) {
      notify(context, {Notification::What::kDeviceRemoved, {}, id});
    }
  }
  node_attributes_ = std::move(fresh.node_attributes);
  const xml::Element section = configuration.first_child("fencing-topology");
  std::string text = section ? section.to_string() : std::string();
  if (text != topology_text_) {
    topology_ = std::move(fresh.topology);
    topology_text_ = std::move(text);
  }
}

}  // namespace quorate::fencer
