#include "io/cluster/corosync/node_list.h"

#include <corosync/cfg.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/text.h"
#include "io/cluster/corosync/cmap.h"
#include "io/cluster/corosync/corosync_errors.h"

namespace quorate::cluster {
namespace {

constexpr std::string_view kNodes = "nodelist.node.";

std::uint32_t number_in(const std::string& text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_address(const std::string& text) {
  return text.find(':') != std::string::npos ||
         text.find_first_not_of("0123456789.") == std::string::npos;
}

Result<NodeNumber> local_number() {
  corosync_cfg_handle_t handle{};
  const corosync_cfg_callbacks_t callbacks{};
  unsigned int number = 0;
  cs_error_t code = corosync_cfg_initialize(&handle, &callbacks);
  if (code == CS_OK) {
    code = corosync_cfg_local_get(handle, &number);
    corosync_cfg_finalize(handle);
  }
  if (code != CS_OK) return tl::unexpected(corosync_error(code, "number of this node"));
  return number;
}

}  // namespace

std::string NodeList::name_of(NodeNumber number) const {
  for (const Member& node : nodes)
    if (node.node == number) return node.name;
  return "node" + std::to_string(number);
}

NodeList node_list_from(const std::vector<ConfigurationEntry>& entries, NodeNumber local,
                        const std::string& host_name) {
  NodeList list;
  list.local = local;
  std::map<std::string, std::map<std::string, std::string>> nodes;  // by place in the list
  for (const auto& [key, value] : entries) {
    if (key == "totem.cluster_name") list.cluster_name = value;
    if (key == "runtime.config.totem.token") list.token_timeout_ms = number_in(value);
    if (!key.starts_with(kNodes)) continue;
    const auto words = split_words(std::string_view(key).substr(kNodes.size()), '.');
    if (words.size() == 2) nodes[std::string(words[0])][std::string(words[1])] = value;
  }
  for (auto& [place, node] : nodes) {
    Member member{number_in(node["nodeid"]), node["name"], 0};
    if (member.node == 0) continue;
    const std::string& address = node["ring0_addr"];
    if (member.name.empty() && !is_address(address)) member.name = address;
    if (member.name.empty() && member.node == local) member.name = host_name;
    if (member.name.empty()) member.name = "node" + std::to_string(member.node);
    list.nodes.push_back(std::move(member));
  }
  std::sort(list.nodes.begin(), list.nodes.end(),
            [](const Member& a, const Member& b) { return a.node < b.node; });
  return list;
}

Result<NodeList> read_node_list() {
  Cmap cmap;
  if (const cs_error_t code = cmap.open(); code != CS_OK)
    return tl::unexpected(Error{ErrorKind::kDisconnected,
                                std::string("corosync doesn't answer (") + cs_strerror(code) +
                                    "): is it running? systemctl status corosync"});
  return read_node_list(cmap);
}

Result<NodeList> read_node_list(Cmap& cmap, std::optional<NodeNumber> local) {
  if (!local) {
    const auto number = local_number();
    if (!number) return tl::unexpected(number.error());
    local = *number;
  }
  std::vector<ConfigurationEntry> entries;
  cmap.read("nodelist.node.", entries);
  cmap.read("totem.cluster_name", entries);
  cmap.read("runtime.config.totem.token", entries);
  std::vector<ConfigurationEntry> provider;
  cmap.read("quorum.provider", provider);
  if (provider.empty() || provider[0].value != "corosync_votequorum")
    return fail(
        ErrorKind::kInvalid,
        "corosync.conf has no quorum provider; write \"provider: corosync_votequorum\" into "
        "its section \"quorum\" and restart corosync");
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  NodeList list = node_list_from(entries, *local, host.data());
  const bool listed = std::any_of(list.nodes.begin(), list.nodes.end(),
                                  [&](const Member& node) { return node.node == *local; });
  if (!listed)
    return fail(ErrorKind::kInvalid, "corosync.conf doesn't list this node (nodeid " +
                                         std::to_string(*local) +
                                         "); add it to its section \"nodelist\"");
  return list;
}

}  // namespace quorate::cluster
