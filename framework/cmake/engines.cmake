# The engines (rooms below framework/banyan/engines) of this build. One that needs a library of its own, and that no
# other room links, can be left out by an option; then its library is not needed either:
#
#   option                         library   without it
#   BANYAN_WITH_FRAMED_TRANSPORT   OpenSSL   no calls between nodes over TCP and TLS
#
# BANYAN_WITH_TLS=OFF leaves out OpenSSL itself, and with it that engine: HTTP servers and clients then refuse options of
# TLS, and https URLs. The services, samples and tests of this tree need OpenSSL and are left out too, with a warning.
#
# SQLite is no such engine: views and delivery stores are tables of it, in memory too, so runtime, simulation and
# test_kit link it.
#
# BANYAN_ENGINES: the engines of this build, in the order of dependencies. BANYAN_ENGINES_LEFT_OUT: the others.
option(BANYAN_WITH_FRAMED_TRANSPORT "Build the engine framed_transport: calls between nodes over TCP and TLS, by OpenSSL" ON)

option(BANYAN_WITH_TLS "TLS for HTTP and between nodes, by OpenSSL" ON)
if(NOT BANYAN_WITH_TLS)
  set(BANYAN_WITH_FRAMED_TRANSPORT OFF CACHE BOOL "Needs BANYAN_WITH_TLS" FORCE)
endif()

set(BANYAN_ENGINES memory sqlite http_upstream)
set(BANYAN_ENGINES_LEFT_OUT "")
foreach(engine IN ITEMS framed_transport)
  string(TOUPPER ${engine} option)
  if(BANYAN_WITH_${option})
    list(APPEND BANYAN_ENGINES ${engine})
  else()
    list(APPEND BANYAN_ENGINES_LEFT_OUT ${engine})
  endif()
endforeach()

# An option that does not exist would be ignored, with a build that has what was to be left out.
get_cmake_property(given CACHE_VARIABLES)
list(FILTER given INCLUDE REGEX "^BANYAN_WITH_")
list(REMOVE_ITEM given BANYAN_WITH_FRAMED_TRANSPORT BANYAN_WITH_TLS)
foreach(option IN LISTS given)
  if(option STREQUAL "BANYAN_WITH_SQLITE" OR option STREQUAL "BANYAN_WITH_MEMORY" OR option STREQUAL "BANYAN_WITH_HTTP_UPSTREAM")
    if(NOT ${option})
      string(REPLACE "BANYAN_WITH_" "" engine ${option})
      string(TOLOWER ${engine} engine)
      message(FATAL_ERROR "${option}=${${option}}: Banyan can not be built without the engine ${engine}. The rooms runtime and simulation "
        "open journals of it; views and delivery stores are tables of SQLite, also where a journal is in memory. Remove the option: -U ${option}.")
    endif()
  else()
    message(FATAL_ERROR "${option} is no option of Banyan. The engine that can be left out is framed_transport: "
      "BANYAN_WITH_FRAMED_TRANSPORT; so can TLS: BANYAN_WITH_TLS. Remove the unknown option: -U ${option}.")
  endif()
endforeach()

list(JOIN BANYAN_ENGINES ", " engines)
if(BANYAN_ENGINES_LEFT_OUT)
  list(JOIN BANYAN_ENGINES_LEFT_OUT ", " left_out)
  string(APPEND engines "; left out: ${left_out}")
endif()
message(STATUS "Banyan's engines: ${engines}")
