#include "cib/document.h"

#include <array>

#include "base/text.h"

namespace quorate::cib {
namespace {

constexpr std::uint64_t kSeed = 14695981039346656037ULL;
constexpr std::uint64_t kPrime = 1099511628211ULL;

constexpr std::array<std::string_view, 10> kSections = {
    "crm_config",   "nodes", "resources", "constraints",      "op_defaults",
    "rsc_defaults", "acls",  "tags",      "fencing-topology", "alerts"};

xml::Element only_child(xml::Element parent, std::string_view name) {
  const xml::Element found = parent.first_child(name);
  return found && found.next(name) ? xml::Element() : found;
}

}  // namespace

std::uint64_t Index::key_of(std::string_view name, std::optional<std::string_view> id) {
  std::uint64_t hash = kSeed;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  hash = (hash ^ (id ? 1U : 2U)) * kPrime;
  if (id) {
    for (const char c : *id) hash = (hash ^ static_cast<unsigned char>(to_lower(c))) * kPrime;
  }
  return hash;
}

bool Index::is_called(xml::Element element, std::string_view name,
                      std::optional<std::string_view> id) {
  if (element.name() != name) return false;
  const auto own = element.get("id");
  return own.has_value() == id.has_value() && (!id || iequals(*own, *id));
}

void Index::add(xml::Element element) {
  entries_.emplace(key_of(element.name(), element.get("id")), element.raw());
}

void Index::remove(xml::Element element) {
  auto [at, end] = entries_.equal_range(key_of(element.name(), element.get("id")));
  for (; at != end; ++at) {
    if (at->second == element.raw()) {
      entries_.erase(at);
      return;
    }
  }
}

void Index::add_subtree(xml::Node node) {
  if (node.is_comment()) return;
  xml::for_each_descendant(node.element(), [this](xml::Element e) { add(e); });
}
void Index::remove_subtree(xml::Node node) {
  if (node.is_comment()) return;
  xml::for_each_descendant(node.element(), [this](xml::Element e) { remove(e); });
}

std::vector<xml::Element> Index::find(std::string_view name,
                                      std::optional<std::string_view> id) const {
  std::vector<xml::Element> found;
  for_each(name, id, [&](xml::Element element) { found.push_back(element); });
  return found;
}

SectionPlace section_place(std::string_view name) {
  if (name.empty() || name == "cib" || iequals(name, "all")) return {true, true, {}};
  if (name == "configuration" || name == "status") return {true, false, "cib"};
  for (const std::string_view known : kSections) {
    if (name == known) return {true, false, "configuration"};
  }
  return {};
}

Result<Cib> Cib::from(xml::Document document) {
  const xml::Element root = document.root();
  if (!root || root.name() != "cib") {
    return fail(ErrorKind::kInvalid,
                "CIB: the root element is '" + std::string(root.name()) + "', expected 'cib'");
  }
  return wrap(std::move(document));
}

Result<Cib> Cib::wrap(xml::Document document) {
  const xml::Element root = document.root();
  if (!root || !xml::reduce_to_elements(root)) {
    return fail(ErrorKind::kInvalid, "CIB: names with XML namespaces are not allowed");
  }
  std::size_t elements = 0;
  xml::for_each_descendant(root, [&elements](xml::Element) { ++elements; });
  Index index;
  index.reserve(elements);
  index.add_subtree(root);
  return Cib(std::move(document), std::move(index));
}

Result<Cib> Cib::parse(std::string_view text, std::string_view source) {
  auto document = xml::Document::parse(text, source);
  if (!document) return tl::unexpected(document.error());
  return from(std::move(*document));
}

Cib Cib::empty(std::string_view feature_set, std::string_view schema, std::int64_t epoch) {
  xml::Document document = xml::Document::with_root("cib");
  xml::Element root = document.root();
  root.set("crm_feature_set", feature_set);
  root.set("validate-with", schema);
  root.set("admin_epoch", "0");
  root.set("epoch", std::to_string(epoch));
  root.set("num_updates", "0");
  xml::Element configuration = root.add("configuration");
  for (const char* name : {"crm_config", "nodes", "resources", "constraints"}) {
    configuration.add(name);
  }
  root.add("status");
  Index index;
  index.add_subtree(root);
  return Cib(std::move(document), std::move(index));
}

xml::Element Cib::section(std::string_view name) const {
  const SectionPlace place = section_place(name);
  if (!place.known) return {};
  if (place.whole) return root();
  if (place.parent == "cib") return only_child(root(), name);
  return only_child(only_child(root(), "configuration"), name);
}

xml::Element Cib::find(xml::Element start, std::string_view name,
                       std::optional<std::string_view> id) const {
  xml::Element best;
  for (const xml::Element candidate : index_.find(name, id)) {
    if (id && candidate.id() != *id) continue;
    if (!is_within(candidate, start)) continue;
    if (!best || xml::compare_place(candidate, best) < 0) best = candidate;
  }
  return best;
}

xml::Element Cib::child(xml::Element parent, std::string_view name, std::string_view id) const {
  xml::Element best;
  index_.for_each(name, id, [&](xml::Element candidate) {
    if (!(candidate.parent() == parent) || candidate.id() != id) return;
    if (!best || xml::compare_place(candidate, best) < 0) best = candidate;
  });
  return best;
}

bool is_within(xml::Node node, xml::Element ancestor) {
  if (node == xml::Node(ancestor)) return true;
  for (xml::Element at = node.parent(); at; at = at.parent()) {
    if (at == ancestor) return true;
  }
  return false;
}

}  // namespace quorate::cib
