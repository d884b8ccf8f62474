#include "xml/plain_tree.h"

#include <libxml/dict.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "xml/arena.h"
#include "xml/names.h"

namespace quorate::xml {
namespace {

constexpr int kMark = 0x51554F52;  // in xmlDoc::parseFlags: _private is an Arena

const xmlChar* chars(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

Arena& arena_of(const xmlDoc* doc) { return *static_cast<Arena*>(doc->_private); }

/// A short text is kept inside its node, where libxml2 keeps it, too (XML_PARSE_COMPACT).
constexpr std::size_t kInside = 2 * sizeof(void*);
xmlChar* inside(xmlNode* text) { return reinterpret_cast<xmlChar*>(&text->properties); }

/// How much was taken for a content outside of its node stands in xmlNode::extra, in units of 16;
/// the largest stands for a content whose length says it. 0: it isn't freed on its own.
constexpr std::size_t kUnit = 16;
constexpr std::size_t kMaxUnits = 0xFFFF;

std::string_view content_of(const xmlNode* text) {
  return text->content == nullptr ? std::string_view()
                                  : reinterpret_cast<const char*>(text->content);
}

std::size_t room_of(const xmlNode* text) {
  return text->extra < kMaxUnits ? text->extra * kUnit : content_of(text).size() + 1;
}

/// An attribute with its text: always made, and freed, together.
struct AttributeWithText {
  xmlAttr attribute;
  xmlNode text;
};

void fill_content(xmlNode* node, std::string_view content) {
  const std::size_t size = content.size() + 1;
  char* room = reinterpret_cast<char*>(inside(node));
  if (size > kInside || node->type != XML_TEXT_NODE) {
    const std::size_t units = (size + kUnit - 1) / kUnit;
    node->extra = static_cast<unsigned short>(std::min(units, kMaxUnits));
    room = static_cast<char*>(arena_of(node->doc).take(units < kMaxUnits ? units * kUnit : size));
  }
  std::copy(content.begin(), content.end(), room);
  room[content.size()] = 0;
  node->content = reinterpret_cast<xmlChar*>(room);
}

void free_content(xmlNode* node) {
  if (node->extra == 0) return;
  arena_of(node->doc).give_back(node->content, room_of(node));
  node->extra = 0;
}

void init_text(xmlNode* node, xmlDoc* doc) {
  std::memset(node, 0, sizeof *node);
  node->type = XML_TEXT_NODE;
  node->name = xmlStringText;
  node->doc = doc;
}

xmlNode* new_node(xmlDoc* doc) {
  auto* node = static_cast<xmlNode*>(arena_of(doc).take(sizeof(xmlNode)));
  std::memset(node, 0, sizeof *node);
  node->doc = doc;
  return node;
}

xmlAttr* append_attribute_without_value(xmlNode* element, xmlAttr* last, const xmlChar* name) {
  auto* made =
      static_cast<AttributeWithText*>(arena_of(element->doc).take(sizeof(AttributeWithText)));
  xmlAttr& attribute = made->attribute;
  std::memset(&attribute, 0, sizeof attribute);
  attribute.type = XML_ATTRIBUTE_NODE;
  attribute.name = name;
  attribute.doc = element->doc;
  attribute.parent = element;
  attribute.prev = last;
  (last == nullptr ? element->properties : last->next) = &attribute;
  init_text(&made->text, element->doc);
  made->text.parent = reinterpret_cast<xmlNode*>(&attribute);
  attribute.children = attribute.last = &made->text;
  return &attribute;
}

void free_plain_attribute(xmlAttr* attribute) {
  free_content(attribute->children);
  arena_of(attribute->doc).give_back(attribute, sizeof(AttributeWithText));
}

void free_plain_node(xmlNode* node) {
  if (node->type == XML_ELEMENT_NODE) {
    free_attributes(node);
  } else {
    free_content(node);
  }
  arena_of(node->doc).give_back(node, sizeof(xmlNode));
}

void free_plain_tree(xmlNode* root) {
  xmlNode* at = root;
  for (;;) {
    while (at->type == XML_ELEMENT_NODE && at->children != nullptr) {
      at = std::exchange(at->children, nullptr);
    }
    xmlNode* following = at->next != nullptr ? at->next : at->parent;
    const bool last = at == root;
    free_plain_node(at);
    if (last) return;
    at = following;
  }
}

xmlNode* copy_element(const xmlNode* source, xmlDoc* target) {
  const bool same_names = is_plain(source->doc) && source->doc->dict == target->dict;
  const auto name_for = [&](const xmlChar* name) {
    return same_names ? name : interned_name(target, reinterpret_cast<const char*>(name));
  };
  xmlNode* made = new_plain_element(target, name_for(source->name));
  made->line = source->line;
  xmlAttr* last = nullptr;
  for (const xmlAttr* attr = source->properties; attr != nullptr; attr = attr->next) {
    last = append_plain_attribute(
        made, last, name_for(attr->name),
        attr->children == nullptr ? std::string_view() : content_of(attr->children));
  }
  return made;
}

/// One node without its children; null if a plain document can't have such a one.
xmlNode* copy_node(const xmlNode* source, xmlDoc* target) {
  switch (source->type) {
    case XML_ELEMENT_NODE:
      return copy_element(source, target);
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
      return new_plain_text(target, content_of(source));
    case XML_COMMENT_NODE:
      return new_plain_comment(target, content_of(source));
    default:
      return nullptr;
  }
}

/// Processing instructions and what else has no place in plain documents is left out.
xmlNode* copy_into_plain(const xmlNode* source, xmlDoc* target) {
  xmlNode* const root = copy_node(source, target);
  const xmlNode* from = source;
  xmlNode* above = root;  // the copy of what `from` is in
  if (root == nullptr || from->type != XML_ELEMENT_NODE || from->children == nullptr) return root;
  from = from->children;
  for (;;) {
    xmlNode* made = copy_node(from, target);
    if (made != nullptr) append_plain_child(above, made);
    if (made != nullptr && from->type == XML_ELEMENT_NODE && from->children != nullptr) {
      from = from->children;
      above = made;
      continue;
    }
    while (from->next == nullptr) {
      from = from->parent;
      if (from == source) return root;
      above = above->parent;
    }
    from = from->next;
  }
}

/// As libxml2 does: what isn't UTF-8 makes it an ISO-8859-1 document.
void note_encoding(xmlDoc* doc, std::string_view value) {
  const auto beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(value.begin(), value.end(), beyond_ascii)) return;
  if (doc->encoding != nullptr || xmlCheckUTF8(chars(std::string(value).c_str())) != 0) return;
  doc->encoding = xmlStrdup(chars("ISO-8859-1"));
}

}  // namespace

xmlDoc* new_plain_document() {
  xmlDoc* doc = xmlNewDoc(chars("1.0"));
  doc->dict = Names::of_thread().dictionary();
  doc->_private = new Arena;
  doc->parseFlags = kMark;
  return doc;
}

bool is_plain(const xmlDoc* doc) {
  return doc != nullptr && doc->parseFlags == kMark && doc->_private != nullptr;
}

const xmlChar* interned_name(const xmlDoc* doc, std::string_view name) {
  return Names::of_thread().find(doc->dict, name);
}

char* room_for_text(xmlDoc* doc, std::size_t bytes) {
  return static_cast<char*>(arena_of(doc).take(bytes));
}

xmlNode* new_plain_element(xmlDoc* doc, const xmlChar* name) {
  xmlNode* made = new_node(doc);
  made->type = XML_ELEMENT_NODE;
  made->name = name;
  return made;
}

xmlNode* new_plain_text(xmlDoc* doc, std::string_view content) {
  xmlNode* made = new_node(doc);
  init_text(made, doc);
  fill_content(made, content);
  return made;
}

xmlNode* new_plain_text_in_place(xmlDoc* doc, char* content) {
  xmlNode* made = new_node(doc);
  init_text(made, doc);
  made->content = reinterpret_cast<xmlChar*>(content);
  return made;
}

xmlNode* new_plain_comment(xmlDoc* doc, std::string_view content) {
  xmlNode* made = new_node(doc);
  made->type = XML_COMMENT_NODE;
  made->name = xmlStringComment;
  fill_content(made, content);
  return made;
}

xmlAttr* append_plain_attribute(xmlNode* element, xmlAttr* last, const xmlChar* name,
                                std::string_view value) {
  xmlAttr* made = append_attribute_without_value(element, last, name);
  fill_content(made->children, value);
  return made;
}

xmlAttr* append_plain_attribute_in_place(xmlNode* element, xmlAttr* last, const xmlChar* name,
                                         char* value) {
  xmlAttr* made = append_attribute_without_value(element, last, name);
  made->children->content = reinterpret_cast<xmlChar*>(value);
  return made;
}

void set_plain_attribute(xmlNode* element, std::string_view name, std::string_view value) {
  note_encoding(element->doc, value);
  const xmlChar* interned = interned_name(element->doc, name);
  xmlAttr* last = nullptr;
  for (xmlAttr* attr = element->properties; attr != nullptr; last = attr, attr = attr->next) {
    if (attr->name != interned) continue;
    xmlNode* text = attr->children;
    xmlNode old = *text;  // `value` may stand in it
    if (old.content == inside(text)) {
      const std::string kept(value);
      return fill_content(text, kept);
    }
    text->extra = 0;
    fill_content(text, value);
    return free_content(&old);
  }
  append_plain_attribute(element, last, interned, value);
}

bool remove_plain_attribute(xmlNode* element, std::string_view name) {
  const xmlChar* interned = interned_name(element->doc, name);
  xmlAttr* attr = element->properties;
  while (attr != nullptr && attr->name != interned) attr = attr->next;
  if (attr == nullptr) return false;
  (attr->prev == nullptr ? element->properties : attr->prev->next) = attr->next;
  if (attr->next != nullptr) attr->next->prev = attr->prev;
  free_plain_attribute(attr);
  return true;
}

void append_plain_child(xmlNode* parent, xmlNode* child) {
  child->parent = parent;
  child->prev = parent->last;
  child->next = nullptr;
  (parent->last == nullptr ? parent->children : parent->last->next) = child;
  parent->last = child;
}

bool fits_plain_document(const xmlNode* root) {
  if (is_plain(root->doc)) return true;
  const auto fits = [](const xmlNode* node) {
    if (node->type == XML_TEXT_NODE || node->type == XML_COMMENT_NODE) return true;
    if (node->type != XML_ELEMENT_NODE || node->ns != nullptr || node->nsDef != nullptr) {
      return false;
    }
    for (const xmlAttr* attr = node->properties; attr != nullptr; attr = attr->next) {
      if (attr->ns != nullptr || (attr->children != nullptr && attr->children->next != nullptr)) {
        return false;
      }
    }
    return true;
  };
  for (const xmlNode* at = root;;) {
    if (!fits(at)) return false;
    if (at->type == XML_ELEMENT_NODE && at->children != nullptr) {
      at = at->children;
      continue;
    }
    while (at != root && at->next == nullptr) at = at->parent;
    if (at == root) return true;
    at = at->next;
  }
}

xmlNode* copy_tree(const xmlNode* source, xmlDoc* target) {
  if (is_plain(target)) return copy_into_plain(source, target);
  return xmlDocCopyNode(const_cast<xmlNode*>(source), target, 1);
}

void free_attributes(xmlNode* element) {
  xmlAttr* attr = std::exchange(element->properties, nullptr);
  if (!is_plain(element->doc)) return xmlFreePropList(attr);
  while (attr != nullptr) free_plain_attribute(std::exchange(attr, attr->next));
}

void free_tree(xmlNode* node) {
  if (is_plain(node->doc)) {
    free_plain_tree(node);
  } else {
    xmlFreeNode(node);
  }
}

void free_document(xmlDoc* doc) {
  if (is_plain(doc)) {
    delete &arena_of(doc);
    doc->children = doc->last = nullptr;
  }
  xmlFreeDoc(doc);
}

}  // namespace quorate::xml
