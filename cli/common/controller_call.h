#pragma once

#include <cstdint>
#include <string>

#include "io/ipc/connection.h"
#include "messages/attributes.h"
#include "messages/controller.h"

namespace quorate::cli {

/// A tool's conversation with this node's controller: one question, one answer.
class ControllerCall {
 public:
  /// kDisconnected, with the system's text, if it isn't running; kPermission.
  static Result<ControllerCall> open(std::string client);
  /// Errors: kTimeout, kDisconnected; what the controller refuses is in the reply.
  Result<ControllerReply> ask(ControllerRequest request, std::int64_t timeout_ms);

 private:
  ControllerCall(ipc::Connection connection, std::string client)
      : connection_(std::move(connection)), client_(std::move(client)) {}
  ipc::Connection connection_;
  std::string client_;
  std::uint64_t last_id_ = 0;
};

/// The same with this node's attribute manager.
class AttributesCall {
 public:
  static Result<AttributesCall> open(std::string client);
  Result<AttributeReply> ask(AttributeRequest request, std::int64_t timeout_ms);

 private:
  AttributesCall(ipc::Connection connection, std::string client)
      : connection_(std::move(connection)), client_(std::move(client)) {}
  ipc::Connection connection_;
  std::string client_;
  std::uint64_t last_id_ = 0;
};

}  // namespace quorate::cli
