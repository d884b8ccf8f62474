#include "replica/disk.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/planted.h"
#include "base/text.h"
#include "cib/digest.h"
#include "cib/edit.h"
#include "messages/codec.h"

namespace quorate {
namespace {

/// What replica.state holds beside the document.
struct DiskState {
  std::uint64_t lineage = 0;
  std::uint64_t proposed = 0;
  std::uint64_t quorate_order = 0;
  std::string digest;       ///< of the document; where it follows in the same file of all its bytes
  std::uint64_t write = 0;  ///< counts the writes of this node
  std::uint64_t bytes = 0;  ///< of the document, where it follows in the same file
  std::uint64_t answers = 0;  ///< bytes of the answers (copy.h) behind all that
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
    archive("answers", m.answers);
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
cib::Cib prepare(cib::Cib stored) {
  {
    cib::Edit edit(stored);
    const xml::Element root = stored.root();
    const cib::Version version = stored.version();
    edit.set(root, "admin_epoch", std::to_string(version.admin_epoch));
    edit.set(root, "epoch", std::to_string(version.epoch));
    edit.set(root, "num_updates", std::to_string(version.num_updates));
    edit.unset(root, "dc-uuid");
    while (const xml::Element status = root.first_child("status")) edit.remove(status);
    edit.insert_new(root, "status");
    edit.commit();
  }
  return stored;
}

/// A file written in place: the state in its first line, document and answers behind it.
struct Latest {
  DiskState state;
  std::string_view body;  ///< into the file
  std::string_view name;
  std::string_view text() const { return body.substr(0, state.bytes); }
  std::string_view answers() const { return body.substr(state.bytes); }
  bool is_whole() const { return md5_hex(body) == state.digest; }
};

/// The state in the first line of a file, and what follows it, as much as it says.
struct Headed {
  DiskState state;
  std::string_view body;
};
Result<Headed> read_headed(std::string_view content) {
  const std::size_t end = std::min(content.find('\n'), content.size());
  auto state = codec::decode<DiskState>(content.substr(0, end), "the state of a replica");
  if (!state) return tl::unexpected(state.error());
  const std::string_view rest = content.substr(std::min(end + 1, content.size()));
  const std::uint64_t size = rest.size();
  if (state->bytes > size || state->answers > size - state->bytes) {
    return fail(ErrorKind::kInvalid, "the state of a replica: what it announces isn't there");
  }
  return Headed{std::move(*state), rest.substr(0, state->bytes + state->answers)};
}

/// What the files written in place say they hold, the newest first. One that was being written when
/// the node died may hold a mixture: is_whole() tells.
std::vector<Latest> latest_files(const std::vector<StoredFile>& files) {
  std::vector<Latest> all;
  for (const std::string_view name : kLatest) {
    const StoredFile* file = find(files, name);
    if (file == nullptr) continue;
    const auto read = read_headed(file->content);
    if (read) all.push_back({read->state, read->body, name});
  }
  std::sort(all.begin(), all.end(),
            [](const Latest& a, const Latest& b) { return a.state.write > b.state.write; });
  return all;
}

std::optional<Headed> state_in(const std::vector<StoredFile>& files, Loaded& loaded) {
  const StoredFile* file = find(files, kState);
  if (file == nullptr) return std::nullopt;
  auto read = read_headed(file->content);
  if (read) return *read;
  loaded.reports.push_back("replica.state: unreadable, its lineage counts as 0: " +
                           read.error().message);
  return std::nullopt;
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
  for (const Latest& latest : latest_files(files)) {
    if (!latest.is_whole()) continue;
    const bool newer = !loaded.cib || latest.state.write > newest;
    if (newer) {
      auto cib = cib::Cib::parse(latest.text(), latest.name);
      if (!cib || !cib->configuration()) continue;
      newest = latest.state.write;
      loaded.cib = prepare(std::move(*cib));
      loaded.from = latest.name;
      loaded.answers = Answers::from_text(latest.answers());
    }
    take_newer_numbers(loaded, latest.state);
  }
}

}  // namespace

std::optional<NewestInPlace> newest_in_place(const std::vector<StoredFile>& files) {
  Loaded numbers;
  const DiskState of_files = state_in(files, numbers).value_or(Headed{}).state;
  for (const Latest& latest : latest_files(files)) {
    if (latest.state.write <= of_files.write) break;
    if (!latest.is_whole()) continue;
    return NewestInPlace{latest.text(), std::max(latest.state.proposed, of_files.proposed)};
  }
  return std::nullopt;
}

Loaded load(const std::vector<StoredFile>& files) {
  Loaded loaded;
  // A crash between two files of one write leaves a document whose digest stands in the state
  // file, or one that matches the former digest file: any digest we wrote is good.
  std::set<std::string, std::less<>> digests;
  DiskState of_files;
  std::string_view stored_answers;
  if (const auto state = state_in(files, loaded)) {
    of_files = state->state;
    stored_answers = state->body;
    take_newer_numbers(loaded, of_files);
    digests.insert(of_files.digest);
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
    std::string digest;
    std::string wrong;
    if (!document) {
      wrong = file->name + ": " + document.error().message;
    } else if (!document->configuration()) {
      wrong = file->name + ": has no 'configuration'";
    } else {
      digest = cib::digest_of(document->root(), cib::DigestKind::kOnDisk);
      if (!digests.empty() && digests.count(digest) == 0) {
        wrong = file->name + ": doesn't match its digest; it was damaged or edited by hand";
      }
    }
    if (wrong.empty()) {
      // A crash between the files leaves a document older than its state.
      if (digest == of_files.digest) {
        write_of_document = of_files.write;
        loaded.answers = Answers::from_text(stored_answers);
      }
      loaded.cib = prepare(std::move(*document));
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

DiskState state_of(const Copy& copy, std::string digest, std::uint64_t write) {
  const bool lost = planted("lineage-not-on-disk");
  return {lost ? 0 : copy.lineage(),
          lost ? 0 : copy.proposed(),
          copy.quorate_order(),
          std::move(digest),
          write,
          0,
          0};
}

}  // namespace

void DiskWriter::pump(Copy& copy, Effects& effects) {
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

void DiskWriter::write_latest(Copy& copy, Effects& effects) {
  in_flight_ = Write{copy.order(), next_request_, 0, true, true};
  behind_ = true;
  const std::string answers = copy.answers().stored_text();
  const std::string body = copy.stored_text() + answers;
  DiskState state = state_of(copy, md5_hex(body), ++writes_);
  state.bytes = body.size() - answers.size();
  state.answers = answers.size();
  put(effects, {0, std::string(kLatest[writes_ % 2]), codec::encode(state) + "\n" + body, 0,
                WriteFile::How::kInPlace});
}

void DiskWriter::write_files(Copy& copy, Effects& effects) {
  in_flight_ = Write{copy.order(), next_request_, 0, true, true};
  due_ = behind_ = catching_up_ = false;
  const std::string answers = copy.answers().stored_text();
  DiskState state = state_of(copy, cib::digest_as_stored(copy.cib()), ++writes_);
  state.answers = answers.size();
  put(effects, {0, std::string(kState), codec::encode(state) + "\n" + answers, 0});
  put(effects, {0, std::string(kDocument), copy.stored_text(), kKeep});
  put(effects, {0, std::string(kDigest), state.digest, kKeep});
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
