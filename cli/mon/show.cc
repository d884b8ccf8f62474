#include "mon/show.h"

#include <ctime>

#include "common/exit_code.h"
#include "common/local_time.h"
#include "common/messages.h"
#include "scheduler/schedule.h"
#include "status/attributes.h"
#include "status/cluster_summary.h"
#include "status/constraints.h"
#include "status/history.h"
#include "status/html_writer.h"
#include "status/node.h"
#include "status/resource_lists.h"

namespace quorate::cli::mon {
namespace {

/// One display of one snapshot.
class Display {
 public:
  Display(const Settings& settings, Shown shown, scheduler::Schedule& run)
      : settings_(settings), shown_(std::move(shown)), context_{*run.snapshot, *run.actions} {
    show_.zone = local_utc_offset;
    show_.inactive = settings.inactive;
    show_.detail = settings.detail;
    show_.brief = settings.brief;
    show_.group_by_node = settings.group_by_node;
    show_.descriptions = settings.descriptions;
    if (settings.node) show_.nodes = status::node_filter(*run.snapshot, *settings.node);
    if (settings.resource) {
      show_.resources = status::resource_filter(*run.snapshot, *settings.resource);
    }
    live_.now_seconds = static_cast<std::int64_t>(std::time(nullptr));
    // Without a DC that is always said (spec/13 §4.2 step 4).
    if (run.snapshot->dc_node == nullptr) shown_.sections |= section::kDc;
  }

  /// Text and HTML. `nodes` writes the Node List, whose forms differ.
  template <class Nodes, class Maintenance>
  void write(status::ListWriter& out, const Nodes& nodes, const Maintenance& maintenance) {
    const model::Snapshot& snapshot = context_.snapshot;
    const auto section = [&](bool printed) {
      if (printed) out.gap();
    };
    section(status::write_cluster_summary(out, snapshot, show_, parts(), live_));
    if (has(section::kMaintenance)) maintenance(status::maintenance_text(snapshot));
    if (has(section::kNodes)) section(nodes(show_));
    if (has(section::kResources)) section(status::write_resources(out, snapshot, show_));
    if (has(section::kAttributes)) section(status::write_node_attributes(out, context_, show_));
    if (has(section::kOperations | section::kFailCounts)) {
      section(status::write_node_history(out, context_, show_, history()));
    }
    if (has(section::kFailures)) section(status::write_failures(out, snapshot, show_));
    if (has(section::kTickets)) section(status::write_tickets(out, snapshot, show_));
    if (has(section::kBans)) {
      section(status::write_bans(out, snapshot, show_, shown_.ban_prefix));
    }
  }

  void write(xml::Writer& out) {
    const model::Snapshot& snapshot = context_.snapshot;
    show_.inactive = true;
    status::write_cluster_summary(out, snapshot, show_, parts(), live_);
    if (has(section::kNodes)) status::write_nodes(out, snapshot, show_);
    if (has(section::kResources)) status::write_resources(out, snapshot, show_);
    if (has(section::kAttributes)) status::write_node_attributes(out, context_, show_);
    if (has(section::kOperations | section::kFailCounts)) {
      status::write_node_history(out, context_, show_, history());
    }
    if (has(section::kFailures)) status::write_failures(out, snapshot, show_);
    if (has(section::kTickets)) status::write_tickets(out, snapshot, show_);
    if (has(section::kBans)) status::write_bans(out, snapshot, show_, shown_.ban_prefix);
  }

  const status::Show& show() const { return show_; }

 private:
  bool has(Sections sections) const { return (shown_.sections & sections) != 0; }

  status::SummaryParts parts() const {
    status::SummaryParts parts;
    parts.stack = has(section::kStack);
    parts.dc = has(section::kDc);
    parts.times = has(section::kTimes);
    parts.counts = has(section::kCounts);
    parts.options = has(section::kOptions);
    return parts;
  }

  status::HistoryOptions history() const { return {has(section::kOperations), settings_.timing}; }

  const Settings& settings_;
  Shown shown_;
  scheduler::Context context_;
  status::Show show_;
  status::LiveFacts live_;
};

void show_html(Output& output, const Settings& settings, Display& display,
               const model::Snapshot& snapshot) {
  status::HtmlWriter html;
  display.write(
      html,
      [&](const status::Show& show) { return status::write_nodes_html(html, snapshot, show); },
      [](const std::string&) {});
  status::HtmlWriter::Page page;
  if (settings.html_title) page.title = *settings.html_title;
  page.stylesheet = settings.html_stylesheet.value_or("");
  page.cgi = settings.html_cgi;
  page.refresh_seconds = output.to_file() ? static_cast<int>(settings.interval_ms / 1000) : 0;
  output.text().line(html.page(page));
}

}  // namespace

int show(Output& output, const Settings& settings, const xml::Document& cib, bool live) {
  auto shown = shown_sections(settings, output.format());
  if (!shown) {
    output.error(shown.error().message);
    return exit_code::kUsage;
  }
  scheduler::Input input;
  input.cib = cib.root();
  input.now_seconds = static_cast<std::int64_t>(std::time(nullptr));
  input.sanitized = !live;
  const bool constraints = (shown->sections & (section::kBans | section::kTickets)) != 0;
  auto run = constraints ? scheduler::verify(input) : scheduler::read_only(input);
  if (!run) {
    output.error(run.error().message);
    return exit_code::kConfig;
  }
  Display display(settings, std::move(*shown), *run);
  if (output.structured()) {
    display.write(output.xml());
  } else if (output.format() == Format::kHtml) {
    show_html(output, settings, display, *run->snapshot);
  } else if (output.is_text()) {
    status::TextWriter& text = output.text();
    display.write(
        text,
        [&](const status::Show& show) { return status::write_nodes(text, *run->snapshot, show); },
        [&](const std::string& maintenance) {
          if (!maintenance.empty()) text.line(maintenance);
        });
    text.drop_gap();
  }
  return exit_code::kOk;
}

}  // namespace quorate::cli::mon
