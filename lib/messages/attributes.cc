#include "messages/attributes.h"

#include <array>

#include "messages/xml_form.h"

namespace quorate {
namespace {

using xml::Element;

constexpr std::array<std::string_view, 8> kRequestKinds = {
    "update", "update-both", "update-delay",   "delete",
    "query",  "refresh",     "clear-failures", "purge"};
constexpr std::array<std::string_view, 3> kWaits = {"no", "local", "cluster"};

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<int>(i);
  }
  return -1;
}

void put_optional(Element element, std::string_view name, const std::optional<std::string>& value) {
  if (value) form::put_always(element, name, *value);
}

std::optional<std::string> optional_text(Element element, std::string_view name) {
  const auto value = element.get(name);
  return value ? std::optional<std::string>(std::string(*value)) : std::nullopt;
}

void put_traits(Element element, const AttributeTraits& traits) {
  form::put(element, "set-type", traits.set_type);
  form::put(element, "set", traits.set_id);
  form::put_flag(element, "private", traits.is_private);
  form::put(element, "user", traits.user);
  form::put_number(element, "dampening", traits.dampening_ms);
}

AttributeTraits traits_of(Element element) {
  AttributeTraits traits;
  traits.set_type = form::text(element, "set-type");
  if (traits.set_type != "utilization") traits.set_type = "instance_attributes";
  traits.set_id = form::text(element, "set");
  traits.is_private = form::flag(element, "private");
  traits.user = form::text(element, "user");
  traits.dampening_ms = std::max<std::int64_t>(0, form::number(element, "dampening"));
  return traits;
}

std::string encode_part(const AttributeChange& change) {
  const xml::Document document = form::begin("attribute-change");
  Element root = document.root();
  form::put_unsigned(root, "request", change.request);
  form::put_flag(root, "confirm", change.confirm);
  form::put(root, "node", change.node);
  form::put(root, "node-id", change.node_id);
  form::put_flag(root, "remote", change.node_is_remote);
  for (const AttributeChange::Part& part : change.parts) {
    Element child = root.add("attribute");
    form::put(child, "name", part.name);
    form::put_flag(child, "sets-value", part.sets_value);
    put_optional(child, "value", part.value);
    form::put_flag(child, "sets-dampening", part.sets_dampening);
    form::put_flag(child, "creates", part.creates);
    put_traits(child, part.traits);
  }
  return root.to_string();
}

std::string encode_part(const AttributeSeen& seen) {
  const xml::Document document = form::begin("attribute-seen");
  form::put_unsigned(document.root(), "origin", seen.origin);
  form::put_unsigned(document.root(), "request", seen.request);
  return document.root().to_string();
}

std::string encode_part(const AttributePurge& purge) {
  const xml::Document document = form::begin("attribute-purge");
  form::put(document.root(), "node", purge.node);
  form::put_flag(document.root(), "forget", purge.forget_node);
  form::put_flag(document.root(), "unless-member", purge.unless_member);
  form::put(document.root(), "cause", purge.cause);
  return document.root().to_string();
}

std::string encode_part(const AttributeSync& sync) {
  const xml::Document document = form::begin("attribute-sync");
  Element root = document.root();
  form::put_unsigned(root, "view", sync.view);
  form::put_unsigned(root, "part", sync.part);
  form::put_flag(root, "last", sync.last);
  form::put_flag(root, "others", sync.speaks_for_others);
  form::put_flag(root, "fresh", sync.fresh);
  for (const auto& [name, traits] : sync.attributes) {
    Element child = root.add("attribute");
    form::put(child, "name", name);
    put_traits(child, traits);
  }
  for (const AttributeSync::Value& value : sync.values) {
    Element child = root.add("value");
    form::put(child, "name", value.name);
    form::put(child, "node", value.node);
    form::put(child, "node-id", value.node_id);
    form::put_flag(child, "remote", value.node_is_remote);
    put_optional(child, "value", value.value);
  }
  return root.to_string();
}

AttributeChange change_of(Element root) {
  AttributeChange change;
  change.request = form::unsigned_number(root, "request");
  change.confirm = form::flag(root, "confirm");
  change.node = form::text(root, "node");
  change.node_id = form::text(root, "node-id");
  change.node_is_remote = form::flag(root, "remote");
  for (const Element child : xml::children(root, "attribute")) {
    AttributeChange::Part part;
    part.name = form::text(child, "name");
    if (part.name.empty()) continue;
    part.sets_value = form::flag(child, "sets-value");
    part.value = optional_text(child, "value");
    part.sets_dampening = form::flag(child, "sets-dampening");
    part.creates = form::flag(child, "creates");
    part.traits = traits_of(child);
    change.parts.push_back(std::move(part));
  }
  return change;
}

AttributeSync sync_of(Element root) {
  AttributeSync sync;
  sync.view = form::unsigned_number(root, "view");
  sync.part = form::narrow<std::uint32_t>(root, "part");
  sync.last = form::flag(root, "last");
  sync.speaks_for_others = form::flag(root, "others");
  sync.fresh = form::flag(root, "fresh");
  for (const Element child : xml::children(root)) {
    std::string name = form::text(child, "name");
    if (name.empty()) continue;
    if (child.name() == "attribute") {
      sync.attributes.emplace_back(std::move(name), traits_of(child));
    } else if (child.name() == "value") {
      sync.values.push_back({std::move(name), form::text(child, "node"),
                             form::text(child, "node-id"), form::flag(child, "remote"),
                             optional_text(child, "value")});
    }
  }
  return sync;
}

}  // namespace

std::string encode(const AttributeRequest& request) {
  const xml::Document document = form::begin("attribute-request");
  Element root = document.root();
  form::put_unsigned(root, "id", request.id);
  root.set("kind", kRequestKinds[static_cast<std::size_t>(request.kind)]);
  form::put(root, "client", request.client);
  form::put(root, "name", request.name);
  form::put(root, "pattern", request.pattern);
  put_optional(root, "value", request.value);
  form::put(root, "node", request.node);
  form::put(root, "node-id", request.node_id);
  form::put_flag(root, "remote", request.node_is_remote);
  form::put_flag(root, "all-nodes", request.all_nodes);
  form::put(root, "dampening", request.dampening);
  form::put(root, "set-type", request.set_type);
  form::put(root, "set", request.set_id);
  form::put_flag(root, "private", request.is_private);
  form::put(root, "user", request.user);
  root.set("wait", kWaits[static_cast<std::size_t>(request.wait)]);
  form::put(root, "resource", request.resource);
  form::put(root, "operation", request.operation);
  form::put_number(root, "interval", request.interval_ms);
  form::put_flag(root, "forget-node", request.forget_node);
  for (const auto& [name, value] : request.more) {
    Element child = root.add("more");
    form::put(child, "name", name);
    form::put_always(child, "value", value);
  }
  return root.to_string();
}

Result<AttributeRequest> decode_attribute_request(std::string_view text) {
  const Result<xml::Document> document =
      form::open(text, {"attribute-request"}, kMaxAttributeMessageBytes);
  if (!document) return tl::unexpected(document.error());
  Element root = document->root();
  AttributeRequest request;
  request.id = form::unsigned_number(root, "id");
  const int kind = index_of(kRequestKinds, root.get_or("kind", {}));
  const int wait = index_of(kWaits, root.get_or("wait", "no"));
  if (kind < 0 || wait < 0) {
    return fail(ErrorKind::kInvalid, "attribute request of an unknown kind refused");
  }
  request.kind = static_cast<AttributeRequest::Kind>(kind);
  request.wait = static_cast<AttributeWait>(wait);
  request.client = form::text(root, "client");
  request.name = form::text(root, "name");
  request.pattern = form::text(root, "pattern");
  request.value = optional_text(root, "value");
  request.node = form::text(root, "node");
  request.node_id = form::text(root, "node-id");
  request.node_is_remote = form::flag(root, "remote");
  request.all_nodes = form::flag(root, "all-nodes");
  request.dampening = form::text(root, "dampening");
  request.set_type = form::text(root, "set-type");
  request.set_id = form::text(root, "set");
  request.is_private = form::flag(root, "private");
  request.user = form::text(root, "user");
  request.resource = form::text(root, "resource");
  request.operation = form::text(root, "operation");
  request.interval_ms = form::number(root, "interval");
  request.forget_node = form::flag(root, "forget-node");
  for (const Element child : xml::children(root, "more")) {
    request.more.emplace_back(form::text(child, "name"), form::text(child, "value"));
  }
  return request;
}

std::string encode(const AttributeReply& reply) {
  const xml::Document document = form::begin("attribute-reply");
  Element root = document.root();
  form::put_unsigned(root, "id", reply.id);
  form::put_flag(root, "ok", reply.ok);
  if (!reply.ok) {
    form::put_number(root, "error", static_cast<int>(reply.error));
    form::put(root, "message", reply.message);
  }
  form::put(root, "name", reply.name);
  for (const AttributeValueOf& value : reply.values) {
    Element child = root.add("value");
    form::put(child, "node", value.node);
    put_optional(child, "value", value.value);
  }
  return root.to_string();
}

Result<AttributeReply> decode_attribute_reply(std::string_view text) {
  const Result<xml::Document> document =
      form::open(text, {"attribute-reply"}, kMaxAttributeMessageBytes);
  if (!document) return tl::unexpected(document.error());
  Element root = document->root();
  AttributeReply reply;
  reply.id = form::unsigned_number(root, "id");
  reply.ok = form::flag(root, "ok");
  reply.error = form::error_kind(root, "error");
  reply.message = form::text(root, "message");
  reply.name = form::text(root, "name");
  for (const Element child : xml::children(root, "value")) {
    reply.values.push_back({form::text(child, "node"), optional_text(child, "value")});
  }
  return reply;
}

std::string encode(const AttributeMessage& message) {
  return std::visit([](const auto& part) { return encode_part(part); }, message);
}

Result<AttributeMessage> decode_attribute_message(std::string_view text) {
  const Result<xml::Document> document =
      form::open(text, {"attribute-change", "attribute-seen", "attribute-purge", "attribute-sync"},
                 kMaxAttributeMessageBytes);
  if (!document) return tl::unexpected(document.error());
  Element root = document->root();
  if (root.name() == "attribute-change") return AttributeMessage(change_of(root));
  if (root.name() == "attribute-sync") return AttributeMessage(sync_of(root));
  if (root.name() == "attribute-seen") {
    return AttributeMessage(AttributeSeen{form::narrow<NodeNumber>(root, "origin"),
                                          form::unsigned_number(root, "request")});
  }
  return AttributeMessage(AttributePurge{form::text(root, "node"), form::flag(root, "forget"),
                                         form::flag(root, "unless-member"),
                                         form::text(root, "cause")});
}

}  // namespace quorate
