// Catch2's main, compiled once for every test program. On request it also leaves a tally behind: "<passed> <failed>" test cases in
// the file named by BANYAN_TALLY, so that tests/run can count test cases and not programs.
#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

namespace {

struct tally : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void testRunEnded(const Catch::TestRunStats& stats) override {
    const auto& cases = stats.totals.testCases;
    if (const char* path = std::getenv("BANYAN_TALLY"))
      std::ofstream{path} << cases.passed + cases.failedButOk << ' ' << cases.failed << '\n';
  }
};

CATCH_REGISTER_LISTENER(tally)

}  // namespace
