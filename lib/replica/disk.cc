#include "replica/disk.h"

#include <algorithm>
#include <set>

#include "base/planted.h"
#include "base/text.h"
#include "cib/digest.h"
#include "messages/codec.h"

namespace quorate {
namespace {

/// What replica.state holds beside the document.
struct DiskState {
  std::uint64_t lineage = 0;
  std::uint64_t proposed = 0;
  std::uint64_t quorate_order = 0;
  std::string digest;  ///< of the document
};

}  // namespace

template <>
struct codec::Form<DiskState> {
  static constexpr std::string_view kName = "replica-state";
  static void describe(auto& archive, auto& m) {
    archive("lineage", m.lineage);
    archive("proposed", m.proposed);
    archive("quorate-order", m.quorate_order);
    archive("digest", m.digest);
  }
};

}  // namespace quorate

namespace quorate::replica {
namespace {

constexpr int kKeep = 20;
constexpr std::string_view kDocument = "cib.xml";
constexpr std::string_view kDigest = "cib.xml.sig";
constexpr std::string_view kState = "replica.state";

const StoredFile* find(const std::vector<StoredFile>& files, std::string_view name) {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const StoredFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

/// Readies a document read from disk (spec/08 §13.4, 3).
cib::Cib prepare(const cib::Cib& stored) {
  xml::Document document = xml::Document::copy_of(stored.root());
  xml::Element root = document.root();
  const cib::Version version = cib::version_of(root);
  root.set("admin_epoch", std::to_string(version.admin_epoch));
  root.set("epoch", std::to_string(version.epoch));
  root.set("num_updates", std::to_string(version.num_updates));
  root.remove_attribute("dc-uuid");
  while (xml::Element status = root.first_child("status")) status.remove();
  root.add("status");
  auto cib = cib::Cib::from(std::move(document));
  if (!cib) return cib::Cib::empty({}, {});  // it was a Cib's own document
  return std::move(*cib);
}

}  // namespace

Loaded load(const std::vector<StoredFile>& files) {
  Loaded loaded;
  // A crash between two files of one write leaves a document whose digest stands in the state
  // file, or one that matches the former digest file: any digest we wrote is good.
  std::set<std::string, std::less<>> digests;
  if (const StoredFile* state = find(files, kState)) {
    const auto read = codec::decode<DiskState>(trim(state->content), "the state of a replica");
    if (read) {
      loaded.lineage = read->lineage;
      loaded.proposed = read->proposed;
      loaded.quorate_order = read->quorate_order;
      digests.insert(read->digest);
    } else {
      loaded.reports.push_back("replica.state: unreadable, its lineage counts as 0: " +
                               read.error().message);
    }
  }
  for (const StoredFile& file : files) {
    if (file.name.rfind(kDigest, 0) == 0) digests.insert(std::string(trim(file.content)));
  }
  for (int version = 0; version <= kKeep && !loaded.cib; ++version) {
    const std::string suffix = version == 0 ? "" : "." + std::to_string(version);
    const StoredFile* file = find(files, std::string(kDocument) + suffix);
    if (file == nullptr) continue;
    auto document = cib::Cib::parse(file->content, file->name);
    std::string wrong;
    if (!document) {
      wrong = file->name + ": " + document.error().message;
    } else if (!document->configuration()) {
      wrong = file->name + ": has no 'configuration'";
    } else if (!digests.empty() && digests.count(cib::stored_digest(file->content)) == 0) {
      wrong = file->name + ": doesn't match its digest; it was damaged or edited by hand";
    }
    if (wrong.empty()) {
      loaded.cib = prepare(*document);
      loaded.from = file->name;
    } else {
      loaded.reports.push_back(wrong);
      loaded.set_aside.push_back({"cib.damaged" + suffix + ".xml", file->content});
    }
  }
  return loaded;
}

void DiskWriter::pump(const Copy& copy, Effects& effects) {
  if (in_flight_ || failed_ || !(due_ || wanted_ > synced_)) return;
  due_ = false;
  cib::Stored stored = cib::stored_form(copy.cib());
  const bool lost = planted("lineage-not-on-disk");
  const DiskState state{lost ? 0 : copy.lineage(), lost ? 0 : copy.proposed(), copy.quorate_order(),
                        stored.digest};
  effects.push_back(
      WriteFile{next_request_++, std::string(kState), codec::encode(state) + "\n", 0});
  effects.push_back(
      WriteFile{next_request_++, std::string(kDocument), std::move(stored.text), kKeep});
  effects.push_back(
      WriteFile{next_request_++, std::string(kDigest), std::move(stored.digest), kKeep});
  in_flight_ = Write{copy.order(), next_request_ - 1, true, true};
}

bool DiskWriter::written(const FileWritten& event, Effects& effects) {
  if (!in_flight_ || event.request + 2 < in_flight_->last_request ||
      event.request > in_flight_->last_request) {
    return false;
  }
  if (!event.ok) {
    in_flight_->ok = false;
    effects.push_back(
        Log{{LogLevel::kError, "CIB: writing to disk failed: " + event.error +
                                   "; this node's copy doesn't count as safe until a write "
                                   "succeeds, which is tried again every 10 s"}});
  }
  if (event.request != in_flight_->last_request) return false;
  const Write done = *in_flight_;
  in_flight_.reset();
  failed_ = !done.ok;
  due_ = due_ || failed_;
  if (!done.ok || !done.counts || done.order < synced_) return false;
  synced_ = done.order;
  return true;
}

void DiskWriter::restart(std::uint64_t order) {
  synced_ = 0;
  wanted_ = order;
  due_ = true;
  if (in_flight_) in_flight_->counts = false;
}

}  // namespace quorate::replica
