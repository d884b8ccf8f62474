#include "cib/upgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <unordered_set>

#include "cib/embedded_schemas.h"
#include "xml/relaxng.h"

namespace quorate::cib {

namespace {

/// The stylesheets that lead from a version to the next, in order; none for most versions.
std::vector<std::string_view> transformations_of(std::string_view schema) {
  if (schema == "pacemaker-1.3") return {kUpgradeFrom13};
  if (schema == "pacemaker-2.10") return {kUpgradeFrom210};
  if (schema == "pacemaker-3.10") return {kUpgradeFrom310, kDropUnsupported};
  return {};
}

Result<xml::Document> transform(xml::Element cib, std::span<const std::string_view> stylesheets) {
  xml::Document current;
  for (const std::string_view text : stylesheets) {
    auto parsed = xml::Document::parse(text, "upgrade stylesheet");
    assert(parsed && "stylesheets are part of the program");
    auto stylesheet = xml::Stylesheet::compile(*parsed);
    assert(stylesheet && "stylesheets are part of the program");
    auto result = stylesheet->apply(current ? current.root() : cib);
    if (!result) return tl::unexpected(result.error());
    current = std::move(*result);
  }
  return current;
}

/// Puts the attributes and the configuration of `source` in place of those of `cib`.
void replace_configuration(xml::Element cib, xml::Element source) {
  for (const xml::Attribute& attribute : source.attributes()) {
    cib.set(attribute.name, attribute.value);
  }
  xml::Element old = cib.first_child("configuration");
  old.add_copy_before(source.first_child("configuration"));
  old.remove();
}

/// Lines that say what differs between two configurations, by element name and id.
void describe_changes(xml::Element before, xml::Element after, std::string_view step,
                      std::vector<std::string>& changes) {
  const auto for_each_entry = [](xml::Element configuration, auto&& visit) {
    for (const xml::Element section : xml::children(configuration)) {
      for (const xml::Element entry : xml::children(section)) visit(entry);
    }
  };
  std::unordered_set<std::string> old_entries;
  std::size_t old_count = 0;
  for_each_entry(before, [&](xml::Element entry) {
    old_entries.insert(entry.to_string());
    ++old_count;
  });
  std::size_t new_count = 0;
  for_each_entry(after, [&](xml::Element entry) {
    ++new_count;
    if (old_entries.contains(entry.to_string())) return;
    changes.push_back(
        fmt::format("{}: <{} id=\"{}\"> was rewritten", step, entry.name(), entry.id()));
  });
  if (new_count < old_count) {
    changes.push_back(fmt::format("{}: {} elements that no version supports any more were dropped",
                                  step, old_count - new_count));
  }
}

/// The document while it walks from version to version; nothing of the original changes before
/// commit.
class Walk {
 public:
  Walk(xml::Element cib, Schemas& schemas) : cib_(cib), schemas_(schemas) {}

  bool validates(std::string_view schema) {
    return schemas_.validate(current(), schema, false).empty();
  }

  /// Step 3 of the walk. Error: the transformation failed or didn't help; the document is as
  /// before.
  Result<void> transform_to(std::string_view from, std::string_view next) {
    const auto stylesheets = transformations_of(from);
    if (stylesheets.empty() || validates(next)) return {};
    const xml::DetachedContent status(current().first_child("status"));
    auto result = transform(current(), stylesheets);
    if (!result) return fail(ErrorKind::kInvalid, result.error().message);
    const auto violations = schemas_.validate(result->root(), next);
    if (!violations.empty()) {
      return fail(ErrorKind::kInvalid,
                  fmt::format("the transformation from {} to {} doesn't give a valid document: {}",
                              from, next, violations.front().to_string()));
    }
    describe_changes(current().first_child("configuration"),
                     result->root().first_child("configuration"),
                     fmt::format("{} to {}", from, next), changes_);
    pending_ = std::move(*result);
    return {};
  }

  bool transformed() const { return static_cast<bool>(pending_); }
  void commit(std::string_view schema) {
    if (pending_) replace_configuration(cib_, pending_.root());
    cib_.set("validate-with", schema);
  }
  std::vector<std::string> take_changes() { return std::move(changes_); }

 private:
  xml::Element current() { return pending_ ? pending_.root() : cib_; }

  xml::Element cib_;
  Schemas& schemas_;
  xml::Document pending_;
  std::vector<std::string> changes_;
};

Result<std::string> claimed_schema(xml::Element cib) {
  const auto claimed = cib.get("validate-with");
  if (!claimed) {
    return fail(ErrorKind::kSchema,
                "Cannot validate CIB with missing validate-with (manually edit to use a known "
                "schema)");
  }
  if (schema_position(*claimed) < 0) {
    return fail(ErrorKind::kSchema,
                fmt::format("Cannot validate CIB with unknown validate-with '{}' (manually edit to "
                            "use a known schema)",
                            *claimed));
  }
  return std::string(*claimed);
}

/// Versions from here on only add to what is allowed, until the next series takes away. So a
/// document that claims one of them and satisfies the newest is carried there by the walk
/// untouched.
constexpr std::string_view kFirstThatOnlyGrows = "pacemaker-3.3";

bool reaches_newest_untouched(xml::Element cib, Schemas& schemas, int start, int last) {
  return last == schema_position(kNewestSchema) && start < last &&
         start >= schema_position(kFirstThatOnlyGrows) &&
         schemas.validate(cib, kNewestSchema, false).empty();
}

}  // namespace

Result<UpgradeReport> upgrade(xml::Document& document, Schemas& schemas, std::string_view limit) {
  xml::Element cib = document.root();
  auto claimed = claimed_schema(cib);
  if (!claimed) return tl::unexpected(claimed.error());
  UpgradeReport report{*claimed, *claimed, false, {}};
  const auto names = schema_names();
  const int start = schema_position(*claimed);
  const int last = schema_position(limit);
  if (start >= static_cast<int>(names.size())) return report;
  if (reaches_newest_untouched(cib, schemas, start, last)) {
    report.to = kNewestSchema;
    cib.set("validate-with", kNewestSchema);
    return report;
  }

  Walk walk(cib, schemas);
  std::optional<int> best;
  std::optional<Error> failure;
  for (int at = start; at <= last; ++at) {
    const std::string_view schema = names[static_cast<std::size_t>(at)];
    if (!walk.validates(schema)) {
      if (best) break;
      failure = Error{ErrorKind::kSchema, {}};
      continue;
    }
    best = at;
    failure.reset();
    if (at == last) break;
    const auto moved = walk.transform_to(schema, names[static_cast<std::size_t>(at) + 1]);
    if (!moved) failure = moved.error();
  }
  if (!best) {
    return fail(ErrorKind::kSchema,
                fmt::format("it does not validate with any schema from {} to the latest: {}",
                            *claimed, schemas.validate(cib, *claimed).front().to_string()));
  }
  if (failure && !failure->message.empty() && *best < last) return tl::unexpected(*failure);
  report.transformed = walk.transformed();
  report.to = std::string(names[static_cast<std::size_t>(*best)]);
  report.changes = walk.take_changes();
  if (*best > start) walk.commit(report.to);
  return report;
}

std::string describe(const UpgradeReport& report) {
  if (!report.transformed) return {};
  constexpr std::size_t kMostNamed = 20;
  std::string text = fmt::format("Configuration upgraded from {} to {} for internal use only",
                                 report.from, report.to);
  for (std::size_t i = 0; i < report.changes.size() && i < kMostNamed; ++i) {
    text.append(i == 0 ? ": " : "; ").append(report.changes[i]);
  }
  if (report.changes.size() > kMostNamed) {
    text += fmt::format("; and {} more", report.changes.size() - kMostNamed);
  }
  return text;
}

bool is_usable(xml::Element cib) {
  const auto claimed = claimed_schema(cib);
  return claimed && schema_position(*claimed) >= schema_position(kOldestUsableSchema);
}

Result<UpgradeReport> make_usable(xml::Document& document, Schemas& schemas) {
  auto claimed = claimed_schema(document.root());
  if (!claimed) return tl::unexpected(claimed.error());
  if (schema_position(*claimed) >= schema_position(kOldestUsableSchema)) {
    return UpgradeReport{*claimed, *claimed, false, {}};
  }
  auto report = upgrade(document, schemas);
  if (!report) {
    return fail(ErrorKind::kSchema,
                fmt::format("Cannot upgrade configuration (claiming {} schema) to at least {} "
                            "because {}",
                            *claimed, kOldestUsableSchema, report.error().message));
  }
  if (schema_position(report->to) < schema_position(kOldestUsableSchema)) {
    return fail(ErrorKind::kSchema,
                fmt::format("Cannot upgrade configuration (claiming {} schema) to at least {} "
                            "because it would not upgrade past {}",
                            *claimed, kOldestUsableSchema, report->to));
  }
  return report;
}

}  // namespace quorate::cib
