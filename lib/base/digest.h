#pragma once

#include <map>
#include <string>
#include <string_view>

namespace quorate {

/// Lower-case hexadecimal MD5 (RFC 1321) of the bytes. For recognising equal content as the
/// reference's files and histories do, never for security.
std::string md5_hex(std::string_view bytes);

/// Digest of agent parameters: MD5 of their canonical form (spec/03 §16.1).
std::string parameters_digest(const std::map<std::string, std::string>& parameters);

/// The parameters that count for digests (spec/03 §16.2): without CRM_meta_*, id, on_node and the
/// like. If CRM_meta_interval is there and not zero, CRM_meta_timeout stays.
std::map<std::string, std::string> digest_parameters(
    const std::map<std::string, std::string>& parameters);

}  // namespace quorate
