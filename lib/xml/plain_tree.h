#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <string_view>

/// Documents of elements, attributes, comments and text without namespaces: what a CIB and our
/// messages consist of. They are libxml2's own structures, so that all of libxml2 can read them,
/// but their nodes stand in memory of the document's own, which goes with it at once. So libxml2
/// must not free, or replace, anything in them. For lib/xml itself.
namespace quorate::xml {

/// An empty document; to be freed with free_document(). Names in it are in its dictionary, which
/// the documents of a thread share; every attribute has one text node.
xmlDoc* new_plain_document();
/// Whether new_plain_document() made it.
bool is_plain(const xmlDoc* doc);

/// The name in the dictionary of a plain document.
const xmlChar* interned_name(const xmlDoc* doc, std::string_view name);
/// Room for so many bytes, which stays until the document goes.
char* room_for_text(xmlDoc* doc, std::size_t bytes);

// Nodes of plain documents. `name` is one of the document's dictionary. Nothing made is linked yet.

xmlNode* new_plain_element(xmlDoc* doc, const xmlChar* name);
xmlNode* new_plain_text(xmlDoc* doc, std::string_view content);
/// `content` ends in a zero byte and stands in room_for_text().
xmlNode* new_plain_text_in_place(xmlDoc* doc, char* content);
xmlNode* new_plain_comment(xmlDoc* doc, std::string_view content);
/// Appends an attribute behind `last` (the element's last one; null: it has none).
xmlAttr* append_plain_attribute(xmlNode* element, xmlAttr* last, const xmlChar* name,
                                std::string_view value);
/// Likewise; `value` ends in a zero byte and stands in room_for_text().
xmlAttr* append_plain_attribute_in_place(xmlNode* element, xmlAttr* last, const xmlChar* name,
                                         char* value);
/// Sets an attribute, a new one behind the others. `value` may be a view of the old one.
void set_plain_attribute(xmlNode* element, std::string_view name, std::string_view value);
bool remove_plain_attribute(xmlNode* element, std::string_view name);
/// Links a node as the last child.
void append_plain_child(xmlNode* parent, xmlNode* child);

// Of any document.

/// Whether a plain document can hold all of it.
bool fits_plain_document(const xmlNode* root);

/// Deep copy, not linked. Into a plain document: without prefixes and processing instructions.
xmlNode* copy_tree(const xmlNode* source, xmlDoc* target);
void free_attributes(xmlNode* element);
/// Frees a node that isn't linked, with all beneath it.
void free_tree(xmlNode* node);
void free_document(xmlDoc* doc);

}  // namespace quorate::xml
