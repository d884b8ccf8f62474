// Reads and parses a file and ends: what reading a CIB costs before anything is decided.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "xml/document.h"

namespace {

std::string content_of(const char* name) {
  std::ifstream file(name, std::ios::binary | std::ios::ate);
  std::string text(file ? static_cast<std::size_t>(file.tellg()) : 0, '\0');
  file.seekg(0);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: parse_only FILE\n");
    return 64;
  }
  const auto document = quorate::xml::Document::parse(content_of(argv[1]), argv[1]);
  if (!document) {
    std::fprintf(stderr, "%s\n", document.error().message.c_str());
    return 65;
  }
  std::_Exit(document->root() ? 0 : 1);  // without taking the document apart, as crm_simulate does
}
