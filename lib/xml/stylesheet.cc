#include <libxml/tree.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include <cstdarg>
#include <cstdio>
#include <utility>

#include "base/text.h"
#include "xml/relaxng.h"

namespace quorate::xml {

namespace {

void collect_text(void* data, const char* format, ...) {
  char buffer[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  static_cast<std::string*>(data)->append(buffer);
}

/// Stylesheets are ours, but what they are applied to isn't: nothing outside may be touched.
void forbid_everything(xsltTransformContextPtr context, xsltSecurityPrefsPtr preferences) {
  for (const xsltSecurityOption option :
       {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
        XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK}) {
    xsltSetSecurityPrefs(preferences, option, xsltSecurityForbid);
  }
  xsltSetCtxtSecurityPrefs(preferences, context);
}

}  // namespace

struct Stylesheet::Compiled {
  ~Compiled() {
    if (sheet != nullptr) xsltFreeStylesheet(sheet);  // frees its document too
  }
  xsltStylesheetPtr sheet = nullptr;
};

Stylesheet::Stylesheet() : compiled_(std::make_unique<Compiled>()) {}
Stylesheet::Stylesheet(Stylesheet&&) noexcept = default;
Stylesheet& Stylesheet::operator=(Stylesheet&&) noexcept = default;
Stylesheet::~Stylesheet() = default;

Result<Stylesheet> Stylesheet::compile(const Document& stylesheet) {
  Stylesheet compiled;
  xmlDocPtr copy = xmlCopyDoc(stylesheet.raw(), 1);
  compiled.compiled_->sheet = xsltParseStylesheetDoc(copy);
  if (compiled.compiled_->sheet == nullptr) {
    xmlFreeDoc(copy);
    return fail(ErrorKind::kInternal, "XSLT stylesheet doesn't compile");
  }
  return compiled;
}

Result<Document> Stylesheet::apply(Element root) const {
  std::string messages;
  xsltTransformContextPtr context = xsltNewTransformContext(compiled_->sheet, root.raw()->doc);
  xsltSecurityPrefsPtr preferences = xsltNewSecurityPrefs();
  forbid_everything(context, preferences);
  xsltSetTransformErrorFunc(context, &messages, collect_text);
  xmlDocPtr result = xsltApplyStylesheetUser(compiled_->sheet, root.raw()->doc, nullptr, nullptr,
                                             nullptr, context);
  const bool ok = result != nullptr && context->state == XSLT_STATE_OK;
  xsltFreeTransformContext(context);
  xsltFreeSecurityPrefs(preferences);
  Document document = Document::adopt(result);
  if (!ok || !document.root()) {
    return fail(ErrorKind::kSchema,
                messages.empty() ? "transformation failed" : std::string(trim(messages)));
  }
  return document;
}

}  // namespace quorate::xml
