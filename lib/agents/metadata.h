#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What is used from an agent's metadata (spec/11 §16, spec/12 §5). The XML comes from a program
/// that isn't trusted: size, depth and number of entries are bounded.
namespace quorate::agents {

struct MetadataParameter {
  std::string name;
  bool required = false;
  bool unique = false;
  bool reloadable = false;
  bool is_private = false;
  std::string default_value;
};

struct MetadataAction {
  std::string name;
  bool automatic = false;  ///< fence agents' `on`: unfencing (also legacy `required`)
  bool on_target = false;  ///< fence agents: only the target itself may run it
};

struct Metadata {
  std::string name;
  std::string ocf_version;                    ///< empty if not advertised
  std::vector<MetadataParameter> parameters;  ///< in document order
  std::vector<MetadataAction> actions;

  const MetadataParameter* parameter(std::string_view name) const;
  const MetadataAction* action(std::string_view name) const;

  /// How a change of parameters is made effective: `reload-agent` with OCF 1.1, `reload` before,
  /// empty if the agent can't (spec/11 §16.4).
  std::string reload_task() const;
  /// Parameters whose change needs a restart; only meaningful if reload_task() isn't empty
  /// (spec/11 §10.5). In reverse document order, as recorded.
  std::vector<std::string> restart_parameters() const;
  /// Private parameters, else those of password, passwd and user that exist; reverse order.
  std::vector<std::string> private_parameters() const;
};

/// The text without its XML and document type declarations: most agents' metadata name a DTD, which
/// our parser refuses on principle. A declaration with an internal subset stays, and is refused.
std::string_view without_declarations(std::string_view xml);

/// At most 1 MiB, 10,000 parameters or actions; names over 1,000 bytes are skipped.
Result<Metadata> parse_metadata(std::string_view xml, std::string_view agent);

}  // namespace quorate::agents
