#include "common/cluster_picture.h"

#include <ctime>

#include "cib/upgrade.h"
#include "common/local_time.h"

namespace quorate::cli {

Result<std::unique_ptr<ClusterPicture>> read_cluster(CibAccess& cib, Depth depth) {
  auto document = cib.document();
  if (!document) {
    return fail(document.error().kind,
                "Could not obtain the current CIB: " + document.error().message);
  }
  return understand(std::move(*document), depth);
}

Result<std::unique_ptr<ClusterPicture>> understand(xml::Document document, Depth depth) {
  auto picture = std::make_unique<ClusterPicture>();
  picture->document = std::move(document);
  cib::Schemas schemas;
  if (auto upgraded = cib::make_usable(picture->document, schemas); !upgraded) {
    return fail(ErrorKind::kSchema,
                "Could not upgrade the current CIB XML: " + upgraded.error().message);
  }
  scheduler::Input input;
  input.cib = picture->document.root();
  input.now_seconds = std::time(nullptr);
  input.local_offset_seconds = local_utc_offset(input.now_seconds);
  input.want_graph = false;
  auto schedule = depth == Depth::kPlan          ? scheduler::schedule(input)
                  : depth == Depth::kConstraints ? scheduler::verify(input)
                                                 : scheduler::read_only(input);
  if (!schedule) return tl::unexpected(schedule.error());
  picture->schedule = std::move(*schedule);
  return picture;
}

}  // namespace quorate::cli
