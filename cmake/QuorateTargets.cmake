# How the targets of this tree are declared: one per folder, sources by glob, same flags for all.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(QUORATE_WERROR "Treat warnings as errors" ON)
set(QUORATE_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined")
option(QUORATE_PLANTED "Compile deliberate bugs in, each switched on by name (tests/sim/planted)" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=include_file_ctime,include_file_mtime ${CCACHE_PROGRAM})
  set(quorate_precompile_by_default OFF)
else()
  set(quorate_precompile_by_default ON)
endif()
include(PrecompiledHeaders)

# Programs only, no shared libraries: -fPIE for all, which lets the compiler inline across a source's functions.
add_compile_options(-fPIE -pthread -Wall -Wextra -Wpedantic)
add_link_options(-pie -pthread)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 takes the inlined buffers of std::string for overruns (GCC bugs 105329, 105651).
  add_compile_options(-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(QUORATE_WERROR)
  add_compile_options(-Werror)
endif()
if(QUORATE_SANITIZE)
  add_compile_options(-fsanitize=${QUORATE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${QUORATE_SANITIZE})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# What runs under sanitizers in CI: unit tests and fuzz targets.
add_custom_target(checked_tests)

# quorate_plant(SOURCES...): compiles deliberate bugs into those sources that have any, if that is asked for. All others are the
# objects of the ordinary build, out of the compiler cache.
function(quorate_plant)
  if(NOT QUORATE_PLANTED)
    return()
  endif()
  foreach(source ${ARGN})
    file(STRINGS ${source} uses REGEX "^#include \"base/planted.h\"")
    if(uses)
      set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS QUORATE_PLANTED)
    endif()
  endforeach()
endfunction()

# quorate_library(NAME DEPS...): the library of the current folder, linked as quorate::NAME and
# included as "folder/header.h" relative to lib/. Without sources it is an interface library.
function(quorate_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.cc state/*.cc placement/*.cc actions/*.cc output/*.cc)
  if(sources)
    add_library(quorate_${name} STATIC ${sources})
    quorate_plant(${sources})
    target_include_directories(quorate_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(quorate_${name} PUBLIC ${ARGN})
  else()
    add_library(quorate_${name} INTERFACE)
    target_include_directories(quorate_${name} INTERFACE ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(quorate_${name} INTERFACE ${ARGN})
  endif()
  add_library(quorate::${name} ALIAS quorate_${name})
endfunction()

# quorate_program(NAME SOURCES... DEPS deps...): a program in bin/, installed beside all others (packaging).
function(quorate_program name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  install(TARGETS ${name} RUNTIME DESTINATION lib/quorate/bin)
endfunction()

# quorate_unit_test(NAME DEPS...): tests/unit/NAME/*.cc as one Catch2 program and one ctest entry.
function(quorate_unit_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  if(sources)
    add_executable(unit_${name} ${sources})
    target_link_libraries(unit_${name} PRIVATE catch_main ${ARGN})
    set_target_properties(unit_${name} PROPERTIES
                          RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_dependencies(checked_tests unit_${name})
    add_test(NAME unit.${name} COMMAND unit_${name}
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
  endif()
endfunction()
