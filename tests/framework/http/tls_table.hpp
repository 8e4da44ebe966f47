// The table of handshakes that a test prints: one row per case, with what was seen.
#pragma once

#include <cstdio>
#include <string>

namespace banyan::test {

class tls_table {
 public:
  explicit tls_table(const char* title) { std::printf("\n%s\n%-52s %-34s %s\n", title, "case", "seen", "outcome"); }
  void row(const std::string& name, const std::string& seen, const std::string& outcome = {}) {
    std::printf("%-52s %-34s %s\n", name.c_str(), seen.c_str(), outcome.c_str());
  }
};

}  // namespace banyan::test
