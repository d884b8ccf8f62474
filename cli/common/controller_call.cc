#include "common/controller_call.h"

#include <algorithm>
#include <chrono>

namespace quorate::cli {

namespace {

Result<ipc::Connection> connect(std::string_view service) {
  constexpr std::int64_t kConnectTimeoutMs = 5'000;
  auto connection = ipc::Connection::open(service, kConnectTimeoutMs);
  if (connection) return connection;
  if (connection.error().kind == ErrorKind::kPermission) {
    return fail(ErrorKind::kPermission, "Permission denied");
  }
  return fail(ErrorKind::kDisconnected, "Transport endpoint is not connected");
}

/// Sends and waits for the message that `take` recognises as the answer.
template <class Reply, class Take>
Result<Reply> exchange(ipc::Connection& connection, const std::string& message,
                       std::int64_t timeout_ms, Take take) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  if (auto sent = connection.send(message, timeout_ms); !sent) return tl::unexpected(sent.error());
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    auto received = connection.receive(std::max<std::int64_t>(left, 0));
    if (!received) return tl::unexpected(received.error());
    if (auto reply = take(*received)) return std::move(*reply);
  }
}

}  // namespace

Result<ControllerCall> ControllerCall::open(std::string client) {
  auto connection = connect("quorate-controller");
  if (!connection) return tl::unexpected(connection.error());
  return ControllerCall(std::move(*connection), std::move(client));
}

Result<ControllerReply> ControllerCall::ask(ControllerRequest request, std::int64_t timeout_ms) {
  request.id = ++last_id_;
  request.client = client_;
  return exchange<ControllerReply>(connection_, encode(request), timeout_ms,
                                   [&](const std::string& text) -> std::optional<ControllerReply> {
                                     auto reply = decode_controller_reply(text);
                                     if (!reply || reply->id != request.id) return std::nullopt;
                                     return std::move(*reply);
                                   });
}

Result<AttributesCall> AttributesCall::open(std::string client) {
  auto connection = connect("quorate-attributes");
  if (!connection) return tl::unexpected(connection.error());
  return AttributesCall(std::move(*connection), std::move(client));
}

Result<AttributeReply> AttributesCall::ask(AttributeRequest request, std::int64_t timeout_ms) {
  request.id = ++last_id_;
  request.client = client_;
  return exchange<AttributeReply>(connection_, encode(request), timeout_ms,
                                  [&](const std::string& text) -> std::optional<AttributeReply> {
                                    auto reply = decode_attribute_reply(text);
                                    if (!reply || reply->id != request.id) return std::nullopt;
                                    return std::move(*reply);
                                  });
}

}  // namespace quorate::cli
