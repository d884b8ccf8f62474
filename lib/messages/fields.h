#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/agent_result.h"
#include "xml/document.h"

/// Reading and writing the fields of messages, shared by the message types of executor and fencer.
/// Every message is one XML element with the attribute `protocol`; reading is lenient about what is
/// missing and bounds numbers, since the sender isn't trusted.
namespace quorate::fields {

/// Version of the protocol this build speaks. A message of another one is refused by open().
inline constexpr int kProtocol = 1;

using Parameters = std::map<std::string, std::string>;

/// A new message: root element with its `protocol`.
xml::Document create(std::string_view root);
/// Parses a message and checks its protocol; errors name what is wrong.
Result<xml::Document> open(std::string_view payload);

/// Sets an attribute; what XML can't carry is replaced (to_xml_safe). Empty and default values
/// are left out by the put_ functions, so messages stay small.
void put(xml::Element element, std::string_view name, std::string_view value);
void put(xml::Element element, std::string_view name, std::int64_t value);
void put_flag(xml::Element element, std::string_view name, bool value);
void put_result(xml::Element element, const AgentResult& result);
/// Longer text as a child element.
void put_text(xml::Element element, std::string_view child, std::string_view text);
/// `<child><param name= value=/></child>`
void put_parameters(xml::Element element, std::string_view child, const Parameters& parameters);

std::string get(xml::Element element, std::string_view name);
/// 0 if absent or not a number.
std::int64_t get_number(xml::Element element, std::string_view name);
/// As above; not below zero.
std::uint64_t get_unsigned(xml::Element element, std::string_view name);
bool get_flag(xml::Element element, std::string_view name);
AgentResult get_result(xml::Element element);
std::string get_text(xml::Element element, std::string_view child);
Parameters get_parameters(xml::Element element, std::string_view child);

}  // namespace quorate::fields
