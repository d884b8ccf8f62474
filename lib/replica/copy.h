#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cib/apply.h"
#include "messages/replica.h"
#include "replica/settlement.h"

/// The replicated state: the document and what travels with it. Equal on all replicas at the same
/// place of the order; changed only by what is ordered.
namespace quorate::replica {

/// What became of a request, kept so that it is applied once.
struct Answer {
  std::uint64_t order = 0;
  cib::Code code = cib::Code::kOk;
  bool to_disk = false;
};

/// The last 4096 answers by request name.
class Answers {
 public:
  static constexpr std::size_t kMax = 4096;
  static constexpr std::size_t kMaxStored = 64;
  const Answer* find(const std::string& name) const;
  void add(const std::string& name, const Answer& answer);
  std::string to_text() const;  ///< one line each
  /// Likewise the last kMaxStored of those whose change is in the stored document.
  std::string stored_text() const;
  /// All were given at or before this place: their own places are of a history that is over.
  void move_to(std::uint64_t order);
  static Answers from_text(std::string_view text);

 private:
  std::unordered_map<std::string, Answer> by_name_;
  std::deque<std::string> oldest_first_;
  std::deque<std::string> stored_;  ///< the last kMaxStored of them that are to_disk
};
std::string request_name(const OrderedRequest& request);

/// Digest of what is compared of a configuration: schema, versions, `configuration`.
std::string configuration_digest(const cib::Cib& cib);

class Copy {
 public:
  /// A copy read from disk (or a new one), with the answers stored with it.
  Copy(cib::Cib cib, std::uint64_t lineage, std::uint64_t proposed, std::uint64_t quorate_order,
       Answers answers = {});

  const cib::Cib& cib() const { return cib_; }
  std::uint64_t order() const { return order_; }
  const std::string& chain() const { return chain_; }
  std::uint64_t lineage() const { return lineage_; }
  std::uint64_t proposed() const { return proposed_; }
  /// Place of the last change made in a quorate view.
  std::uint64_t quorate_order() const { return quorate_order_; }
  const Answers& answers() const { return answers_; }
  /// As read from disk, nothing ordered applied yet: its status says nothing about the cluster,
  /// also if this node has been alone for a moment before it met the others.
  bool fresh() const { return fresh_; }
  /// Cached until the configuration changes.
  const std::string& configuration_digest();

  /// Equal on replicas only if everything but their status is.
  const std::string& configuration_chain() const { return configuration_chain_; }

  /// Runs it and undoes it.
  cib::Outcome try_out(const OrderedRequest& request, const cib::Prepared& what,
                       const cib::Validator* validator);
  /// The next step of the order. A request answered before changes nothing (nullopt). `what` is the
  /// request's, if it was prepared already.
  std::optional<cib::Outcome> apply(const OrderedRequest& request, const cib::Prepared* what,
                                    const cib::Validator* validator, bool quorate,
                                    const cib::WantedPatch& wanted = {});
  /// A quorate view begins: proposes the next lineage. A majority must have the proposal on disk
  /// before it is confirmed, so that any later majority knows of it and proposes a higher one: a
  /// view that only few have seen can't raise their lineage.
  void propose_lineage();
  void confirm_lineage();

  /// The whole document as text: after a view change every daemon of the node asks for it.
  std::string text();
  /// The document as it is stored. Cached like the digest: cib.xml is the same text as the file
  /// written in place a moment before.
  const std::string& stored_text();
  /// The parts of a state transfer as text.
  std::string configuration_part() const;
  std::string status_part() const;
  /// Takes over parts received; those not given are kept. Without a configuration the root's
  /// attributes come with the status, if `root_with_status`. kInvalid, nothing changed, if
  /// unreadable.
  Result<void> adopt(const std::optional<std::string>& configuration,
                     const std::optional<std::string>& status, bool root_with_status);
  /// Where all continue after copies that differed were merged.
  void continue_at(const Settlement& settlement);

 private:
  void link(std::string_view what);
  /// What isn't in `status` has changed.
  void forget_configuration();

  cib::Cib cib_;
  std::uint64_t order_ = 0;
  std::string chain_;
  std::string configuration_chain_;  ///< the chain when the configuration changed last
  std::uint64_t lineage_ = 0;
  std::uint64_t proposed_ = 0;
  std::uint64_t quorate_order_ = 0;
  Answers answers_;
  bool fresh_ = true;
  std::string configuration_digest_;
  std::string stored_text_;
  std::string text_;  ///< of the document as it is, if known
};

}  // namespace quorate::replica
