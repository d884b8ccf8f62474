// Any bytes as each of the messages between daemons and tools: decoded or refused.
#include <cstdint>
#include <string_view>

#include "messages/attributes.h"
#include "messages/cib.h"
#include "messages/controller.h"
#include "messages/executor.h"
#include "messages/fencer.h"
#include "messages/fencer_peer.h"
#include "messages/launcher.h"
#include "messages/replica.h"
#include "messages/scheduler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(decode_cib_client_message(text));
  static_cast<void>(decode_cib_server_message(text));
  static_cast<void>(decode_controller_message(text));
  static_cast<void>(decode_controller_request(text));
  static_cast<void>(decode_controller_reply(text));
  static_cast<void>(decode_attribute_request(text));
  static_cast<void>(decode_attribute_reply(text));
  static_cast<void>(decode_attribute_message(text));
  static_cast<void>(decode_schedule_request(text));
  static_cast<void>(decode_schedule_reply(text));
  static_cast<void>(executor::decode_request(text));
  static_cast<void>(executor::decode_answer(text));
  static_cast<void>(fencer::decode_request(text));
  static_cast<void>(fencer::decode_answer(text));
  static_cast<void>(fencer::decode_peer_message(text));
  static_cast<void>(decode_replica_message(text));
  static_cast<void>(decode_scheduler_message(text));
  static_cast<void>(decode_launcher_request(text));
  static_cast<void>(decode_launcher_reply(text));
  static_cast<void>(decode_liveness_ping(text));
  return 0;
}
