#include "status/html_writer.h"

#include <fmt/format.h>

#include "status/node.h"
#include "status/resource_lists.h"
#include "xml/document.h"

namespace quorate::status {
namespace {

constexpr std::string_view kStyle =
    ".bold {font-weight: bold}\n.online {color: green}\n.offline {color: red}\n"
    ".maint {color: blue}\n.standby {color: blue}\n.health_red {color: red}\n"
    ".health_yellow {color: GoldenRod}\n.rsc-failed {color: red}\n"
    ".rsc-failure-ignored {color: DarkGreen}\n.rsc-managed {color: blue}\n"
    ".rsc-multiple {color: orange}\n.rsc-ok {color: green}\n"
    ".warning {color: red; font-weight: bold}\n";

using Spans = std::vector<HtmlWriter::Span>;

void add_node_spans(Spans& spans, const model::Snapshot& snapshot, const model::Node& node,
                    const Show& show) {
  spans.push_back(node.online ? HtmlWriter::Span{"online", " online"}
                              : HtmlWriter::Span{"offline", " OFFLINE"});
  const std::string busy = node.running.empty() ? "" : ", with active resources";
  if (node.standby_on_failure && node.online) {
    spans.push_back({"standby", " (in standby due to on-fail" + busy + ")"});
  } else if (node.standby) {
    spans.push_back({"standby", " (in standby" + busy + ")"});
  }
  if (node.maintenance) spans.push_back({"maint", " (in maintenance mode)"});
  const Health health = node_health(snapshot, node);
  if (health == Health::kRed) spans.push_back({"health_red", " (health is RED)"});
  if (health == Health::kYellow) spans.push_back({"health_yellow", " (health is YELLOW)"});
  if (const auto set = feature_set(node); set && show.detail) {
    spans.push_back({"", fmt::format(", feature set {}", *set)});
  }
}

}  // namespace

void HtmlWriter::begin_list(std::string_view title) {
  const int heading = level_ == 0 ? 2 : 3;
  if (level_ > 0) body_ += "<li>";
  if (!title.empty()) body_ += fmt::format("<h{0}>{1}</h{0}>", heading, xml::escape(title));
  body_ += "<ul>\n";
  ++level_;
}

void HtmlWriter::end_list() {
  --level_;
  body_ += level_ > 0 ? "</ul></li>\n" : "</ul>\n";
}

void HtmlWriter::item(std::string_view text, std::string_view style) {
  const std::string escaped = xml::escape(text);
  body_ += style.empty() ? fmt::format("<li>{}</li>\n", escaped)
                         : fmt::format("<li><span class=\"{}\">{}</span></li>\n", style, escaped);
}

void HtmlWriter::item(const std::vector<Span>& spans) {
  body_ += "<li>";
  for (const Span& span : spans) {
    const std::string style =
        span.style.empty() ? std::string() : fmt::format(" class=\"{}\"", span.style);
    body_ += fmt::format("<span{}>{}</span>", style, xml::escape(span.text));
  }
  body_ += "</li>\n";
}

std::string HtmlWriter::page(const Page& page) const {
  std::string text;
  if (page.cgi) text += "Content-Type: text/html\n\n";
  text += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n";
  text += fmt::format("<title>{}</title>\n<meta charset=\"utf-8\">\n", xml::escape(page.title));
  if (page.refresh_seconds > 0) {
    text += fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">\n", page.refresh_seconds);
  }
  text += fmt::format("<style>\n{}</style>\n", kStyle);
  if (!page.stylesheet.empty()) {
    text += fmt::format("<link rel=\"stylesheet\" href=\"{}\">\n", xml::escape(page.stylesheet));
  }
  return text + "</head>\n<body>\n" + body_ + "</body>\n</html>\n";
}

bool write_nodes_html(HtmlWriter& out, const model::Snapshot& snapshot, const Show& show) {
  bool headed = false;
  for (const model::Node* node : snapshot.nodes_by_name) {
    if (!show.wants_node(node->name)) continue;
    if (!headed) out.begin_list("Node List");
    headed = true;
    const std::string name = display_name(*node, show.detail) + ":";
    Spans spans;
    if (!show.group_by_node) {
      spans.push_back({"bold", name});
      add_node_spans(spans, snapshot, *node, show);
      out.item(spans);
      continue;
    }
    out.begin_list(name);
    spans.push_back({"bold", "Status:"});
    add_node_spans(spans, snapshot, *node, show);
    out.item(spans);
    if (!node->running.empty()) {
      Show inner = show;
      inner.resource_only = true;
      out.begin_list("Resources");
      for (const model::Resource* resource : node->running) {
        if (passes(show, *resource, true)) write_resource(out, snapshot, *resource, inner);
      }
      out.end_list();
    }
    out.end_list();
  }
  if (headed) out.end_list();
  return headed;
}

}  // namespace quorate::status
