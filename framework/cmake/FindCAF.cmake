# Finds the C++ Actor Framework by its CMake config, which version 1 has, or without one: Debian's libcaf-dev 0.17.6
# ships neither a config nor a .pc file.
#
#   CAF::core               imported target
#   CAF_VERSION_STRING      e.g. 0.17.6
include(FindPackageHandleStandardArgs)

# With a version of its own: CMake would pass the caller's on, 0.17.6, which the config of version 1 does not accept.
find_package(CAF 1 CONFIG QUIET COMPONENTS core)
if(CAF_FOUND)
  set(CAF_VERSION_STRING ${CAF_VERSION})
  find_package_handle_standard_args(CAF CONFIG_MODE)
  return()
endif()

# CAF_VERSION of the header is not reliable (1.1.0 defines it as 0100), hence the major version is read first.
find_path(CAF_INCLUDE_DIR caf/config.hpp)
find_library(CAF_CORE_LIBRARY caf_core)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY CAF_DIR)

if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp caf_defines REGEX "#define CAF_(VERSION|(MAJOR|MINOR|PATCH)_VERSION) ")
  if(caf_defines MATCHES "CAF_MAJOR_VERSION ([0-9]+)")
    set(CAF_VERSION_STRING ${CMAKE_MATCH_1})
    foreach(part MINOR PATCH)
      string(REGEX MATCH "CAF_${part}_VERSION ([0-9]+)" caf_matched "${caf_defines}")
      string(APPEND CAF_VERSION_STRING .${CMAKE_MATCH_1})
    endforeach()
  elseif(caf_defines MATCHES "CAF_VERSION ([0-9]+)")
    math(EXPR caf_major "${CMAKE_MATCH_1} / 10000")
    math(EXPR caf_minor "${CMAKE_MATCH_1} / 100 % 100")
    math(EXPR caf_patch "${CMAKE_MATCH_1} % 100")
    set(CAF_VERSION_STRING ${caf_major}.${caf_minor}.${caf_patch})
  endif()
endif()

find_package_handle_standard_args(CAF REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR VERSION_VAR CAF_VERSION_STRING)

if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
