#include "base/digest.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace quorate {
namespace {

/// RFC 1321 in its plain form. Written out here because base links no library; it is fixed for all
/// time and covered by the RFC's own test vectors.
constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<int, 16> kShifts = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

using State = std::array<std::uint32_t, 4>;

/// Step I of the 64, with all that depends on I known to the compiler.
template <std::size_t I>
void step(State& state, const std::array<std::uint32_t, 16>& words) {
  auto& [a, b, c, d] = state;
  std::uint32_t mixed = 0;
  std::size_t word = 0;
  if constexpr (I < 16) {
    mixed = d ^ (b & (c ^ d)), word = I;
  } else if constexpr (I < 32) {
    mixed = c ^ (d & (b ^ c)), word = 5 * I + 1;
  } else if constexpr (I < 48) {
    mixed = b ^ c ^ d, word = 3 * I + 5;
  } else {
    mixed = c ^ (b | ~d), word = 7 * I;
  }
  mixed += a + kSines[I] + words[word % 16];
  a = d;
  d = c;
  c = b;
  b += std::rotl(mixed, kShifts[I / 16 * 4 + I % 4]);
}

template <std::size_t... I>
void all_steps(State& state, const std::array<std::uint32_t, 16>& words,
               std::index_sequence<I...>) {
  (step<I>(state, words), ...);
}

void add_block(State& state, const char* block) {
  std::array<std::uint32_t, 16> words;
  std::memcpy(words.data(), block, sizeof words);
  if constexpr (std::endian::native == std::endian::big) {
    for (std::uint32_t& word : words) word = __builtin_bswap32(word);
  }
  State mixed = state;
  all_steps(mixed, words, std::make_index_sequence<64>());
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += mixed[i];
}

std::string escape_value(std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '<':
        escaped += "&lt;";
        continue;
      case '>':
        escaped += "&gt;";
        continue;
      case '&':
        escaped += "&amp;";
        continue;
      case '"':
        escaped += "&quot;";
        continue;
      default:
        break;
    }
    if (byte < 0x20 || byte == 0x7f) {
      escaped += "&#x";
      escaped += {kHex[byte >> 4], kHex[byte & 0xf], ';'};
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::size_t at = 0;
  for (; at + 64 <= bytes.size(); at += 64) add_block(state, bytes.data() + at);
  std::string tail(bytes.substr(at));
  tail += '\x80';
  while (tail.size() % 64 != 56) tail += '\0';
  const std::uint64_t bits = static_cast<std::uint64_t>(bytes.size()) * 8;
  for (int i = 0; i < 8; ++i) tail += static_cast<char>(bits >> (8 * i) & 0xff);
  for (std::size_t i = 0; i < tail.size(); i += 64) add_block(state, tail.data() + i);

  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const std::uint32_t word : state) {
    for (int i = 0; i < 4; ++i) {
      const unsigned byte = word >> (8 * i) & 0xff;
      hex += {kHex[byte >> 4], kHex[byte & 0xf]};
    }
  }
  return hex;
}

std::string parameters_digest(const std::map<std::string, std::string>& parameters) {
  std::string canonical = " <parameters";
  for (const auto& [name, value] : parameters) {
    canonical += " " + name + "=\"" + escape_value(value) + "\"";
  }
  canonical += "/>\n";
  return md5_hex(canonical);
}

std::map<std::string, std::string> digest_parameters(
    const std::map<std::string, std::string>& parameters) {
  const auto interval = parameters.find("CRM_meta_interval");
  const bool recurring =
      interval != parameters.end() && to_integer(interval->second).value_or(0) != 0;
  std::map<std::string, std::string> kept;
  for (const auto& [name, value] : parameters) {
    const bool meta = name.starts_with("CRM_meta_");
    const bool left_out = name == "id" || name == "crm_feature_set" || name == "op-digest" ||
                          name == "on_node" || name == "on_node_uuid" || name == "pcmk_external_ip";
    if ((!meta && !left_out) || (recurring && name == "CRM_meta_timeout")) kept[name] = value;
  }
  return kept;
}

}  // namespace quorate
