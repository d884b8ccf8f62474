// What one large change costs the CIB service and those who follow it:
//   big_change DOCUMENT REQUEST   (two files: a CIB, and the content of a modify of 'resources')
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cib/apply.h"
#include "cib/digest.h"
#include "cib/patch.h"
#include "cib/schema_validator.h"
#include "messages/cib.h"
#include "messages/replica.h"
#include "replica/copy.h"

using namespace quorate;

namespace {

std::string content_of(const char* name) {
  std::ifstream file(name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Of the time of the processor: others may want it, too.
class Stopwatch {
 public:
  void lap(const char* what) {
    std::printf("%-40s %7.1f ms\n", what, now_ms() - last_ms_);
    std::fflush(stdout);
    last_ms_ = now_ms();
  }

 private:
  static double now_ms() { return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }
  double last_ms_ = now_ms();
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const cib::SchemaValidator validator;
  const std::string document = content_of(argv[1]);
  OrderedRequest request;
  request.session = "s";
  request.request_id = 1;
  request.what.operation = cib::Operation::kModify;
  request.what.section = "resources";
  request.what.options.may_create = true;
  request.what.data = content_of(argv[2]);
  request.node = "n";
  Stopwatch watch;
  auto parsed = cib::Cib::parse(document);
  if (!parsed) return std::cerr << parsed.error().message << '\n', 1;
  auto follower = cib::Cib::parse(document);
  auto repeater = cib::Cib::parse(document);
  watch.lap("(parse the document, three times)");
  (void)validator.complaints(parsed->root());
  watch.lap("validate");
  replica::Copy copy(std::move(*parsed), 0, 0, 0);
  watch.lap("(copy made)");
  const std::string message = encode(ReplicaMessage(request));
  watch.lap("encode ordered request");
  auto decoded = decode_replica_message(message);
  watch.lap("decode ordered request");
  const cib::Prepared prepared(request.what);
  watch.lap("parse request");
  (void)copy.try_out(request, prepared, &validator);
  watch.lap("try out");
  request.valid_for = copy.configuration_chain();
  auto outcome = copy.apply(request, &prepared, &validator, true);
  if (!outcome || outcome->code != cib::Code::kOk) return std::cerr << outcome->message << '\n', 1;
  watch.lap("apply, with the whole patch");
  const cib::WantedPatch beginning{cib::PatchExtent::kBeginning};
  (void)cib::apply(*repeater, prepared, {}, nullptr, cib::Keep::kNo, beginning);
  watch.lap("carry out and undo");
  (void)cib::apply(*repeater, prepared, {}, nullptr, cib::Keep::kYes, beginning);
  watch.lap("carry out, with the patch's beginning");
  std::printf("patch of %zu bytes\n", outcome->patch.text.size());
  CibChange change;
  change.patch = outcome->patch.text;
  const std::string event = encode(change);
  watch.lap("encode change");
  (void)decode_cib_server_message(event);
  watch.lap("decode change");
  (void)copy.stored_text();
  watch.lap("stored text");
  (void)cib::digest_as_stored(copy.cib());
  watch.lap("digest as stored");
  (void)copy.configuration_digest();
  watch.lap("configuration digest");
  const std::string configuration = copy.configuration_part();
  watch.lap("configuration as text");
  (void)xml::Document::parse(configuration);
  watch.lap("parse configuration");
  const std::string whole = copy.text();
  watch.lap("whole document as text");
  const std::string status = copy.status_part();
  watch.lap("status to be sent to a joiner");
  if (const auto adopted = copy.adopt(configuration, status, true); !adopted) {
    return std::cerr << adopted.error().message << '\n', 1;
  }
  watch.lap("adopt, as a joiner");
  const auto patch = xml::Document::parse(outcome->patch.text);
  watch.lap("parse patch");
  cib::Edit edit(*follower);
  const auto code = cib::apply_patch(edit, patch->root(), false);
  edit.commit();
  watch.lap("apply patch");
  return code == cib::Code::kOk ? 0 : 1;
}
