#include "common/cluster_picture.h"

#include <ctime>

#include "cib/upgrade.h"

namespace quorate::cli {

Result<std::unique_ptr<ClusterPicture>> read_cluster(CibAccess& cib, bool plan) {
  auto document = cib.document();
  if (!document) {
    return fail(document.error().kind,
                "Could not obtain the current CIB: " + document.error().message);
  }
  auto picture = std::make_unique<ClusterPicture>();
  picture->document = std::move(*document);
  cib::Schemas schemas;
  if (auto upgraded = cib::make_usable(picture->document, schemas); !upgraded) {
    return fail(ErrorKind::kSchema,
                "Could not upgrade the current CIB XML: " + upgraded.error().message);
  }
  scheduler::Input input;
  input.cib = picture->document.root();
  input.now_seconds = std::time(nullptr);
  input.want_graph = false;
  auto schedule = plan ? scheduler::schedule(input) : scheduler::read_only(input);
  if (!schedule) return tl::unexpected(schedule.error());
  picture->schedule = std::move(*schedule);
  return picture;
}

}  // namespace quorate::cli
