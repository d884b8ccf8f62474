#include "messages/fencer_peer.h"

#include <algorithm>

#include "messages/fencer_operation.h"
#include "messages/fields.h"

namespace quorate::fencer {
namespace {

using namespace quorate::fields;

constexpr std::int64_t kMaxSeconds = 4'294'967;

std::int64_t get_seconds(xml::Element element, std::string_view name, std::int64_t least = 0) {
  return std::clamp(get_number(element, name), least, kMaxSeconds);
}

void put_device(xml::Element element, const OfferedDevice& device) {
  put(element, "id", device.id);
  put_flag(element, "verified", device.verified);
  put_flag(element, "unfences", device.unfences);
  put_flag(element, "supports-on", device.supports_on);
  put_flag(element, "stays-off", device.stays_off);
  put_flag(element, "may-reboot", device.may_reboot);
  put_flag(element, "may-off", device.may_off);
  put_flag(element, "may-on", device.may_on);
  put(element, "reboot-timeout", device.reboot_timeout_s);
  put(element, "off-timeout", device.off_timeout_s);
  put(element, "on-timeout", device.on_timeout_s);
  put(element, "delay-base", device.delay_base_s);
  put(element, "delay-max", device.delay_max_s);
}

OfferedDevice get_device(xml::Element element) {
  OfferedDevice device;
  device.id = get(element, "id");
  device.verified = get_flag(element, "verified");
  device.unfences = get_flag(element, "unfences");
  device.supports_on = get_flag(element, "supports-on");
  device.stays_off = get_flag(element, "stays-off");
  device.may_reboot = get_flag(element, "may-reboot");
  device.may_off = get_flag(element, "may-off");
  device.may_on = get_flag(element, "may-on");
  device.reboot_timeout_s = get_seconds(element, "reboot-timeout");
  device.off_timeout_s = get_seconds(element, "off-timeout");
  device.on_timeout_s = get_seconds(element, "on-timeout");
  device.delay_base_s = get_seconds(element, "delay-base");
  device.delay_max_s = get_seconds(element, "delay-max");
  return device;
}

struct Writer {
  xml::Document document;
  void operator()(const Query& message) {
    document = create("fencer-query");
    put_operation(document.root().add("operation"), message.operation);
    put(document.root(), "timeout", message.timeout_s);
    put(document.root(), "delay", message.delay_s);
    put_flag(document.root(), "allow-self-fencing", message.allow_self_fencing);
  }
  void operator()(const Offer& message) {
    document = create("fencer-offer");
    put(document.root(), "operation", message.operation);
    for (const OfferedDevice& device : message.devices) {
      put_device(document.root().add("device"), device);
    }
  }
  void operator()(const Execute& message) {
    document = create("fencer-execute");
    xml::Element root = document.root();
    put(root, "operation", message.operation);
    put(root, "attempt", static_cast<std::int64_t>(message.attempt));
    put(root, "node", static_cast<std::int64_t>(message.node));
    put(root, "device", message.device);
    put(root, "action", message.action);
    put(root, "timeout", message.timeout_s);
    put(root, "delay", message.delay_s);
    put(root, "total", message.total_s);
    put_flag(root, "last", message.last);
  }
  void operator()(const Executed& message) {
    document = create("fencer-executed");
    put(document.root(), "operation", message.operation);
    put(document.root(), "attempt", static_cast<std::int64_t>(message.attempt));
    put_result(document.root(), message.result);
  }
  void operator()(const Ended& message) {
    document = create("fencer-ended");
    put_operation(document.root().add("operation"), message.operation);
  }
  void operator()(const HistoryShare& message) {
    document = create("fencer-history-share");
    put_flag(document.root(), "asked-for", message.asked_for);
    for (const Operation& operation : message.operations) {
      put_operation(document.root().add("operation"), operation);
    }
  }
  void operator()(const HistoryWanted&) { document = create("fencer-history-wanted"); }
  void operator()(const HistoryCleaned& message) {
    document = create("fencer-history-cleaned");
    put(document.root(), "target", message.target);
  }
};

Execute read_execute(xml::Element root) {
  Execute message;
  message.operation = get(root, "operation");
  message.attempt = get_unsigned(root, "attempt");
  message.node = static_cast<NodeNumber>(
      std::min<std::uint64_t>(get_unsigned(root, "node"), static_cast<NodeNumber>(-1)));
  message.device = get(root, "device");
  message.action = get(root, "action");
  message.timeout_s = get_seconds(root, "timeout");
  message.delay_s = get_seconds(root, "delay", -1);
  message.total_s = get_seconds(root, "total");
  message.last = get_flag(root, "last");
  return message;
}

HistoryShare read_history(xml::Element root) {
  HistoryShare message;
  message.asked_for = get_flag(root, "asked-for");
  for (xml::Element entry : xml::children(root, "operation")) {
    message.operations.push_back(get_operation(entry));
  }
  return message;
}

}  // namespace

std::string encode(const PeerMessage& message) {
  Writer writer;
  std::visit(writer, message);
  return writer.document.root().to_string();
}

Result<PeerMessage> decode_peer_message(std::string_view payload) {
  const auto document = open(payload);
  if (!document) return tl::unexpected(document.error());
  const xml::Element root = document->root();
  const std::string_view name = root.name();
  if (name == "fencer-query") {
    return Query{get_operation(root.first_child("operation")), get_seconds(root, "timeout"),
                 get_seconds(root, "delay", -1), get_flag(root, "allow-self-fencing")};
  }
  if (name == "fencer-offer") {
    Offer message{get(root, "operation"), {}};
    for (xml::Element device : xml::children(root, "device")) {
      message.devices.push_back(get_device(device));
    }
    return message;
  }
  if (name == "fencer-execute") return read_execute(root);
  if (name == "fencer-executed") {
    return Executed{get(root, "operation"), get_unsigned(root, "attempt"), get_result(root)};
  }
  if (name == "fencer-ended") return Ended{get_operation(root.first_child("operation"))};
  if (name == "fencer-history-share") return read_history(root);
  if (name == "fencer-history-wanted") return HistoryWanted{};
  if (name == "fencer-history-cleaned") return HistoryCleaned{get(root, "target")};
  return fail(ErrorKind::kInvalid,
              "message '" + std::string(name) + "' is not one between fencers");
}

}  // namespace quorate::fencer
