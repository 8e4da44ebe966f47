# Finds xxHash by its CMake config, or without one: Debian's libxxhash-dev has a .pc file only. Defines xxHash::xxhash.
include(FindPackageHandleStandardArgs)

find_package(xxHash CONFIG QUIET)
if(xxHash_FOUND)
  find_package_handle_standard_args(xxHash CONFIG_MODE)
  return()
endif()

find_path(xxHash_INCLUDE_DIR xxhash.h)
find_library(xxHash_LIBRARY xxhash)
mark_as_advanced(xxHash_INCLUDE_DIR xxHash_LIBRARY xxHash_DIR)
find_package_handle_standard_args(xxHash REQUIRED_VARS xxHash_LIBRARY xxHash_INCLUDE_DIR)

if(xxHash_FOUND AND NOT TARGET xxHash::xxhash)
  add_library(xxHash::xxhash UNKNOWN IMPORTED)
  set_target_properties(xxHash::xxhash PROPERTIES
    IMPORTED_LOCATION ${xxHash_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${xxHash_INCLUDE_DIR})
endif()
