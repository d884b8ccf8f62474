# The standard headers that nearly every source includes, compiled once for the whole tree. It halves the time of a
# build from nothing, but keeps ccache from sharing objects between checkouts, so it is used where there is no ccache.

option(QUORATE_PRECOMPILED_HEADERS "Compile the standard headers once" "${quorate_precompile_by_default}")

# quorate_collect_targets(RESULT FOLDER): every program and library declared in FOLDER and below.
function(quorate_collect_targets result folder)
  set(found "")
  get_property(subfolders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(subfolder IN LISTS subfolders)
    quorate_collect_targets(below ${subfolder})
    list(APPEND found ${below})
  endforeach()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(EXECUTABLE|STATIC_LIBRARY)$")
      list(APPEND found ${target})
    endif()
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# quorate_precompile_headers(): call at the end, when all targets are declared.
function(quorate_precompile_headers)
  if(NOT QUORATE_PRECOMPILED_HEADERS)
    return()
  endif()
  quorate_collect_targets(targets ${CMAKE_SOURCE_DIR})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cc CONTENT "int quorate_precompiled;\n")
  add_library(quorate_precompiled STATIC ${CMAKE_BINARY_DIR}/precompiled.cc)
  target_precompile_headers(quorate_precompiled PRIVATE
    <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <unordered_map> <unordered_set> <utility> <variant> <vector>)
  foreach(target IN LISTS targets)
    target_precompile_headers(${target} REUSE_FROM quorate_precompiled)
  endforeach()
endfunction()
