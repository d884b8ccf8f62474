#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"
#include "status/cluster_summary.h"
#include "status/list_writer.h"
#include "status/show.h"

/// Status as a page (spec/13 §17).
namespace quorate::status {

/// Lists: `<h2>` on the first level, nested ones in items with `<h3>`. Everything is escaped.
class HtmlWriter : public ListWriter {
 public:
  struct Page {
    std::string title = "Cluster Status";
    std::string stylesheet;   ///< empty: none
    int refresh_seconds = 0;  ///< 0: the page doesn't reload itself
    bool cgi = false;         ///< with the header of a CGI program
  };

  void begin_list(std::string_view title) override;
  void end_list() override;
  void item(std::string_view text, std::string_view style = {}) override;
  bool is_page() const override { return true; }

  /// An item made of spans: (class, text) pairs, an empty class for plain spans.
  struct Span {
    std::string_view style;
    std::string text;
  };
  void item(const std::vector<Span>& spans);

  /// The whole page around what was written.
  std::string page(const Page& page) const;

 private:
  std::string body_;
  int level_ = 0;
};

/// The Cluster Summary and, if asked for, the list of options. True if anything was written.
bool write_cluster_summary_html(HtmlWriter& out, const model::Snapshot& snapshot, const Show& show,
                                const SummaryParts& parts, const LiveFacts& live);
/// The Node List in its HTML form: one item per node.
bool write_nodes_html(HtmlWriter& out, const model::Snapshot& snapshot, const Show& show);

}  // namespace quorate::status
