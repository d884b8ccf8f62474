#include "replica/copy.h"

#include <algorithm>

#include "base/digest.h"
#include "base/planted.h"
#include "base/text.h"
#include "cib/digest.h"
#include "messages/codec.h"
#include "xml/serialise.h"

namespace quorate {
namespace {

struct NamedAnswer {
  std::string name;
  replica::Answer answer;
};

/// The status part of a copy, as it travels. Its texts are views of what it is made or read from.
struct StatusPart {
  std::string_view answers;
  std::string_view root;  ///< `cib` with its attributes only
  std::string_view status;
};

}  // namespace

template <>
struct codec::Form<NamedAnswer> {
  static constexpr std::string_view kName = "answer";
  static void describe(auto& archive, auto& m) {
    archive.exact("name", m.name);
    archive("order", m.answer.order);
    archive.numbered("code", m.answer.code, cib::Code::kInternal);
    archive("to-disk", m.answer.to_disk);
  }
};

template <>
struct codec::Form<StatusPart> {
  static constexpr std::string_view kName = "status-part";
  static void describe(auto& archive, auto& m) {
    archive.raw("answers", m.answers);
    archive.raw("root", m.root);
    archive.raw("status", m.status);
  }
};

}  // namespace quorate

namespace quorate::replica {
namespace {

cib::Context context_of(const OrderedRequest& request) {
  cib::Context context;
  context.user = request.user;
  context.groups = request.groups;
  context.enforce_access = request.enforce_access;
  context.origin = request.node;
  context.client = request.client;
  context.written = request.written;
  context.feature_set = request.feature_set;
  return context;
}

}  // namespace

namespace {

/// A `cib` with these attributes and what `outline` has in it, but for its status.
std::string joined(const xml::AttributeList& root, xml::Element outline, std::string_view status) {
  std::string text = "<cib";
  for (const auto& [name, value] : root) xml::append_attribute(text, {name, value});
  text += '>';
  bool placed = false;
  for (xml::Node child = xml::Node(outline).first_child(); child; child = child.next()) {
    if (child.is_comment() || child.element().name() != "status") {
      xml::append_text(text, child, xml::Layout::kDense);
    } else if (!placed) {
      text += status;
      placed = true;
    }
  }
  if (!placed) text += status;
  return text += "</cib>";
}

/// Of what joined() makes.
std::size_t expected_children(xml::Element outline) {
  std::size_t count = 1;
  for (const xml::Element child : xml::children(outline)) count += child.name() != "status";
  return count;
}

}  // namespace

std::string request_name(const OrderedRequest& request) {
  return request.user + "/" + request.session + "#" + std::to_string(request.request_id);
}

const Answer* Answers::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

void Answers::add(const std::string& name, const Answer& answer) {
  if (!by_name_.insert_or_assign(name, answer).second) return;
  oldest_first_.push_back(name);
  if (answer.to_disk) stored_.push_back(name);
  if (stored_.size() > kMaxStored) stored_.pop_front();
  if (oldest_first_.size() <= kMax) return;
  if (!stored_.empty() && stored_.front() == oldest_first_.front()) stored_.pop_front();
  by_name_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

std::string Answers::to_text() const {
  std::string text;
  for (const std::string& name : oldest_first_) {
    text += codec::encode(NamedAnswer{name, by_name_.at(name)});
    text += '\n';
  }
  return text;
}

std::string Answers::stored_text() const {
  std::string text;
  for (const std::string& name : stored_) {
    text += codec::encode(NamedAnswer{name, by_name_.at(name)});
    text += '\n';
  }
  return text;
}

void Answers::move_to(std::uint64_t order) {
  for (auto& [name, answer] : by_name_) answer.order = order;
}

Answers Answers::from_text(std::string_view text) {
  Answers answers;
  for (const std::string_view line : split_words(text, '\n')) {
    const auto entry = codec::decode<NamedAnswer>(line, "an answer of a copy");
    if (entry) answers.add(entry->name, entry->answer);
  }
  return answers;
}

std::string configuration_digest(const cib::Cib& cib) {
  std::string text;
  for (const char* name : {"validate-with", "crm_feature_set", "admin_epoch", "epoch"}) {
    text += std::string(name) + "=" + std::string(cib.root().get_or(name, "")) + "\n";
  }
  text += cib::canonical_text(cib.configuration(), cib::DigestKind::kOnWire);
  return md5_hex(text);
}

Copy::Copy(cib::Cib cib, std::uint64_t lineage, std::uint64_t proposed, std::uint64_t quorate_order,
           Answers answers)
    : cib_(std::move(cib)),
      lineage_(lineage),
      proposed_(std::max(lineage, proposed)),
      quorate_order_(quorate_order),
      answers_(std::move(answers)) {
  // Places of the order go on growing after a restart of all.
  order_ = quorate_order;
  const xml::ChildrenAside aside(cib_.status());
  answers_.move_to(order_);
  // With the answers: copies that count as equal answer alike.
  chain_ = md5_hex("file " + cib::canonical_text(cib_.root(), cib::DigestKind::kOnWire) +
                   answers_.to_text());
  configuration_chain_ = chain_;
}

const std::string& Copy::configuration_digest() {
  if (configuration_digest_.empty()) configuration_digest_ = replica::configuration_digest(cib_);
  return configuration_digest_;
}

const std::string& Copy::stored_text() {
  if (stored_text_.empty()) stored_text_ = cib::stored_text(cib_);
  return stored_text_;
}

void Copy::forget_configuration() {
  configuration_digest_.clear();
  stored_text_.clear();
}

void Copy::link(std::string_view what) {
  ++order_;
  fresh_ = false;
  chain_ = md5_hex(chain_ + " " + std::to_string(order_) + " " + std::string(what));
}

cib::Outcome Copy::try_out(const OrderedRequest& request, const cib::Prepared& what,
                           const cib::Validator* validator) {
  return cib::apply(cib_, what, context_of(request), validator, cib::Keep::kNo);
}

std::optional<cib::Outcome> Copy::apply(const OrderedRequest& request, const cib::Prepared* what,
                                        const cib::Validator* validator, bool quorate,
                                        const cib::WantedPatch& wanted) {
  const std::string name = request_name(request);
  if (!planted("apply-twice") && answers_.find(name) != nullptr) return std::nullopt;
  cib::Context context = context_of(request);
  context.known_valid =
      request.valid_for == configuration_chain_ && cib::depends_on_configuration_only(request.what);
  constexpr auto kKeep = cib::Keep::kYes;
  cib::Outcome outcome = what != nullptr
                             ? cib::apply(cib_, *what, context, validator, kKeep, wanted)
                             : cib::apply(cib_, request.what, context, validator, kKeep, wanted);
  const cib::ExtendedPatch& patch = outcome.patch;
  std::string result = std::to_string(static_cast<int>(outcome.code)) + " ";
  result.append(patch.text, 0, patch.beginning != 0 ? patch.beginning : std::string::npos);
  link(result + patch.rest);
  if (outcome.changed && !outcome.only_status) configuration_chain_ = chain_;
  answers_.add(name, {order_, outcome.code, outcome.to_disk});
  if (outcome.changed) text_.clear();
  if (quorate && lineage_ == proposed_ && outcome.changed) quorate_order_ = order_;
  // Everything but `status` may be part of it: versions and root attributes, too.
  if (outcome.changed && (outcome.configuration_changed || outcome.to_disk ||
                          !iequals(request.what.section, "status"))) {
    forget_configuration();
  }
  return outcome;
}

void Copy::propose_lineage() {
  ++proposed_;
  link("proposed " + std::to_string(proposed_));
}

void Copy::confirm_lineage() {
  lineage_ = proposed_;
  link("lineage " + std::to_string(lineage_));
  quorate_order_ = order_;
}

std::string Copy::text() {
  constexpr std::size_t kMaxKept = std::size_t{1} << 20;
  if (!text_.empty()) return text_;
  std::string text = cib_.to_string();
  if (text.size() <= kMaxKept) text_ = text;
  return text;
}

std::string Copy::configuration_part() const {
  const xml::ChildrenAside aside(cib_.status());
  return cib_.to_string();
}

std::string Copy::status_part() const {
  xml::Document root = xml::Document::with_root("cib");
  xml::set_attribute_list(root.root(), xml::attribute_list(cib_.root()));
  const std::string answers = answers_.to_text();
  const std::string attributes = root.root().to_string();
  const std::string status = cib_.status() ? cib_.status().to_string() : "<status/>";
  return codec::encode(StatusPart{answers, attributes, status});
}

Result<void> Copy::adopt(const std::optional<std::string>& configuration,
                         const std::optional<std::string>& status, bool root_with_status) {
  std::optional<xml::Document> received;
  if (configuration) {
    auto parsed = xml::Document::parse(*configuration, "configuration received");
    if (!parsed) return tl::unexpected(parsed.error());
    if (!parsed->root().first_child("configuration")) {
      return fail(ErrorKind::kInvalid, "configuration received: no 'configuration' in it");
    }
    received = std::move(*parsed);
  }
  const xml::Element outline = received ? received->root() : cib_.root();
  xml::AttributeList root = xml::attribute_list(outline);
  Answers answers = answers_;
  std::string_view status_text;
  std::string own_status;
  if (status) {
    const auto part = codec::decode<StatusPart>(*status, "the status part of a copy",
                                                codec::kMaxBytesWithDocument);
    if (!part) return tl::unexpected(part.error());
    status_text = part->status;
    answers = Answers::from_text(part->answers);
    const auto root_read = xml::Document::parse(part->root, "status received");
    if (!root_read) return tl::unexpected(root_read.error());
    if (!configuration && root_with_status) root = xml::attribute_list(root_read->root());
  } else {
    own_status = cib_.status() ? cib_.status().to_string() : "<status/>";
    status_text = own_status;
  }
  // Most of a long document is its status: it is read once, where it belongs.
  auto taken = cib::Cib::parse(joined(root, outline, status_text), "copy received");
  if (!taken) return tl::unexpected(taken.error());
  if (!taken->section("status") || taken->root().child_count() != expected_children(outline)) {
    return fail(ErrorKind::kInvalid, "copy received: its status isn't a single element");
  }
  cib_ = std::move(*taken);
  answers_ = std::move(answers);
  text_.clear();
  forget_configuration();
  return {};
}

void Copy::continue_at(const Settlement& settlement) {
  order_ = settlement.order;
  chain_ = configuration_chain_ = settlement.chain;
  lineage_ = settlement.lineage;
  proposed_ = settlement.proposed;
  quorate_order_ = settlement.quorate_order;
  fresh_ = false;
}

}  // namespace quorate::replica
