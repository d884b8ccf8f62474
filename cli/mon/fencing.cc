#include "mon/fencing.h"

#include "common/exit_code.h"
#include "common/fencing_history.h"

namespace quorate::cli::mon {

using fencer::Operation;
using fencer::OperationState;

namespace {

std::string_view style_of(const Operation& event) {
  if (fencer::is_pending(event.state)) return "pending-stonith-event";
  return event.state == OperationState::kFailed ? "failed-stonith-event"
                                                : "successful-stonith-event";
}

}  // namespace

FencingView::FencingView(const FencingHistory& history, Sections sections, const status::Show& show,
                         bool reduced)
    : exit_code_(history.exit_code), sections_(sections), show_(show) {
  const bool all = has(section::kFencing);
  events_ = reduced && !all ? reduced_history(history.events) : history.events;
}

bool FencingView::wanted(std::size_t index) const {
  return show_.wants_node(events_[index].target);
}

bool FencingView::write_list(status::ListWriter& out, std::string_view title,
                             const std::vector<std::size_t>& which) const {
  if (which.empty()) return false;
  out.begin_list(title);
  const EventForm form = show_.detail ? EventForm::kDetailed : EventForm::kBrief;
  for (const std::size_t i : which) {
    out.item(describe_event(events_, i, form, has(section::kFencing)), style_of(events_[i]));
  }
  out.end_list();
  return true;
}

bool FencingView::write_error(status::ListWriter& out) const {
  out.begin_list("Failed Fencing Actions");
  out.item("Failed to get fencing history: " + std::string(exit_code_description(exit_code_)));
  out.end_list();
  return true;
}

bool FencingView::write_failed(status::ListWriter& out) const {
  if (!has(section::kFencingFailed)) return false;
  if (exit_code_ != exit_code::kOk) return write_error(out);
  std::vector<std::size_t> failed;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (events_[i].state == OperationState::kFailed && wanted(i)) failed.push_back(i);
  }
  return write_list(out, "Failed Fencing Actions", failed);
}

bool FencingView::write_others(status::ListWriter& out, bool html) const {
  if (!has(section::kFencingSucceeded) && !has(section::kFencingPending)) return false;
  if (exit_code_ != exit_code::kOk) {
    // Said once already, but pages repeat it (quirk of spec/13 §14).
    return html || !has(section::kFencingFailed) ? write_error(out) : false;
  }
  const bool succeeded = has(section::kFencingSucceeded);
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const bool shown = succeeded ? events_[i].state != OperationState::kFailed
                                 : fencer::is_pending(events_[i].state);
    if (shown && wanted(i)) which.push_back(i);
  }
  return write_list(out, succeeded ? "Fencing History" : "Pending Fencing Actions", which);
}

void FencingView::write(xml::Writer& out) const {
  if (!has(section::kFencing)) return;
  if (exit_code_ != exit_code::kOk) {
    out.open("fence_history");
    out.attribute("status", exit_code_);
    out.close();
    return;
  }
  bool opened = false;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (!wanted(i)) continue;
    if (!opened) out.open("fence_history");
    opened = true;
    write_event(out, events_[i]);
  }
  if (opened) out.close();
}

}  // namespace quorate::cli::mon
