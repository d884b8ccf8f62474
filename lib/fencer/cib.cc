#include <algorithm>

#include "fencer/fencer.h"

/// What the fencer takes from the CIB: what concerns fencing, asked for anew whenever that has
/// changed.
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

/// Whatever else there is may be referred to by id from what is read.
bool is_read(std::string_view section) { return section != "acls" && section != "alerts"; }

/// Whether the configuration is to be read again after this change.
bool concerns_fencing(const CibChange& change) {
  if (change.sections.empty()) return concerns_fencing(change.patch);
  return std::any_of(change.sections.begin(), change.sections.end(), is_read);
}

}  // namespace

void Fencer::on(Context& context, const SiblingUp& event) {
  if (event.daemon != Daemon::kCib) return;
  subscribe(context);
}

void Fencer::subscribe(Context& context) {
  const CibSubscribe subscribe{kClientName, false, CibPart::kFencing, LongChanges::kBeginning,
                               true};
  context.effects.push_back(SendSibling{Daemon::kCib, encode(subscribe)});
  cib_asked_ = true;
  cib_changed_ = false;
  cib_unseen_ = 0;
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
  cib_asked_ = false;
  const auto document = xml::Document::parse(message.document, "CIB");
  if (!document) {
    context.log(LogLevel::kError, "Keeping the former fence devices: " + document.error().message);
    return;
  }
  configure(context, document->root().first_child("configuration"));
  if (cib_changed_) subscribe(context);
}

void Fencer::take_cib(Context& context, const CibChange& message) {
  if (++cib_unseen_ >= kSeenEvery || is_long(message)) {
    cib_unseen_ = 0;
    context.effects.push_back(SendSibling{Daemon::kCib, encode(CibSeen{message.position})});
  }
  if (message.configuration_changed && concerns_fencing(message)) read_again(context);
}

void Fencer::take_cib(Context& context, const CibResync&) { subscribe(context); }

/// Asked for once at a time; what changes meanwhile is asked for after it.
void Fencer::read_again(Context& context) {
  cib_changed_ = true;
  if (!cib_asked_) subscribe(context);
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
