#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cib/document.h"
#include "io/ipc/client.h"
#include "io/loop/loop.h"
#include "messages/cib.h"

namespace quorate::cli {

/// Keeps a copy of the running cluster's CIB up to date: subscribes, applies each change in place,
/// and begins anew when the service was away or has left changes out. A user whose reading access
/// control limits can't subscribe; for him it asks every `poll_ms`.
class CibFollower {
 public:
  struct Handlers {
    /// A whole document came: the first, or one that replaces what was known.
    std::function<void()> document;
    /// A change was applied; its patch (spec/08 §10). Never called while asking again and again.
    std::function<void(const CibChange& change, xml::Element patch)> change;
    /// The service is gone; cib() is null until there is a new document.
    std::function<void()> lost;
  };
  struct Options {
    ipc::ClientOptions service;
    std::string client;  ///< the program's name
    std::int64_t poll_ms = 5'000;
  };
  CibFollower(io::Loop& loop, Options options, Handlers handlers);

  /// Null while there is none.
  const cib::Cib* cib() const { return cib_ ? &*cib_ : nullptr; }
  /// Why the last attempt to connect failed; empty before the first.
  const std::string& last_error() const { return client_->last_error(); }

 private:
  void up();
  void down();
  void ask();
  void message(const std::string& text);
  void take_document(const std::string& text);
  void take_change(const CibChange& change);

  io::Loop& loop_;
  Options options_;
  Handlers handlers_;
  std::optional<cib::Cib> cib_;
  std::uint64_t position_ = 0;  ///< of the last document or change
  bool awaiting_document_ = false;
  int closed_instead_ = 0;  ///< connections in a row that ended without a document
  bool polling_ = false;
  std::string polled_;  ///< the last document, when polling
  io::Timer poll_;
  std::unique_ptr<ipc::Client> client_;  ///< last: its callbacks use the rest
};

/// Visits the operation-history elements (`lrm_rsc_op`) that a patch has added or changed, with the
/// name of the node they are about. `cib` is the document after the patch.
void for_each_new_result(
    const cib::Cib& cib, xml::Element patch,
    const std::function<void(xml::Element entry, std::string_view node)>& visit);

}  // namespace quorate::cli
