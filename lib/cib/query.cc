#include "base/text.h"
#include "cib/access.h"
#include "cib/apply.h"
#include "cib/path.h"
#include "xml/xpath.h"

namespace quorate::cib {
namespace {

Outcome not_found(const Request& request) {
  Outcome outcome;
  outcome.code = Code::kNoSuchDevice;
  outcome.message = "'" + request.section + "': no such object in the CIB";
  return outcome;
}

std::string text_of(xml::Element element, bool no_children) {
  if (!no_children) return element.to_string();
  xml::Document shallow = xml::Document::with_root(element.name());
  xml::set_attribute_list(shallow.root(), xml::attribute_list(element));
  return shallow.root().to_string();
}

std::string addresses(const std::vector<xml::Match>& matches) {
  xml::Document result = xml::Document::with_root("xpath-query");
  for (const xml::Match& match : matches) {
    result.root().add("xpath-query-path").set("id", path_of(match.element));
  }
  return result.root().to_string();
}

std::string collection(const std::vector<xml::Match>& matches, bool no_children) {
  xml::AttributeList attributes;
  xml::Document result = xml::Document::with_root("xpath-query");
  std::string inner;
  for (const xml::Match& match : matches) {
    if (match.is_element) {
      inner += text_of(match.element, no_children);
    } else if (!match.attribute_name.empty()) {
      result.root().set(match.attribute_name, match.attribute_value);
    }
  }
  std::string text = result.root().to_string();
  if (inner.empty()) return text;
  text.resize(text.size() - 2);
  return text + ">" + inner + "</xpath-query>";
}

Outcome query_xpath(const Cib& cib, const Request& request) {
  const auto matches =
      xml::find_matches(cib.root(), request.section.empty() ? std::string_view("/*")
                                                            : std::string_view(request.section));
  Outcome outcome;
  if (!matches) {
    outcome.code = Code::kInvalidArgument;
    outcome.message = matches.error().message;
    return outcome;
  }
  if (matches->empty()) return not_found(request);
  if (request.options.addresses) {
    outcome.data = addresses(*matches);
  } else if (matches->size() == 1 && matches->front().is_element) {
    outcome.data = text_of(matches->front().element, request.options.no_children);
  } else {
    outcome.data = collection(*matches, request.options.no_children);
  }
  return outcome;
}

}  // namespace

Outcome query(const Cib& cib, const Request& request, const Context& context) {
  if (context.enforce_access) {
    const auto readable = readable_copy(cib, context.user, context.groups);
    if (!readable) {
      Outcome outcome;
      outcome.code = Code::kPermissionDenied;
      outcome.message = readable.error().message;
      outcome.version = cib.version();
      return outcome;
    }
    Context open = context;
    open.enforce_access = false;
    Outcome outcome = query(*readable, request, open);
    outcome.version = cib.version();
    return outcome;
  }
  Outcome outcome;
  if (request.options.xpath) {
    outcome = query_xpath(cib, request);
  } else if (const xml::Element element = cib.section(request.section)) {
    outcome.data = text_of(element, request.options.no_children);
  } else {
    outcome = not_found(request);
  }
  outcome.version = cib.version();
  return outcome;
}

}  // namespace quorate::cib
