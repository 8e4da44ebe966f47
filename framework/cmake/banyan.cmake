# The four functions that define the targets of this tree. Lists of files are explicit: nothing is globbed.
#
#   banyan_library(core SOURCES error.cpp HEADERS error.hpp EXTERNAL Boost::json INTERNAL xxHash::xxhash)     -> banyan::core
#   banyan_test(NAME error SOURCES error_test.cpp DEPS core)                                  -> CTest test
#   banyan_program(shop SOURCES main.cpp DEPS runtime)                                        -> build/<preset>/bin/shop
#   banyan_bench(bench_messages SOURCES messages_bench.cpp DEPS actor)                        -> build/<preset>/bin/bench_messages
#
# DEPS are rooms, services or samples by their short names. EXTERNAL are imported targets of dependencies.cmake whose
# headers the room's public headers include, INTERNAL those that its sources use. A room without SOURCES is header-only.
# HEADERS are public and installed. Headers that are not listed are internal to the room.

# In a parent project (add_subdirectory) these are the parent's choice.
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_STANDARD 20)
  set(CMAKE_CXX_STANDARD_REQUIRED ON)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

  find_program(CCACHE ccache)
  mark_as_advanced(CCACHE)
  if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without these settings ccache does not cache compilations with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  endif()

  # mold and lld link the many programs of the tests faster than the system's linker does.
  option(BANYAN_FAST_LINKER "Link with mold or lld, if the compiler finds one" ON)
  if(BANYAN_FAST_LINKER)
    include(CheckLinkerFlag)
    check_linker_flag(CXX -fuse-ld=mold BANYAN_HAS_MOLD)
    if(NOT BANYAN_HAS_MOLD)
      check_linker_flag(CXX -fuse-ld=lld BANYAN_HAS_LLD)
    endif()
    add_link_options($<$<BOOL:${BANYAN_HAS_MOLD}>:-fuse-ld=mold> $<$<BOOL:${BANYAN_HAS_LLD}>:-fuse-ld=lld>)
  endif()
endif()
# Tests are not optimised: at -O1 g++ gives false warnings, and -O2 does not make them faster, since most of their run
# time is spent in the libraries.
set(BANYAN_TEST_OPTIONS $<$<CONFIG:Release>:-O0>)

# On in our presets. Off by default, because other compilers and optimisation levels give other warnings.
option(BANYAN_WERROR "Warnings are errors" OFF)

set(BANYAN_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=: address,undefined or thread")

# Compile options of this tree only: users of the installed libraries do not inherit them.
add_library(banyan_warnings INTERFACE)
target_compile_options(banyan_warnings INTERFACE -Wall -Wextra -Wpedantic $<$<BOOL:${BANYAN_WERROR}>:-Werror> $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False warnings for operator+ of std::string (GCC bug 105651).
  target_compile_options(banyan_warnings INTERFACE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
endif()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False within a group: g++ exempts the types of the file that it was given, such as the frames of coroutines, but
  # takes the sources of a group for headers. Builds of file by file warn of real headers.
  target_compile_options(banyan_warnings INTERFACE -Wno-subobject-linkage)
endif()

if(BANYAN_SANITIZE)
  # Gives false warnings in instrumented code, according to GCC's manual.
  target_compile_options(banyan_warnings INTERFACE -Wno-maybe-uninitialized)
  add_compile_options(-fsanitize=${BANYAN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BANYAN_SANITIZE})
  add_library(banyan_sanitizer_options OBJECT ${PROJECT_SOURCE_DIR}/tests/support/sanitizer_options.cpp)
  target_compile_definitions(banyan_sanitizer_options
    PRIVATE UBSAN_SUPPRESSIONS="${PROJECT_SOURCE_DIR}/tests/support/ubsan_suppressions.txt")
  if(BANYAN_SANITIZE STREQUAL "thread")
    # g++ warns of every atomic fence, because the sanitizer does not model them; Boost and CAF use some.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# A precompiled header of the standard library and of Boost's reflection, since parsing them takes longer than compiling
# most of our files. It has none of our own headers, so that every file must include those that it uses (tests/headers
# compiles each header alone, without it).
add_library(banyan_foreign_headers OBJECT ${PROJECT_SOURCE_DIR}/framework/cmake/foreign_headers.cpp)
target_link_libraries(banyan_foreign_headers PRIVATE banyan_warnings Boost::json Threads::Threads)
target_compile_features(banyan_foreign_headers PRIVATE cxx_std_20)
target_precompile_headers(banyan_foreign_headers PRIVATE
  <algorithm> <array> <atomic> <charconv> <chrono> <coroutine> <deque> <functional> <map> <memory> <mutex> <optional> <set>
  <sstream> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector> <boost/describe.hpp> <boost/json.hpp>
  <boost/mp11.hpp>)

set_property(GLOBAL PROPERTY BANYAN_HEADERS "")

# out: the include directory of the current folder: framework/ for <banyan/...>, samples/ for <shop/...>, and the top of
# the source tree for <services/...>. out_top: the first folder of the current path, such as framework.
function(banyan_include_root out out_top)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
  string(REGEX REPLACE "/.*" "" top "${path}")
  if(top STREQUAL "services")
    set(${out} ${PROJECT_SOURCE_DIR} PARENT_SCOPE)
  else()
    set(${out} ${PROJECT_SOURCE_DIR}/${top} PARENT_SCOPE)
  endif()
  set(${out_top} ${top} PARENT_SCOPE)
endfunction()

function(banyan_rooms out)
  list(TRANSFORM ARGN PREPEND banyan::)
  set(${out} ${ARGN} PARENT_SCOPE)
endfunction()

function(banyan_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPS;EXTERNAL;INTERNAL")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "banyan_library(${name}): unexpected ${arg_UNPARSED_ARGUMENTS}")
  endif()
  banyan_include_root(root top)
  banyan_rooms(rooms ${arg_DEPS})
  if(arg_SOURCES)
    add_library(banyan_${name} STATIC ${arg_SOURCES})
    target_link_libraries(banyan_${name} PRIVATE $<BUILD_INTERFACE:banyan_warnings> ${arg_INTERNAL})
    target_precompile_headers(banyan_${name} REUSE_FROM banyan_foreign_headers)
    set(visibility PUBLIC)
  else()
    add_library(banyan_${name} INTERFACE)
    set(visibility INTERFACE)
  endif()
  add_library(banyan::${name} ALIAS banyan_${name})
  set_target_properties(banyan_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(banyan_${name} ${visibility} cxx_std_20)
  target_sources(banyan_${name} ${visibility} FILE_SET HEADERS BASE_DIRS ${root} FILES ${arg_HEADERS})
  target_link_libraries(banyan_${name} ${visibility} ${rooms} ${arg_EXTERNAL} Threads::Threads)
  foreach(header IN LISTS arg_HEADERS)
    set_property(GLOBAL APPEND PROPERTY BANYAN_HEADERS ${CMAKE_CURRENT_SOURCE_DIR}/${header})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY BANYAN_LIBRARIES banyan_${name})
  if(top STREQUAL "framework")
    set_property(GLOBAL APPEND PROPERTY BANYAN_ROOMS ${name})
  endif()
endfunction()

function(banyan_executable target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;EXTERNAL")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${target}: unexpected ${arg_UNPARSED_ARGUMENTS}")
  endif()
  banyan_rooms(rooms ${arg_DEPS})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${rooms} ${arg_EXTERNAL} banyan_warnings Threads::Threads)
  if(BANYAN_SANITIZE)
    target_link_libraries(${target} PRIVATE banyan_sanitizer_options)
  endif()
endfunction()

function(banyan_program name)
  banyan_executable(${name} ${ARGN})
  if("DEPS" IN_LIST ARGN)
    target_precompile_headers(${name} REUSE_FROM banyan_foreign_headers)
  endif()
endfunction()

function(banyan_bench name)
  banyan_executable(${name} ${ARGN})
  target_precompile_headers(${name} REUSE_FROM banyan_foreign_headers)
  target_link_libraries(${name} PRIVATE benchmark::benchmark)
endfunction()

# One CTest test per executable. Its CTest name is the path below tests/, with dots, and NAME, such as
# framework.core.error, for `tests/run --filter framework.core`. The executable also writes the numbers of test cases
# passed and failed to the file that BANYAN_TALLY names.
function(banyan_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;DEPS;EXTERNAL;LABELS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME)
    message(FATAL_ERROR "banyan_test(${arg_NAME}): a NAME and known keywords only; unexpected: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/tests OUTPUT_VARIABLE path)
  string(REPLACE "/" "." prefix "${path}")
  set(name ${prefix}.${arg_NAME})
  banyan_executable(test.${name} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} EXTERNAL ${arg_EXTERNAL})
  target_link_libraries(test.${name} PRIVATE banyan_test_main)
  target_compile_options(test.${name} PRIVATE ${BANYAN_TEST_OPTIONS})
  target_precompile_headers(test.${name} REUSE_FROM banyan_test_headers)
  set_target_properties(test.${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin OUTPUT_NAME ${name})
  add_test(NAME ${name} COMMAND test.${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT}
    LABELS "${arg_LABELS}"
    ENVIRONMENT "BANYAN_TALLY=${PROJECT_BINARY_DIR}/tests/tally/${name}")
endfunction()
