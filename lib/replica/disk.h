#pragma once

#include <cstdint>
#include <optional>
#include <string>
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
  std::string from;                   ///< name of the file used
  std::vector<StoredFile> set_aside;  ///< damaged files, under new names
  std::vector<std::string> reports;   ///< lines for the log: what was wrong
};
/// The newest version that parses and matches a digest (one without any digest counts as matching);
/// without status, numbers missing set to 0, dc-uuid removed (spec/08 §13.4).
Loaded load(const std::vector<StoredFile>& files);

class DiskWriter {
 public:
  static constexpr std::uint64_t kFirstRequest = 1;

  /// The state at `order` is to be on disk. One write is in flight at a time; what comes meanwhile
  /// is covered by one more.
  void want(std::uint64_t order) { wanted_ = order; }
  /// Starts a write if one is due.
  void pump(const Copy& copy, Effects& effects);
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
    std::uint64_t last_request = 0;
    bool ok = true;
    bool counts = true;
  };
  std::uint64_t wanted_ = 0;
  std::uint64_t synced_ = 0;
  std::uint64_t next_request_ = kFirstRequest;
  std::optional<Write> in_flight_;
  bool due_ = true;
  bool failed_ = false;
};

}  // namespace quorate::replica
