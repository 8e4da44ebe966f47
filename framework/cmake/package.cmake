# Install rules and packages (`cmake --install`, `cpack`): the rooms (the libraries of framework/banyan) with their
# public headers, a CMake package, a pkg-config file, and the program `banyan`. Services, samples and tests are not
# installed.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

get_property(rooms GLOBAL PROPERTY BANYAN_ROOMS)
set(rooms_left_out ${BANYAN_ENGINES_LEFT_OUT})
list(TRANSFORM rooms_left_out PREPEND engines_)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/banyan)
set(built ${CMAKE_CURRENT_BINARY_DIR}/package)

# Builds everything that is installed.
add_custom_target(banyan_package DEPENDS banyan)
install(TARGETS banyan COMPONENT program RUNTIME)

set(archives "")
foreach(room IN LISTS rooms)
  install(TARGETS banyan_${room} EXPORT banyan
    ARCHIVE COMPONENT development
    FILE_SET HEADERS COMPONENT development)
  add_dependencies(banyan_package banyan_${room})
  get_target_property(type banyan_${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(PREPEND archives -lbanyan_${room})  # for the linker, a library precedes those that it uses
  endif()
endforeach()

install(EXPORT banyan NAMESPACE banyan:: FILE banyan-targets.cmake DESTINATION ${package_folder} COMPONENT development)
string(REGEX MATCH "^[0-9]+[.][0-9]+" caf_series "${CAF_VERSION_STRING}")
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/banyan-config.cmake.in ${built}/banyan-config.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before version 1.0 every minor version may break source compatibility.
write_basic_package_version_file(${built}/banyan-config-version.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES
    ${built}/banyan-config.cmake ${built}/banyan-config-version.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake ${CMAKE_CURRENT_LIST_DIR}/FindPrometheusCore.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindxxHash.cmake
  DESTINATION ${package_folder} COMPONENT development)

# banyan.pc derives the prefix from its own location, so that an installed tree can be packed or moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE BANYAN_PREFIX_FROM_PC)
list(JOIN archives " " BANYAN_ARCHIVES)
set(BANYAN_OPENSSL "")
if(BANYAN_WITH_TLS)
  set(BANYAN_OPENSSL " openssl >= 3")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/banyan.pc.in ${built}/banyan.pc @ONLY)
install(FILES ${built}/banyan.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# Two Debian packages: `banyan` with the program, and `libbanyan-dev`, which depends on the packages that
# conan/debian.txt lists under "Libraries", without those of engines that are left out.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright COMPONENT program
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/banyan)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright COMPONENT development
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libbanyan-dev)
if(PROJECT_IS_TOP_LEVEL)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conan/debian.txt)
  file(READ ${PROJECT_SOURCE_DIR}/conan/debian.txt needed)
  string(REGEX REPLACE ".*# Libraries\n([^#]*).*" "\\1" needed "${needed}")
  string(STRIP "${needed}" needed)
  if(NOT BANYAN_WITH_TLS)
    string(REPLACE "libssl-dev\n" "" needed "${needed}")
  endif()
  string(REPLACE "\n" ", " needed "${needed}")

  set(CPACK_PACKAGE_VENDOR Banyan)
  set(CPACK_PACKAGE_CONTACT "Banyan's maintainers <maintainers@banyan.invalid>")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
  set(CPACK_COMPONENTS_ALL program development)
  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_STRIP_FILES ON)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME banyan)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
  set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "The program banyan: makes new services, and supervises groups of programs.")
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libbanyan-dev)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${needed}")
  set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Static libraries, headers, CMake package and .pc file.")
  include(CPack)
endif()
