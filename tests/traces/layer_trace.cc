#include "layer_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace quorate::traces {
namespace {

// ---- Reading ------------------------------------------------------------------------------------

class Lines {
 public:
  Result<void> take(std::string_view line) {
    const auto words = split_words(line, ' ');
    if (words.empty()) return {};
    const std::string_view what = words[0];
    good_ = true;
    if (what == "run" && words.size() == 3) {
      memberships.push_back({node(words[1]), std::string(words[2]), {}, {}, {}});
    } else if (memberships.empty()) {
      good_ = false;
    } else if (what == "sent" && words.size() == 2) {
      now().sent.push_back(number(words[1]));
    } else if (what == "view" && words.size() == 6) {
      GroupView view;
      view.view = number(words[1]);
      view.ring = number(words[2]);
      view.members = members(words[3]);
      view.joined = nodes(words[4]);
      view.left = nodes(words[5]);
      now().views.push_back({std::move(view), {}});
    } else if (what == "got" && words.size() == 4 && !now().views.empty()) {
      now().views.back().delivered.push_back(
          {node(words[1]), std::string(words[2]), number(words[3])});
    } else if (what == "nodes" && words.size() == 5) {
      NodeMembership report;
      report.ring = number(words[1]);
      report.quorate = number(words[2]) != 0;
      report.members = members(words[3]);
      report.configured = members(words[4]);
      now().nodes.push_back(std::move(report));
    } else {
      good_ = false;
    }
    if (!good_) return fail(ErrorKind::kInvalid, "not a line of a trace: " + std::string(line));
    return {};
  }

  std::vector<TracedMembership> memberships;

 private:
  TracedMembership& now() { return memberships.back(); }
  std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    good_ = good_ && !text.empty();
    for (const char c : text) {
      good_ = good_ && c >= '0' && c <= '9';
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  }
  NodeNumber node(std::string_view text) { return static_cast<NodeNumber>(number(text)); }
  std::vector<NodeNumber> nodes(std::string_view text) {
    std::vector<NodeNumber> list;
    if (text == "-") return list;
    for (const std::string_view each : split_words(text, ',')) list.push_back(node(each));
    return list;
  }
  std::vector<Member> members(std::string_view text) {
    std::vector<Member> list;
    if (text == "-") return list;
    for (const std::string_view each : split_words(text, ',')) {
      const std::size_t colon = each.find(':');
      Member member;
      member.node = node(each.substr(0, colon));
      if (colon != std::string_view::npos) member.incarnation = number(each.substr(colon + 1));
      list.push_back(std::move(member));
    }
    return list;
  }

  bool good_ = true;
};

// ---- Judging ------------------------------------------------------------------------------------

using Nodes = std::set<NodeNumber>;

Nodes numbers_of(const std::vector<Member>& members) {
  Nodes numbers;
  for (const Member& member : members) numbers.insert(member.node);
  return numbers;
}

/// Both sides of a split may count alike: corosync numbers the rings of both from where they were
/// together. Views of two sides have no member in common.
bool same_view(const GroupView& a, const GroupView& b) {
  const auto is_in_b = [&](const Member& member) {
    return std::find(b.members.begin(), b.members.end(), member) != b.members.end();
  };
  return a.view == b.view && a.ring == b.ring &&
         std::any_of(a.members.begin(), a.members.end(), is_in_b);
}

std::string text_of(const TracedMessage& message) {
  return fmt::format("{}/{}#{}", message.node, message.run, message.number);
}

class Judge {
 public:
  explicit Judge(const std::vector<TracedMembership>& traces) : traces_(traces) {}

  std::vector<std::string> run() {
    for (const TracedMembership& trace : traces_) {
      views_make_sense(trace);
      senders_are_members(trace);
      senders_have_no_gaps(trace);
      own_messages_come_back(trace);
      nodes_make_sense(trace);
    }
    for (std::size_t i = 0; i < traces_.size(); ++i) {
      for (std::size_t j = i + 1; j < traces_.size(); ++j) compare(traces_[i], traces_[j]);
    }
    return std::move(wrong_);
  }

 private:
  template <class... Parts>
  void wrong(fmt::format_string<Parts...> form, Parts&&... parts) {
    wrong_.push_back(fmt::format(form, std::forward<Parts>(parts)...));
  }

  void views_make_sense(const TracedMembership& trace) {
    const GroupView* before = nullptr;
    for (const TracedView& each : trace.views) {
      const GroupView& view = each.view;
      const Nodes members = numbers_of(view.members);
      if (!members.contains(trace.node)) wrong("{}: view {} lacks it", trace.name(), view.view);
      if (!std::is_sorted(view.members.begin(), view.members.end(),
                          [](const Member& a, const Member& b) { return a.node < b.node; })) {
        wrong("{}: the members of view {} aren't sorted", trace.name(), view.view);
      }
      if (before != nullptr) {
        if (view.view <= before->view) {
          wrong("{}: view {} after view {}", trace.name(), view.view, before->view);
        }
        if (view.ring < before->ring) {
          wrong("{}: ring {} after ring {}", trace.name(), view.ring, before->ring);
        }
        check_change(trace, *before, view);
      }
      before = &view;
    }
  }

  /// What joined and left are relative to what this process was told before. A member may leave and
  /// join between two views, or be seen to do so after a partition: it is then in both lists, or
  /// has another incarnation.
  void check_change(const TracedMembership& trace, const GroupView& before, const GroupView& now) {
    const auto incarnation = [](const GroupView& view, NodeNumber node) {
      for (const Member& member : view.members) {
        if (member.node == node) return std::optional(member.incarnation);
      }
      return std::optional<std::uint64_t>();
    };
    Nodes all = numbers_of(before.members);
    all.merge(numbers_of(now.members));
    for (const NodeNumber node : all) {
      const auto was = incarnation(before, node);
      const auto is = incarnation(now, node);
      const bool joined = std::count(now.joined.begin(), now.joined.end(), node) > 0;
      const bool left = std::count(now.left.begin(), now.left.end(), node) > 0;
      const bool good = was && is ? (*was == *is ? joined == left : joined && left)
                                  : (is ? joined && !left : left && !joined);
      if (!good) {
        wrong("{}: view {} says of node {} joined {} left {}", trace.name(), now.view, node, joined,
              left);
      }
    }
  }

  void senders_are_members(const TracedMembership& trace) {
    for (const TracedView& each : trace.views) {
      const Nodes members = numbers_of(each.view.members);
      for (const TracedMessage& message : each.delivered) {
        if (members.contains(message.node)) continue;
        wrong("{}: {} delivered in view {}, which its sender isn't in", trace.name(),
              text_of(message), each.view.view);
      }
    }
  }

  /// While sender and receiver stay together.
  void senders_have_no_gaps(const TracedMembership& trace) {
    std::map<std::pair<NodeNumber, std::string>, std::uint64_t> last;
    for (const TracedView& each : trace.views) {
      for (const NodeNumber node : each.view.joined) {
        if (node == trace.node) continue;
        std::erase_if(last, [&](const auto& entry) { return entry.first.first == node; });
      }
      for (const TracedMessage& message : each.delivered) {
        const auto [known, first] = last.try_emplace({message.node, message.run}, message.number);
        if (!first && message.number != known->second + 1) {
          wrong("{}: {} delivered in view {} after number {} of the same sender", trace.name(),
                text_of(message), each.view.view, known->second);
        }
        known->second = message.number;
      }
    }
  }

  void own_messages_come_back(const TracedMembership& trace) {
    std::size_t next = 0;
    for (const TracedView& each : trace.views) {
      for (const TracedMessage& message : each.delivered) {
        if (message.node != trace.node || message.run != trace.run) continue;
        // A recorder that was killed may have had a message delivered that it didn't note as sent.
        if (next < trace.sent.size() && message.number != trace.sent[next]) {
          wrong("{}: sent {} and got {} of its own", trace.name(), trace.sent[next],
                message.number);
        }
        ++next;
      }
    }
  }

  void nodes_make_sense(const TracedMembership& trace) {
    std::uint64_t ring = 0;
    for (const NodeMembership& report : trace.nodes) {
      if (report.ring < ring)
        wrong("{}: nodes of ring {} after {}", trace.name(), report.ring, ring);
      ring = report.ring;
      const bool majority = report.members.size() * 2 > report.configured.size();
      if (report.quorate != majority) {
        wrong("{}: ring {} with {} of {} nodes is said to be {}quorate", trace.name(), report.ring,
              report.members.size(), report.configured.size(), report.quorate ? "" : "not ");
      }
    }
  }

  void compare(const TracedMembership& a, const TracedMembership& b) {
    for (std::size_t i = 0; i < a.views.size(); ++i) {
      for (std::size_t j = 0; j < b.views.size(); ++j) {
        if (same_view(a.views[i].view, b.views[j].view)) compare(a, i, b, j);
      }
    }
  }

  /// Two processes in the same view. If they go on together they got the same in it. If they part,
  /// both have the beginning of the order, and behind that one of them at most has messages of
  /// others than those it goes on with.
  void compare(const TracedMembership& a, std::size_t i, const TracedMembership& b, std::size_t j) {
    const GroupView& view = a.views[i].view;
    if (view.members != b.views[j].view.members) {
      wrong("{} and {}: view {} has other members", a.name(), b.name(), view.view);
    }
    const auto& of_a = a.views[i].delivered;
    const auto& of_b = b.views[j].delivered;
    const bool together = i + 1 < a.views.size() && j + 1 < b.views.size() &&
                          same_view(a.views[i + 1].view, b.views[j + 1].view);
    const auto [at_a, at_b] = std::mismatch(of_a.begin(), of_a.end(), of_b.begin(), of_b.end());
    if (at_a == of_a.end() && at_b == of_b.end()) return;
    if (together) {
      wrong("{} and {}: view {} ends with {} and {} messages for them, alike up to {}", a.name(),
            b.name(), view.view, of_a.size(), of_b.size(), at_a - of_a.begin());
      return;
    }
    const std::vector<TracedMessage> rest_a(at_a, of_a.end());
    const std::vector<TracedMessage> rest_b(at_b, of_b.end());
    if (!of_own_side(a, i, rest_a) && !of_own_side(b, j, rest_b)) {
      wrong(
          "{} and {}: part behind view {}, and both got messages of the other side from {} and {} "
          "on",
          a.name(), b.name(), view.view, text_of(rest_a.front()), text_of(rest_b.front()));
    }
    if (!same_order(rest_a, rest_b)) {
      wrong("{} and {}: got messages of view {} in another order", a.name(), b.name(), view.view);
    }
  }

  /// All of `rest` was sent by those with whom the process is in its next view. One that ended has
  /// no next view.
  static bool of_own_side(const TracedMembership& trace, std::size_t at,
                          const std::vector<TracedMessage>& rest) {
    const Nodes side =
        at + 1 < trace.views.size() ? numbers_of(trace.views[at + 1].view.members) : Nodes();
    return std::all_of(rest.begin(), rest.end(),
                       [&](const TracedMessage& message) { return side.contains(message.node); });
  }

  static bool same_order(const std::vector<TracedMessage>& a, const std::vector<TracedMessage>& b) {
    std::map<TracedMessage, std::size_t> places;
    for (std::size_t i = 0; i < a.size(); ++i) places[a[i]] = i;
    std::optional<std::size_t> last;
    for (const TracedMessage& message : b) {
      const auto found = places.find(message);
      if (found == places.end()) continue;
      if (last && found->second <= *last) return false;
      last = found->second;
    }
    return true;
  }

  const std::vector<TracedMembership>& traces_;
  std::vector<std::string> wrong_;
};

}  // namespace

Result<std::vector<TracedMembership>> read_trace(std::istream& lines, const std::string& name) {
  Lines read;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (lines.eof()) break;  // no newline
    if (auto taken = read.take(line); !taken) {
      return fail(ErrorKind::kInvalid,
                  fmt::format("{}, line {}: {}", name, number, taken.error().message));
    }
  }
  return std::move(read.memberships);
}

std::vector<std::string> judge(const std::vector<TracedMembership>& traces) {
  return Judge(traces).run();
}

}  // namespace quorate::traces
