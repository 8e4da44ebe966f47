# The third-party libraries of the framework, as arguments of one find_package() each. Used by the build, and by
# banyan-config.cmake: whoever links the installed static libraries must link these too. A room names those that it uses
# in EXTERNAL or INTERNAL (banyan.cmake).
set(BANYAN_DEPENDENCIES
  "Threads"
  "CAF 0.17.6"
  "Boost 1.81 CONFIG COMPONENTS headers json url"
  "OpenSSL 3"
  "SQLite3"
  "spdlog CONFIG"
  "tomlplusplus CONFIG"
  "CLI11 CONFIG"
  "xxHash"
  "PrometheusCore")
