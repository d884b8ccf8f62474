#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cib/request.h"
#include "messages/core.h"

/// What clients (daemons and tools) say to quorate-cib and hear from it (spec/08). Bodies are XML
/// as text: decoding doesn't parse them, their user does. What replicas say to each other is in
/// messages/replica.h.
namespace quorate {

// ---- Client to replica ------------------------------------------------------------------------

/// A request (spec/08 §6). `session` and `id` together name it: a second one with the same name
/// isn't applied again but answered with the first one's result, also on another connection or
/// after a lost answer (among the last 4096 changes of the cluster).
struct CibRequest {
  std::uint64_t id = 0;  ///< chosen by the client, above 0; comes back in the reply
  std::string session;   ///< random text chosen once per client process; empty: this connection
  std::string client;    ///< program name (spec/08 §12.2)
  std::string user;      ///< on whose behalf; honoured for privileged clients only (spec/08 §12.3)
  cib::Request what;
};

/// How much of the document a subscriber wants to begin with. Changes come all the same.
enum class CibPart {
  kWhole,
  kConfiguration,
  kNothing,
  kHistory,  ///< `crm_config`, and of `status` the node states with their histories
  kFencing,  ///< `configuration` without ACLs, alerts and what is of no use for fencing in
             ///< `resources`
};

/// What a subscriber is sent of a change whose patch is long.
enum class LongChanges {
  kPatch,
  /// The first changes of it, if all are in sections of the configuration: CibChange::sections.
  kBeginning,
  /// The request that caused it, if a copy of the document is enough to carry it out.
  kRequest,
};

/// Asks for a CibSnapshot now and a CibChange for each change after it. Again: a new snapshot.
struct CibSubscribe {
  std::string client;
  /// The subscriber is this node's controller: on the DC's node a change counts as durable only
  /// when it has seen it. Needs a privileged connection.
  bool controller = false;
  CibPart part = CibPart::kWhole;
  LongChanges long_changes = LongChanges::kPatch;
  /// Not told of what the cluster's own daemons change in `status` alone: results of actions above
  /// all, far more than anything else.
  bool without_results = false;
};

/// Ends a subscription; changes under way may still come.
struct CibUnsubscribe {};

/// A subscriber has dealt with everything up to here. Sent at least every 100 changes and after one
/// whose patch is long (is_long()), by controllers after each change of configuration (users wait
/// for it on the DC); one that owes 1,000 changes or 16 MiB besides the longest gets a CibResync.
struct CibSeen {
  std::uint64_t position = 0;
};

/// From a controller, after a CibView and whenever one of these changes: what the DC knows about
/// this view. Broadcast and taken over by all replicas at its place in the order; other nodes'
/// controllers don't send it. Needs a privileged connection.
struct CibClusterFact {
  std::uint64_t view = 0;  ///< of the CibView it answers; facts for other views are ignored
  bool quorate = false;
  NodeNumber dc = 0;
  std::uint32_t configured_nodes = 0;  ///< nodes in the cluster layer's list
};

// ---- Replica to client ------------------------------------------------------------------------

/// How safe a successful change is (architecture, "What done means").
enum class Durability {
  kDurable,    ///< synced by enough nodes of a quorate view
  kApplied,    ///< applied, but without quorum or the view ended first: may be superseded
  kUnknown,    ///< not known whether it was applied (the connection to the cluster was lost)
  kNotStored,  ///< applied; changes of status only are replicated but never stored
};

struct CibReply {
  std::uint64_t id = 0;
  cib::Code code = cib::Code::kOk;
  /// Place in the order of the change, or of the last one before it if it changed nothing; for
  /// queries: of the copy used.
  std::uint64_t position = 0;
  cib::Version version;  ///< of the copy after it
  Durability durability = Durability::kNotStored;
  std::string message;  ///< one line: what is wrong and what to do; empty on success
  std::string data;     ///< query result, `<failed>`, or the offending document
};

/// The document at a position, or what was wanted of it: `cib` with its attributes and its
/// `configuration`, or nothing. Answers CibSubscribe. Users whose reading access control limits
/// can't subscribe and are disconnected.
struct CibSnapshot {
  std::uint64_t position = 0;
  cib::Version version;
  std::string document;
};

/// One applied change. Patches go from each position's document to the next one's; positions grow
/// but not by 1.
struct CibChange {
  std::uint64_t position = 0;
  cib::Version version;   ///< after it
  std::string operation;  ///< cib_modify and so on
  std::string client;     ///< program name of who asked
  std::string user;
  std::string node;  ///< name of the node where the request came in
  std::uint64_t request_id = 0;
  std::string session;
  bool configuration_changed = false;
  std::string patch;  ///< format 2 (spec/08 §10)
  /// If not empty, `patch` has the first changes only, and all are in these sections of the
  /// configuration (but for that of the version).
  std::vector<std::string> sections;
  std::string request;  ///< if not empty: an OrderedRequest in place of the patch
};
/// A subscriber is to say at once that it has seen this one: a few of them are all it may owe.
inline bool is_long(const CibChange& change) {
  return change.patch.size() + change.request.size() > std::size_t{64} * 1024 ||
         !change.sections.empty();
}

/// Changes were left out (the subscriber was too slow, or this replica's copy was replaced):
/// nothing more comes until it sends CibSubscribe again.
struct CibResync {
  std::uint64_t position = 0;
};

/// The replicas' group has changed or this replica finished joining; to subscribers. The DC's
/// controller answers with a CibClusterFact once its own membership agrees.
struct CibView {
  std::uint64_t view = 0;
  std::uint64_t ring = 0;  ///< in which the view was made
  std::vector<NodeNumber> members;
  bool in_sync = false;  ///< this replica holds the cluster's copy
};

std::string encode(const CibRequest& message);
std::string encode(const CibSubscribe& message);
std::string encode(const CibUnsubscribe& message);
std::string encode(const CibSeen& message);
std::string encode(const CibClusterFact& message);
std::string encode(const CibReply& message);
std::string encode(const CibSnapshot& message);
std::string encode(const CibChange& message);
std::string encode(const CibResync& message);
std::string encode(const CibView& message);

using CibClientMessage =
    std::variant<CibRequest, CibSubscribe, CibUnsubscribe, CibSeen, CibClusterFact>;
/// What a replica gets from a client. kInvalid or kUnsupported if it is none of these.
Result<CibClientMessage> decode_cib_client_message(std::string_view text);

using CibServerMessage = std::variant<CibReply, CibSnapshot, CibChange, CibResync, CibView>;
/// What a client gets from its replica.
Result<CibServerMessage> decode_cib_server_message(std::string_view text);

/// Durable, for text and XML of tools: "durable", "applied", "unknown", "not-stored".
std::string_view to_text(Durability durability);

}  // namespace quorate
