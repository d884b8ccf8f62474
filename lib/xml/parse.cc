#include <fmt/format.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include <limits>
#include <string>
#include <utility>

#include "base/text.h"
#include "xml/document.h"

namespace quorate::xml {

namespace {

void ignore_error(void*, xmlErrorPtr) {}

/// A thread's parser. Kept from one document to the next, since setting one up costs more than
/// parsing a message; replaced when the names it has learnt take too much memory.
class Parser {
 public:
  Parser() = default;
  ~Parser() { xmlFreeParserCtxt(context_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  xmlParserCtxtPtr context() {
    constexpr std::size_t kMaxNames = std::size_t{1} << 20;
    if (context_ != nullptr && xmlDictGetUsage(context_->dict) > kMaxNames) {
      xmlFreeParserCtxt(std::exchange(context_, nullptr));
    }
    if (context_ == nullptr) {
      context_ = xmlNewParserCtxt();
      context_->sax->serror = ignore_error;
    }
    return context_;
  }
  /// Where a short document is while it is parsed.
  std::string& place() { return place_; }

 private:
  xmlParserCtxtPtr context_ = nullptr;
  std::string place_;
};

Error parse_error(const xmlError* error, std::string_view source) {
  std::string_view what = error == nullptr || error->message == nullptr
                              ? std::string_view("not well-formed XML")
                              : trim(error->message);
  const int line = error == nullptr ? 0 : error->line;
  return {ErrorKind::kInvalid,
          fmt::format("{}: line {}: not well-formed XML: {}", source, line, what)};
}

/// Whether the text can't be in an encoding other than UTF-8: it has neither a byte order mark nor
/// an XML declaration.
bool has_no_encoding(std::string_view text) {
  return text.size() > 1 && text[0] == '<' && text[1] != '?' && text[1] != '\0';
}

/// Input for the parser, null if there is no memory for it. Messages, which are short, are read
/// where they are: a buffer makes libxml2 ask it for more before each token of their end. `place`
/// is theirs until the parser is reset.
xmlParserInputPtr input_of(xmlParserCtxtPtr context, std::string_view text, std::string& place) {
  constexpr std::size_t kShort = std::size_t{64} << 10;
  if (text.size() <= kShort && has_no_encoding(text)) {
    xmlParserInputPtr input = xmlNewInputStream(context);
    if (input == nullptr) return nullptr;
    place.assign(text);  // ends with a zero byte
    input->base = input->cur = reinterpret_cast<const xmlChar*>(place.data());
    input->end = input->base + place.size();
    input->length = static_cast<int>(place.size());
    return input;
  }
  xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
      text.data(), static_cast<int>(text.size()), XML_CHAR_ENCODING_NONE);
  if (buffer == nullptr) return nullptr;
  xmlParserInputPtr input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE);
  if (input == nullptr) xmlFreeParserInputBuffer(buffer);
  return input;
}

/// As xmlCtxtReadMemory, without looking for attributes that a document type declares to be ids.
xmlDocPtr read(xmlParserCtxtPtr context, std::string_view text, std::string& place) {
  // XML_PARSE_HUGE lifts limits on size only; entities can't be declared, see below.
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_HUGE |
                           XML_PARSE_COMPACT | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
  xmlCtxtReset(context);
  xmlParserInputPtr input = input_of(context, text, place);
  if (input == nullptr) return nullptr;
  inputPush(context, input);
  xmlCtxtUseOptions(context, kOptions);
  context->loadsubset = XML_SKIP_IDS;
  xmlParseDocument(context);
  xmlDocPtr document = std::exchange(context->myDoc, nullptr);
  if (context->wellFormed != 0) return document;
  xmlFreeDoc(document);
  return nullptr;
}

int depth_of(const xmlNode* root, int limit) {
  int depth = 1;
  int deepest = 1;
  const xmlNode* at = root;
  while (at != nullptr) {
    if (at->type == XML_ELEMENT_NODE && at->children != nullptr) {
      at = at->children;
      if (++depth > deepest) deepest = depth;
      if (deepest > limit + 1) return deepest;
      continue;
    }
    while (at != root && at->next == nullptr) {
      at = at->parent;
      --depth;
    }
    if (at == root) break;
    at = at->next;
  }
  return deepest;
}

}  // namespace

Result<Document> Document::parse(std::string_view text, std::string_view source,
                                 const ParseLimits& limits) {
  if (text.size() > limits.max_bytes ||
      text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return fail(ErrorKind::kInvalid, fmt::format("{}: {} bytes of XML are more than the {} allowed",
                                                 source, text.size(), limits.max_bytes));
  }
  thread_local Parser parser;
  const xmlParserCtxtPtr context = parser.context();
  xmlDocPtr raw = read(context, text, parser.place());
  Document document = adopt(raw);
  if (raw == nullptr || xmlDocGetRootElement(raw) == nullptr) {
    return tl::unexpected(parse_error(xmlCtxtGetLastError(context), source));
  }
  if (raw->intSubset != nullptr || raw->extSubset != nullptr) {
    return fail(ErrorKind::kInvalid,
                fmt::format("{}: a document type declaration is not allowed", source));
  }
  if (depth_of(xmlDocGetRootElement(raw), limits.max_depth) > limits.max_depth + 1) {
    return fail(ErrorKind::kInvalid, fmt::format("{}: elements are nested deeper than {} levels",
                                                 source, limits.max_depth));
  }
  return document;
}

}  // namespace quorate::xml
