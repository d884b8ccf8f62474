#include "mon/show.h"

#include <algorithm>
#include <ctime>
#include <functional>

#include "common/local_time.h"
#include "mon/fencing.h"
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

/// How often a page reloads itself.
int refresh_seconds(const Settings& settings) {
  return static_cast<int>(std::clamp<std::int64_t>(settings.interval_ms / 1000, 1, 86'400));
}

/// What differs between text and HTML.
struct Form {
  bool html = false;
  std::function<bool(const status::SummaryParts&, const status::Show&, const status::LiveFacts&)>
      summary;
  std::function<bool(const status::Show&)> nodes;
};

/// One display of one snapshot.
class Display {
 public:
  Display(const Settings& settings, Shown shown, const ClusterState& state,
          scheduler::Schedule& run, bool updating)
      : settings_(settings),
        shown_(std::move(shown)),
        state_(state),
        context_{*run.snapshot, *run.actions} {
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
    live_.launcher_state = state.launcher_state;
    live_.local_node = state.local_node;
    // Without a DC that is always said (spec/13 §4.2 step 4).
    if (run.snapshot->dc_node == nullptr) shown_.sections |= section::kDc;
    if (state.fencing) fencing_.emplace(*state.fencing, shown_.sections, show_, updating);
  }

  /// Text and HTML.
  void write(status::ListWriter& out, const Form& form) {
    const model::Snapshot& snapshot = context_.snapshot;
    const auto section = [&](bool printed) {
      if (printed) out.gap();
    };
    section(form.summary(parts(), show_, live_));
    section(write_warnings(out));
    if (has(section::kNodes)) section(form.nodes(show_));
    if (has(section::kResources)) section(status::write_resources(out, snapshot, show_));
    if (has(section::kAttributes)) section(status::write_node_attributes(out, context_, show_));
    if (has(section::kOperations | section::kFailCounts)) {
      section(status::write_node_history(out, context_, show_, history()));
    }
    if (has(section::kFailures)) section(status::write_failures(out, snapshot, show_));
    if (fencing_) section(fencing_->write_failed(out));
    if (fencing_ && form.html) section(fencing_->write_others(out, true));
    if (has(section::kTickets)) section(status::write_tickets(out, snapshot, show_));
    if (has(section::kBans)) {
      section(status::write_bans(out, snapshot, show_, shown_.ban_prefix));
    }
    if (fencing_ && !form.html) section(fencing_->write_others(out, false));
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
    if (fencing_) fencing_->write(out);
    if (has(section::kTickets)) status::write_tickets(out, snapshot, show_);
    if (has(section::kBans)) status::write_bans(out, snapshot, show_, shown_.ban_prefix);
  }

 private:
  bool has(Sections sections) const { return (shown_.sections & sections) != 0; }

  status::SummaryParts parts() const {
    status::SummaryParts parts;
    parts.stack = has(section::kStack);
    parts.dc = has(section::kDc);
    parts.times = has(section::kTimes);
    parts.counts = has(section::kCounts);
    parts.options = has(section::kOptions);
    parts.maintenance = has(section::kMaintenance);
    return parts;
  }

  status::HistoryOptions history() const { return {has(section::kOperations), settings_.timing}; }

  /// What is wrong with this node's daemons, in its own list; nothing if all is well.
  bool write_warnings(status::ListWriter& out) const {
    if (state_.warnings.empty()) return false;
    out.begin_list("Warnings");
    for (const std::string& warning : state_.warnings) out.item(warning, "warning");
    out.end_list();
    return true;
  }

  const Settings& settings_;
  Shown shown_;
  const ClusterState& state_;
  scheduler::Context context_;
  status::Show show_;
  status::LiveFacts live_;
  std::optional<FencingView> fencing_;
};

void put_page(Output& output, const Settings& settings, const status::HtmlWriter& html) {
  status::HtmlWriter::Page page;
  if (settings.html_title) page.title = *settings.html_title;
  page.stylesheet = settings.html_stylesheet.value_or("");
  page.cgi = settings.html_cgi;
  page.refresh_seconds = output.to_file() ? refresh_seconds(settings) : 0;
  output.text().line(html.page(page));
}

void show_html(Output& output, const Settings& settings, Display& display,
               const model::Snapshot& snapshot) {
  status::HtmlWriter html;
  Form form;
  form.html = true;
  form.summary = [&](const auto& parts, const auto& show, const auto& live) {
    return status::write_cluster_summary_html(html, snapshot, show, parts, live);
  };
  form.nodes = [&](const status::Show& show) {
    return status::write_nodes_html(html, snapshot, show);
  };
  display.write(html, form);
  put_page(output, settings, html);
}

void show_text(Output& output, Display& display, const model::Snapshot& snapshot) {
  status::TextWriter& text = output.text();
  Form form;
  form.summary = [&](const auto& parts, const auto& show, const auto& live) {
    const bool printed = status::write_cluster_summary(text, snapshot, show, parts, live);
    const std::string maintenance =
        parts.maintenance ? status::maintenance_text(snapshot) : std::string();
    if (!maintenance.empty()) text.line(maintenance);
    return printed;
  };
  form.nodes = [&](const status::Show& show) { return status::write_nodes(text, snapshot, show); };
  display.write(text, form);
  text.drop_gap();
}

}  // namespace

void show_message_page(Output& output, const Settings& settings, std::string_view line) {
  status::HtmlWriter html;
  html.begin_list("");
  html.item(line, "warning");
  html.end_list();
  put_page(output, settings, html);
}

Result<void> show(Output& output, const Settings& settings, const Shown& shown, ClusterState& state,
                  bool updating) {
  scheduler::Input input;
  input.cib = state.cib.root();
  input.now_seconds = static_cast<std::int64_t>(std::time(nullptr));
  input.sanitized = !state.live;
  const bool constraints = (shown.sections & (section::kBans | section::kTickets)) != 0;
  auto run = constraints ? scheduler::verify(input) : scheduler::read_only(input);
  if (!run) return tl::unexpected<Error>(run.error());
  for (const std::string& warning : state.warnings) output.warning(warning);
  Display display(settings, shown, state, *run, updating);
  if (output.structured()) {
    display.write(output.xml());
  } else if (output.format() == Format::kHtml) {
    show_html(output, settings, display, *run->snapshot);
  } else if (output.is_text()) {
    show_text(output, display, *run->snapshot);
  }
  return {};
}

}  // namespace quorate::cli::mon
