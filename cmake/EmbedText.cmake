# cmake -DOUTPUT=out.cc -DNAMESPACE=ns -DTEXTS="name=file;..." -P EmbedText.cmake
# Writes each file as a string literal, so that programs need no data files to run.
set(content "// Made by the build from the files in schemas/.\n#include <string_view>\n\nnamespace ${NAMESPACE} {\n")
foreach(pair ${TEXTS})
  string(REGEX MATCH "^([^=]+)=(.*)$" _ "${pair}")
  file(READ "${CMAKE_MATCH_2}" text)
  string(APPEND content "extern const std::string_view ${CMAKE_MATCH_1};\nconst std::string_view ${CMAKE_MATCH_1} = R\"q_text(${text})q_text\";\n")
endforeach()
string(APPEND content "}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUTPUT}" "${content}")
