#include "common/cib_access.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "cib/access.h"
#include "cib/schema_validator.h"
#include "common/account.h"
#include "common/files.h"
#include "io/ipc/connection.h"

namespace quorate::cli {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

CibAnswer answer_of(cib::Outcome outcome) {
  return {outcome.code, std::move(outcome.message), std::move(outcome.data), outcome.version,
          Durability::kNotStored};
}

/// A CIB in a file, changed in memory and written back at the end.
class FileCib : public CibAccess {
 public:
  FileCib(std::string path, cib::Cib cib, std::string user)
      : path_(std::move(path)), cib_(std::move(cib)), user_(std::move(user)) {
    if (user_.empty()) user_ = environment("CIB_user");
  }

  static Result<std::unique_ptr<CibAccess>> load(const std::string& path, const std::string& user) {
    auto text = read_input(path);
    if (!text) {
      return fail(ErrorKind::kNotFound,
                  fmt::format("No such device or address\n{}: {}", path, text.error().message));
    }
    const auto bad = [](const std::string& why) {
      return fail(ErrorKind::kSchema, "Update does not conform to the configured schema\n" + why);
    };
    auto parsed = xml::Document::parse(*text, path);
    if (!parsed) return bad(parsed.error().message);
    xml::Element root = parsed->root();
    if (root.name() == "cib" && !root.first_child("status")) root.add("status");
    auto cib = cib::Cib::from(std::move(*parsed));
    if (!cib) return bad(path + ": " + cib.error().message);
    cib::SchemaValidator validator;
    const xml::DetachedContent status(cib->status());
    if (const auto complaints = validator.complaints(cib->root()); !complaints.empty()) {
      return bad(path + ": " + complaints.front());
    }
    return std::make_unique<FileCib>(path, std::move(*cib), user);
  }

  Result<CibAnswer> run(const cib::Request& request, std::int64_t) override {
    cib::Context context;
    context.user = user_;
    context.groups = groups_of(context.user);
    context.enforce_access =
        !context.user.empty() && subject_to_acls(context.user) && cib::acls_enabled(cib_);
    if (!cib::modifies(request.operation)) return answer_of(cib::query(cib_, request, context));
    const bool dry_run = request.options.dry_run;
    cib::Outcome outcome =
        cib::apply(cib_, request, context, &validator_, dry_run ? cib::Keep::kNo : cib::Keep::kYes);
    changed_ = changed_ || (outcome.changed && !dry_run);
    return answer_of(std::move(outcome));
  }

  Result<void> sign_off() override {
    if (!changed_ || path_ == "-") return {};
    changed_ = false;
    return write_file(path_, file_text(cib_.root()));
  }
  bool is_live() const override { return false; }

 private:
  std::string path_;
  cib::Cib cib_;
  std::string user_;
  cib::SchemaValidator validator_;
  bool changed_ = false;
};

/// The service of this node.
class LiveCib : public CibAccess {
 public:
  LiveCib(ipc::Connection connection, std::string client, std::string user)
      : connection_(std::move(connection)), client_(std::move(client)), user_(std::move(user)) {
    std::random_device device;
    session_ = fmt::format("{}-{}-{:08x}{:08x}", client_, ::getpid(), device(), device());
  }

  Result<CibAnswer> run(const cib::Request& request, std::int64_t timeout_ms) override {
    CibRequest message;
    message.id = ++last_id_;
    message.session = session_;
    message.client = client_;
    message.user = user_;
    message.what = request;
    if (auto sent = connection_.send(encode(message), timeout_ms); !sent) {
      return tl::unexpected(sent.error());
    }
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      auto received = connection_.receive(std::max<std::int64_t>(left.count(), 0));
      if (!received) return tl::unexpected(received.error());
      auto decoded = decode_cib_server_message(*received);
      if (!decoded) return tl::unexpected(decoded.error());
      auto* reply = std::get_if<CibReply>(&*decoded);
      if (reply == nullptr || reply->id != message.id) continue;
      return CibAnswer{reply->code, std::move(reply->message), std::move(reply->data),
                       reply->version, reply->durability};
    }
  }

  Result<void> sign_off() override { return {}; }
  bool is_live() const override { return true; }

 private:
  ipc::Connection connection_;
  std::string client_;
  std::string user_;
  std::string session_;
  std::uint64_t last_id_ = 0;
};

}  // namespace

Result<std::unique_ptr<CibAccess>> CibAccess::open(const std::string& client,
                                                   const std::string& user) {
  if (const std::string shadow = environment("CIB_shadow"); !shadow.empty()) {
    return open_file(shadow_path(shadow), user);
  }
  return open_real(client, user);
}

Result<std::unique_ptr<CibAccess>> CibAccess::open_real(const std::string& client,
                                                        const std::string& user) {
  if (const std::string file = environment("CIB_file"); !file.empty()) return open_file(file, user);
  return open_live(client, user);
}

Result<std::unique_ptr<CibAccess>> CibAccess::open_file(const std::string& path,
                                                        const std::string& user) {
  return FileCib::load(path, user);
}

Result<std::unique_ptr<CibAccess>> CibAccess::open_live(const std::string& client,
                                                        const std::string& user) {
  // A service that is down refuses at once, one that hangs is killed before: this one is busy.
  constexpr std::int64_t kConnectTimeoutMs = 30'000;
  auto connection = ipc::Connection::open("quorate-cib", kConnectTimeoutMs);
  if (!connection) {
    if (connection.error().kind == ErrorKind::kPermission) {
      return fail(ErrorKind::kPermission, "Permission denied");
    }
    return fail(ErrorKind::kDisconnected, "Transport endpoint is not connected");
  }
  return std::make_unique<LiveCib>(std::move(*connection), client, user);
}

Result<xml::Document> CibAccess::document(std::int64_t timeout_ms) {
  cib::Request query;
  auto answer = run(query, timeout_ms);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->code != cib::Code::kOk) {
    return fail(cib::error_kind_of(answer->code), std::string(cib::message_of(answer->code)));
  }
  return xml::Document::parse(answer->data, "the CIB");
}

bool file_in_place_of_cluster() {
  return !environment("CIB_shadow").empty() || !environment("CIB_file").empty();
}

std::string shadow_path(const std::string& name) {
  const std::string file = "shadow." + name;
  if (const std::string folder = environment("CIB_shadow_dir"); !folder.empty()) {
    return folder + "/" + file;
  }
  const std::string user = own_user();
  if (user == "root" || user == "hacluster") return "/var/lib/pacemaker/cib/" + file;
  if (const std::string home = environment("HOME"); !home.empty()) return home + "/.cib/" + file;
  const std::string folder = environment("TMPDIR");
  return (folder.starts_with('/') ? folder : std::string("/tmp")) + "/" + file;
}

std::string durability_notice(Durability durability) {
  switch (durability) {
    case Durability::kDurable:
    case Durability::kNotStored:
      return {};
    case Durability::kApplied:
      return "The change is applied but may be superseded: the cluster has no quorum, or its "
             "membership changed before enough nodes had stored it";
    case Durability::kUnknown:
      return "It is not known whether the change was applied: the connection to the cluster was "
             "lost; query the CIB before trying again";
  }
  return {};
}

}  // namespace quorate::cli
