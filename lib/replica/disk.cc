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
  std::string digest;       ///< of the document
  std::uint64_t write = 0;  ///< counts the writes of this node
  std::uint64_t bytes = 0;  ///< of the document, where it follows in the same file
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
    archive("write", m.write);
    archive("bytes", m.bytes);
  }
};

}  // namespace quorate

namespace quorate::replica {
namespace {

constexpr int kKeep = 20;
constexpr std::string_view kDocument = "cib.xml";
constexpr std::string_view kDigest = "cib.xml.sig";
constexpr std::string_view kState = "replica.state";
constexpr std::string_view kLatest[] = {"cib.latest.0", "cib.latest.1"};

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

/// A file written in place: state and document, one line each; nullopt if the write was torn.
struct Latest {
  DiskState state;
  cib::Cib cib;
};
std::optional<Latest> read_latest(const StoredFile& file) {
  const std::size_t end = file.content.find('\n');
  if (end == 0 || end == std::string::npos) return std::nullopt;
  const std::string_view content = file.content;
  const auto state = codec::decode<DiskState>(content.substr(0, end), "the state of a replica");
  if (!state || state->bytes > content.size() - end - 1) return std::nullopt;
  const std::string_view text = content.substr(end + 1, state->bytes);
  if (cib::stored_digest(text) != state->digest) return std::nullopt;
  auto cib = cib::Cib::parse(text, file.name);
  if (!cib || !cib->configuration()) return std::nullopt;
  return Latest{*state, prepare(*cib)};
}

void take_newer_numbers(Loaded& loaded, const DiskState& state) {
  loaded.lineage = std::max(loaded.lineage, state.lineage);
  loaded.proposed = std::max(loaded.proposed, state.proposed);
  loaded.quorate_order = std::max(loaded.quorate_order, state.quorate_order);
  loaded.write = std::max(loaded.write, state.write);
}

/// What was safe before cib.xml followed.
void take_latest(Loaded& loaded, const std::vector<StoredFile>& files,
                 std::uint64_t write_of_document) {
  std::uint64_t newest = loaded.cib ? write_of_document : 0;
  for (const std::string_view name : kLatest) {
    const StoredFile* file = find(files, name);
    if (file == nullptr) continue;
    auto latest = read_latest(*file);
    if (!latest) continue;
    take_newer_numbers(loaded, latest->state);
    if (loaded.cib && latest->state.write <= newest) continue;
    newest = latest->state.write;
    loaded.cib = std::move(latest->cib);
    loaded.from = name;
  }
}

}  // namespace

Loaded load(const std::vector<StoredFile>& files) {
  Loaded loaded;
  // A crash between two files of one write leaves a document whose digest stands in the state
  // file, or one that matches the former digest file: any digest we wrote is good.
  std::set<std::string, std::less<>> digests;
  DiskState of_files;
  if (const StoredFile* state = find(files, kState)) {
    const auto read = codec::decode<DiskState>(trim(state->content), "the state of a replica");
    if (read) {
      of_files = *read;
      take_newer_numbers(loaded, of_files);
      digests.insert(read->digest);
    } else {
      loaded.reports.push_back("replica.state: unreadable, its lineage counts as 0: " +
                               read.error().message);
    }
  }
  for (const StoredFile& file : files) {
    if (file.name.rfind(kDigest, 0) == 0) digests.insert(std::string(trim(file.content)));
  }
  std::uint64_t write_of_document = 0;
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
      // A crash between the files leaves a document older than its state.
      if (cib::stored_digest(file->content) == of_files.digest) write_of_document = of_files.write;
      loaded.cib = prepare(*document);
      loaded.from = file->name;
    } else {
      loaded.reports.push_back(wrong);
      loaded.set_aside.push_back({"cib.damaged" + suffix + ".xml", file->content});
    }
  }
  take_latest(loaded, files, write_of_document);
  return loaded;
}

namespace {

DiskState state_of(const Copy& copy, const cib::Stored& stored, std::uint64_t write) {
  const bool lost = planted("lineage-not-on-disk");
  return {lost ? 0 : copy.lineage(),
          lost ? 0 : copy.proposed(),
          copy.quorate_order(),
          stored.digest,
          write,
          0};
}

}  // namespace

void DiskWriter::pump(const Copy& copy, Effects& effects) {
  if (in_flight_ || failed_) return;
  if (closing_ && (due_ || behind_ || wanted_ > synced_)) {
    write_files(copy, effects);
  } else if (closing_) {
    empty_latest(effects);
  } else if (due_) {
    write_files(copy, effects);
  } else if (wanted_ > synced_) {
    write_latest(copy, effects);
  } else if (catching_up_) {
    write_files(copy, effects);
  }
}

void DiskWriter::put(Effects& effects, WriteFile write) {
  write.request = next_request_++;
  in_flight_->last_request = write.request;
  effects.push_back(std::move(write));
}

void DiskWriter::write_latest(const Copy& copy, Effects& effects) {
  in_flight_ = Write{copy.order(), next_request_, 0, true, true};
  behind_ = true;
  const cib::Stored stored = cib::stored_form(copy.cib());
  DiskState state = state_of(copy, stored, ++writes_);
  state.bytes = stored.text.size();
  put(effects, {0, std::string(kLatest[writes_ % 2]), codec::encode(state) + "\n" + stored.text, 0,
                WriteFile::How::kInPlace});
}

void DiskWriter::write_files(const Copy& copy, Effects& effects) {
  in_flight_ = Write{copy.order(), next_request_, 0, true, true};
  due_ = behind_ = catching_up_ = false;
  cib::Stored stored = cib::stored_form(copy.cib());
  const DiskState state = state_of(copy, stored, ++writes_);
  put(effects, {0, std::string(kState), codec::encode(state) + "\n", 0});
  put(effects, {0, std::string(kDocument), std::move(stored.text), kKeep});
  put(effects, {0, std::string(kDigest), std::move(stored.digest), kKeep});
}

/// Which one comes first makes no difference: cib.xml is newer than both.
void DiskWriter::empty_latest(Effects& effects) {
  if (emptied_) return;
  in_flight_ = Write{synced_, next_request_, 0, true, true};
  for (const std::string_view name : kLatest)
    put(effects, {0, std::string(name), "\n", 0, WriteFile::How::kInPlace});
  emptied_ = true;
}

bool DiskWriter::written(const FileWritten& event, Effects& effects) {
  if (!in_flight_ || event.request < in_flight_->first_request ||
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
  behind_ = behind_ || failed_;
  if (!done.ok || !done.counts || done.order < synced_) return false;
  synced_ = done.order;
  return true;
}

void DiskWriter::restart(std::uint64_t order) {
  synced_ = 0;
  wanted_ = order;
  due_ = behind_ = true;
  if (in_flight_) in_flight_->counts = false;
}

}  // namespace quorate::replica
