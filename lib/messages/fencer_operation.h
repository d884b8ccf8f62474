#pragma once

#include "messages/fencer.h"
#include "xml/document.h"

/// How a fencing operation is written into an element: in answers to clients and in messages
/// between fencers.
namespace quorate::fencer {

void put_operation(xml::Element element, const Operation& operation);
Operation get_operation(xml::Element element);

}  // namespace quorate::fencer
