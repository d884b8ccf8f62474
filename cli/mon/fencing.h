#pragma once

#include "mon/cluster_state.h"
#include "mon/settings.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Fencing history as crm_mon shows it (spec/13 §14).
namespace quorate::cli::mon {

/// What of the history is shown, and how.
class FencingView {
 public:
  /// `reduced`: of ended operations only the latest of each kind (unless all of them are shown).
  FencingView(const FencingHistory& history, Sections sections, const status::Show& show,
              bool reduced);

  /// Failed Fencing Actions. True if anything was written.
  bool write_failed(status::ListWriter& out) const;
  /// Fencing History, or Pending Fencing Actions.
  bool write_others(status::ListWriter& out, bool html) const;
  /// Only if everything is shown.
  void write(xml::Writer& out) const;

 private:
  bool has(Sections sections) const { return (sections_ & sections) == sections; }
  bool wanted(std::size_t index) const;
  bool write_list(status::ListWriter& out, std::string_view title,
                  const std::vector<std::size_t>& which) const;
  bool write_error(status::ListWriter& out) const;

  int exit_code_;
  std::vector<fencer::Operation> events_;
  Sections sections_;
  const status::Show& show_;
};

}  // namespace quorate::cli::mon
