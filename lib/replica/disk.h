#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cib/apply.h"
#include "messages/core.h"
#include "replica/copy.h"

/// The CIB's files: which to believe at start, and writing with one write in flight (spec/08 §13,
/// architecture "What done means").
namespace quorate::replica {

/// A file as the shell found it at start. The folder's cib.xml, cib.xml.sig, their former versions
/// .1, .2 … and replica.state are handed over.
struct StoredFile {
  std::string name;
  std::string content;
};

struct Loaded {
  std::optional<cib::Cib> cib;  ///< nullopt: nothing usable, start empty
  std::uint64_t lineage = 0;
  std::uint64_t proposed = 0;
  std::uint64_t quorate_order = 0;
  Answers answers;                    ///< to requests whose changes are in the document
  std::uint64_t write = 0;            ///< number of the newest write found
  std::string from;                   ///< name of the file used
  std::vector<StoredFile> set_aside;  ///< damaged files, under new names
  std::vector<std::string> reports;   ///< lines for the log: what was wrong
};
/// The newest version that parses and matches a digest (one without any digest counts as matching);
/// without status, numbers missing set to 0, dc-uuid removed (spec/08 §13.4).
Loaded load(const std::vector<StoredFile>& files);

/// What load() takes if it is in a file written in place: told by numbers and a digest of bytes,
/// without parsing anything.
struct NewestInPlace {
  std::string_view document;  ///< into the file
  std::uint64_t proposed = 0;
};
/// nullopt if `cib.xml` may be newer.
std::optional<NewestInPlace> newest_in_place(const std::vector<StoredFile>& files);

/// Decides what is written when. A change is safe as soon as it is in one of two files,
/// `cib.latest.0` and `.1`, written in turns in place: one sync. `cib.xml`, its digest and its
/// former versions (nine syncs) follow when changes pause, and at the end, when the two are
/// emptied: a stopped node has nothing that an administrator who replaces `cib.xml` would have to
/// know of.
class DiskWriter {
 public:
  static constexpr std::uint64_t kFirstRequest = 1;

  /// `last_write`: Loaded::write.
  explicit DiskWriter(std::uint64_t last_write = 0) : writes_(last_write) {}

  /// The state at `order` is to be on disk. One write is in flight at a time; what comes meanwhile
  /// is covered by one more.
  void want(std::uint64_t order) { wanted_ = order; }
  /// cib.xml is behind what is safe.
  bool is_behind() const { return behind_; }
  /// It is to catch up now.
  void catch_up() { catching_up_ = behind_; }
  /// No more changes come: everything is brought to its end.
  void close() { closing_ = true; }
  bool closed() const { return closing_ && !busy() && (failed_ || (!behind_ && emptied_)); }
  /// Starts a write if one is due.
  void pump(Copy& copy, Effects& effects);
  /// Takes the end of a write. True if the state on disk advanced.
  bool written(const FileWritten& event, Effects& effects);
  /// What was wanted is about another history (a copy was adopted): forget what was synced.
  void restart(std::uint64_t order);

  bool busy() const { return in_flight_.has_value(); }
  bool failed() const { return failed_; }
  void retry() { failed_ = false; }
  std::uint64_t synced_order() const { return synced_; }

 private:
  struct Write {
    std::uint64_t order = 0;
    std::uint64_t first_request = 0;
    std::uint64_t last_request = 0;
    bool ok = true;
    bool counts = true;
  };
  void write_latest(Copy& copy, Effects& effects);
  void write_files(Copy& copy, Effects& effects);
  void empty_latest(Effects& effects);
  void put(Effects& effects, WriteFile write);

  std::uint64_t writes_ = 0;
  std::uint64_t wanted_ = 0;
  std::uint64_t synced_ = 0;
  std::uint64_t next_request_ = kFirstRequest;
  std::optional<Write> in_flight_;
  bool due_ = true;     ///< whatever is wanted: cib.xml is to be written
  bool behind_ = true;  ///< cib.xml
  bool catching_up_ = false;
  bool closing_ = false;
  bool emptied_ = false;  ///< the two, at the end
  bool failed_ = false;
};

}  // namespace quorate::replica
