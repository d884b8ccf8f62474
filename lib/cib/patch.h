#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cib/edit.h"

/// Patches of format 2 (spec/08 §10).
namespace quorate::cib {

struct PatchOptions {
  bool ignore_attribute_order = false;
  bool with_version = true;
  std::string digest;  ///< written if not empty
};

/// The patch for what an edit has done so far; empty if nothing was changed. Cost: what was
/// touched, plus the siblings of it.
std::string patch_of(const Edit& edit, xml::Element root, const PatchOptions& options = {});

/// How much of a patch somebody needs to see.
enum class PatchExtent {
  kWhole,
  kBeginning,  ///< whole unless it is long and `sections` says enough of the rest
  kNothing,
};

/// A patch that may be too long to be looked at by everyone.
struct ExtendedPatch {
  std::string text;  ///< a patch: all changes, or those of the beginning only
  /// Bytes of `text` in front of what comes behind the first changes of a long patch; 0 if it isn't
  /// long. The same whatever extent was asked for.
  std::size_t beginning = 0;
  std::string rest;  ///< a digest of what comes behind them
  /// If it is long: the sections of the configuration in which all of its changes (but that of the
  /// version) are. None if there are others.
  std::vector<std::string> sections;

  /// The first changes as a patch.
  std::string beginning_text() const;
};
/// As above. A patch is long from `long_bytes` on.
ExtendedPatch extended_patch_of(const Edit& edit, xml::Element root, PatchExtent extent,
                                std::size_t long_bytes);

/// Applies the changes of a patch (spec/08 §10.4), with the version check if wanted. On an error
/// the edit is to be rolled back. kNoMessage, kDiffFailed, kOldData, kInvalidArgument.
Code apply_patch(Edit& edit, xml::Element patch, bool check_versions);

/// For people (spec/08 §10.6): lines ending in newlines.
std::string patch_as_text(xml::Element patch);

/// Turns `from` into what `to` is, as compare() of spec/08 §10.3: reports deletions, creations,
/// changed attributes and moves. `to` may belong to another document.
void transform(Edit& edit, xml::Element from, xml::Element to, bool ignore_attribute_order = false);

/// What crm_diff prints: the patch from one document to another, empty if there is no difference
/// (spec/08 §10.5).
Result<std::string> diff(xml::Element from, xml::Element to, const PatchOptions& options = {});

/// Attributes set (in the new order) and unset (in the old order) between two lists: views into
/// them.
struct AttributeChanges {
  std::vector<std::string_view> set;
  std::vector<std::string_view> unset;
  bool empty() const { return set.empty() && unset.empty(); }
};
AttributeChanges compare_attributes(const xml::AttributeList& before,
                                    const xml::AttributeList& after, bool ignore_order);

}  // namespace quorate::cib
