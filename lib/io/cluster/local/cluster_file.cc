#include "io/cluster/local/cluster_file.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace quorate::cluster {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNodes = 1024;

Result<std::int64_t> integer(const json& object, const char* key, std::int64_t fallback,
                             std::int64_t low, std::int64_t high, const std::string& source) {
  const auto found = object.find(key);
  if (found == object.end()) return fallback;
  if (!found->is_number_integer() || found->get<std::int64_t>() < low ||
      found->get<std::int64_t>() > high)
    return fail(ErrorKind::kInvalid, source + ": " + key + " must be a whole number from " +
                                         std::to_string(low) + " to " + std::to_string(high));
  return found->get<std::int64_t>();
}

Result<ConfiguredNode> parse_node(const json& entry, std::size_t place, const std::string& source) {
  const std::string where = source + ": node " + std::to_string(place);
  if (!entry.is_object()) return fail(ErrorKind::kInvalid, where + " is not an object");
  ConfiguredNode node;
  const auto name = entry.find("name");
  if (name == entry.end() || !name->is_string() || name->get<std::string>().empty())
    return fail(ErrorKind::kInvalid, where + " has no name");
  node.name = name->get<std::string>();
  const auto number =
      integer(entry, "number", static_cast<std::int64_t>(place), 1, 0x7fffffff, where);
  if (!number) return tl::unexpected(number.error());
  node.number = static_cast<NodeNumber>(*number);
  const auto votes = integer(entry, "votes", 1, 0, 1000, where);
  if (!votes) return tl::unexpected(votes.error());
  node.votes = static_cast<std::uint32_t>(*votes);
  return node;
}

}  // namespace

const ConfiguredNode* ClusterFile::find(std::string_view name) const {
  for (const ConfiguredNode& node : nodes)
    if (node.name == name) return &node;
  return nullptr;
}

const ConfiguredNode* ClusterFile::find(NodeNumber number) const {
  for (const ConfiguredNode& node : nodes)
    if (node.number == number) return &node;
  return nullptr;
}

std::uint64_t ClusterFile::total_votes() const {
  std::uint64_t sum = 0;
  for (const ConfiguredNode& node : nodes) sum += node.votes;
  return sum;
}

Result<ClusterFile> parse_cluster_file(std::string_view text, std::string_view source_view) {
  const std::string source(source_view);
  const json root = json::parse(text, nullptr, false);
  if (root.is_discarded() || !root.is_object())
    return fail(ErrorKind::kInvalid, source + ": is not a JSON object");
  ClusterFile file;
  if (const auto name = root.find("cluster_name"); name != root.end() && name->is_string())
    file.cluster_name = name->get<std::string>();
  const auto detection = integer(root, "detection_ms", file.detection_ms, 0, 600'000, source);
  if (!detection) return tl::unexpected(detection.error());
  file.detection_ms = *detection;
  if (const auto two = root.find("two_node"); two != root.end()) {
    if (!two->is_boolean())
      return fail(ErrorKind::kInvalid, source + ": two_node must be true or false");
    file.two_node = two->get<bool>();
  }
  const auto nodes = root.find("nodes");
  if (nodes == root.end() || !nodes->is_array() || nodes->empty() || nodes->size() > kMaxNodes)
    return fail(ErrorKind::kInvalid, source + ": nodes must be a list of 1 to 1024 nodes");
  std::set<std::string> names;
  std::set<NodeNumber> numbers;
  for (const json& entry : *nodes) {
    auto node = parse_node(entry, file.nodes.size() + 1, source);
    if (!node) return tl::unexpected(node.error());
    if (!names.insert(node->name).second || !numbers.insert(node->number).second)
      return fail(ErrorKind::kInvalid, source + ": node " + node->name +
                                           " has the name or number of another; make them unique");
    file.nodes.push_back(std::move(*node));
  }
  if (file.two_node && file.nodes.size() != 2)
    return fail(ErrorKind::kInvalid, source + ": two_node is for exactly two nodes");
  return file;
}

Result<ClusterFile> read_cluster_file(const std::string& folder) {
  const std::string path = folder + "/cluster.json";
  std::ifstream in(path);
  if (!in)
    return fail(ErrorKind::kIo, path + ": cannot be read; write the cluster's node list there");
  std::ostringstream text;
  text << in.rdbuf();
  return parse_cluster_file(text.str(), path);
}

std::string hub_path(const std::string& folder) { return folder + "/hub.sock"; }

}  // namespace quorate::cluster
