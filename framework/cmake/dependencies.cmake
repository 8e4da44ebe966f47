# The third-party libraries of the framework and of the engines in this build, as arguments of one find_package() each.
# Used by the build, and copied to banyan-config.cmake: whoever links the installed static libraries must link these
# too. A room names those that it uses in EXTERNAL or INTERNAL (banyan.cmake).
set(BANYAN_DEPENDENCIES
  "Threads"
  "CAF 0.17.6"
  "Boost 1.81 CONFIG COMPONENTS headers json url"
  "SQLite3"
  "spdlog CONFIG"
  "tomlplusplus CONFIG"
  "CLI11 CONFIG"
  "xxHash"
  "PrometheusCore")
if(BANYAN_WITH_TLS)
  list(APPEND BANYAN_DEPENDENCIES "OpenSSL 3")
endif()
