#include "common/launcher_call.h"

#include <fmt/format.h>

#include "common/local_time.h"
#include "io/ipc/connection.h"
#include "status/cluster_summary.h"
#include "status/time_text.h"

namespace quorate::cli {

Result<LauncherReply> ask_launcher(std::int64_t timeout_ms) {
  auto connection = ipc::Connection::open("quorated", timeout_ms);
  if (!connection) return tl::unexpected<Error>(connection.error());
  const LauncherStatusRequest request{1};
  if (auto sent = connection->send(encode(request), timeout_ms); !sent) {
    return tl::unexpected<Error>(sent.error());
  }
  const auto answer = connection->receive(timeout_ms);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return decode_launcher_reply(*answer);
}

void write_health(Output& output, const LauncherReply& reply) {
  constexpr std::string_view kSystem = "pacemakerd";
  const std::string_view code = launcher_state_name(reply.state);
  const std::string when = status::iso_text(reply.last_updated, local_utc_offset);
  const std::string line = fmt::format("Status of {}: '{}' (last updated {})", kSystem,
                                       status::launcher_state_text(code), when);
  if (output.format() == Format::kHtml) {
    output.text().line("<li>" + xml::escape(line) + "</li>");
  } else {
    output.info(line);
  }
  output.xml().open("pacemakerd");
  output.xml().attribute("sys_from", kSystem);
  output.xml().attribute("state", code);
  output.xml().attribute("last_updated", when);
  output.xml().close();
}

}  // namespace quorate::cli
