# Every third-party library of the framework, one find_package() each. Read by the build, and again by those who use an
# installed Banyan: its static libraries do not carry what they are linked with. Rooms name what they use in EXTERNAL or
# INTERNAL.
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
