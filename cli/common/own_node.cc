#include "common/own_node.h"

#include "common/controller_call.h"

namespace quorate::cli {

Result<std::string> ask_own_node(const std::string& client) {
  constexpr std::int64_t kTimeoutMs = 30'000;
  auto call = ControllerCall::open(client);
  if (!call) return tl::unexpected(call.error());
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kNodeInfo;
  auto reply = call->ask(std::move(request), kTimeoutMs);
  if (!reply) return tl::unexpected(reply.error());
  if (!reply->ok || reply->nodes.empty()) {
    return fail(ErrorKind::kNotFound, "Node is not known to cluster");
  }
  return reply->nodes.front().name;
}

}  // namespace quorate::cli
