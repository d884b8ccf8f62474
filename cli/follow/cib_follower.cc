#include "follow/cib_follower.h"

#include "cib/edit.h"
#include "cib/patch.h"
#include "cib/path.h"

namespace quorate::cli {

CibFollower::CibFollower(io::Loop& loop, Options options, Handlers handlers)
    : loop_(loop), options_(std::move(options)), handlers_(std::move(handlers)) {
  client_ = std::make_unique<ipc::Client>(
      loop_, options_.service,
      ipc::Client::Handlers{[this](std::int32_t) { up(); }, [this](const std::string&) { down(); },
                            [this](const std::string& text) { message(text); }});
}

void CibFollower::up() { ask(); }

void CibFollower::ask() {
  awaiting_document_ = true;
  if (polling_) {
    CibRequest query;
    query.id = 1;
    query.client = options_.client;
    client_->send(encode(query));
    poll_ = loop_.after(options_.poll_ms, [this] { ask(); });
    return;
  }
  CibSubscribe subscribe;
  subscribe.client = options_.client;
  client_->send(encode(subscribe));
}

void CibFollower::down() {
  // Who may not read everything is disconnected when he subscribes; a service that ends may look
  // the same once, not twice.
  if (awaiting_document_ && ++closed_instead_ >= 2) polling_ = true;
  awaiting_document_ = false;
  poll_.reset();
  polled_.clear();
  if (!cib_) return;
  cib_.reset();
  if (handlers_.lost) handlers_.lost();
}

void CibFollower::message(const std::string& text) {
  auto message = decode_cib_server_message(text);
  if (!message) return;
  if (const auto* snapshot = std::get_if<CibSnapshot>(&*message)) {
    position_ = snapshot->position;
    take_document(snapshot->document);
  } else if (const auto* reply = std::get_if<CibReply>(&*message)) {
    if (polling_ && reply->code == cib::Code::kOk && reply->data != polled_) {
      polled_ = reply->data;
      take_document(polled_);
    }
  } else if (const auto* change = std::get_if<CibChange>(&*message)) {
    take_change(*change);
  } else if (std::holds_alternative<CibResync>(*message)) {
    ask();
  }
}

void CibFollower::take_document(const std::string& text) {
  awaiting_document_ = false;
  closed_instead_ = 0;
  auto cib = cib::Cib::parse(text);
  if (!cib) return;
  cib_.emplace(std::move(*cib));
  if (handlers_.document) handlers_.document();
}

void CibFollower::take_change(const CibChange& change) {
  CibSeen seen;
  seen.position = change.position;
  client_->send(encode(seen));
  if (!cib_ || awaiting_document_ || change.position <= position_) return;
  const auto patch = xml::Document::parse(change.patch, "the change");
  bool applied = false;
  if (patch) {
    cib::Edit edit(*cib_);
    applied = cib::apply_patch(edit, patch->root(), false) == cib::Code::kOk;
    if (applied) edit.commit();
  }
  if (!applied) return ask();  // it doesn't fit what we have: begin anew
  position_ = change.position;
  if (handlers_.change) handlers_.change(change, patch->root());
}

namespace {

/// The value of `id` in the component of a path that names an element of this name.
std::string_view id_in_path(std::string_view path, std::string_view name) {
  const std::string before = "/" + std::string(name) + "[@id='";
  const auto at = path.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = path.substr(at + before.size());
  return rest.substr(0, rest.find("']"));
}

/// The name of the node with this id in the status section; the id if it has none.
std::string_view node_name(const cib::Cib& cib, std::string_view id) {
  return cib.find(cib.status(), "node_state", id).get_or("uname", id);
}

/// Entries within a created element. `node` is empty if the element holds whole nodes.
void visit_created(const cib::Cib& cib, xml::Element element, std::string_view node,
                   const std::function<void(xml::Element, std::string_view)>& visit) {
  if (element.name() == "node_state") node = element.get_or("uname", element.id());
  if (element.name() == "lrm_rsc_op") return visit(element, node);
  for (xml::Element child : xml::children(element)) visit_created(cib, child, node, visit);
}

}  // namespace

void for_each_new_result(
    const cib::Cib& cib, xml::Element patch,
    const std::function<void(xml::Element entry, std::string_view node)>& visit) {
  for (xml::Element change : xml::children(patch, "change")) {
    const std::string_view path = change.get_or("path", {});
    const std::string_view operation = change.get_or("operation", {});
    const std::string_view node = node_name(cib, id_in_path(path, "node_state"));
    if (operation == "create" && path.starts_with("/cib/status")) {
      for (xml::Element created : xml::children(change)) visit_created(cib, created, node, visit);
    } else if (operation == "modify" && !id_in_path(path, "lrm_rsc_op").empty()) {
      const xml::Element entry = cib::resolve_path(cib, path).element();
      if (entry) visit(entry, node);
    }
  }
}

}  // namespace quorate::cli
