#include <tests/framework/observability/captured_log.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace banyan;

namespace {

using captured = banyan::test::captured_log;

}  // namespace

TEST_CASE("a line is written with its time, level and fields") {
  captured c{log_level::info};
  log_info("order placed", {{"order", "536365"}});
  log_error("journal is full");
  CHECK(c.text() == "2026-01-02T03:04:05.678Z info    order placed order=536365\n2026-01-02T03:04:05.678Z error   journal is full\n");
}

TEST_CASE("a logger says for whom it speaks, and for which request") {
  captured c{log_level::info};
  const logger log{"orders"};
  log.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").warning("slow");
  log.of("nonsense").info("fine");
  CHECK(c.text() ==
        "2026-01-02T03:04:05.678Z warning orders: slow trace=4bf92f3577b34da6a3ce929d0e0e4736\n"
        "2026-01-02T03:04:05.678Z info    orders: fine\n");
}

TEST_CASE("what is below the level is not written") {
  captured c{log_level::warning};
  logger{}.trace("a");
  log_debug("b");
  log_info("c");
  CHECK(c.text().empty());
  CHECK_FALSE(logs(log_level::info));
  CHECK(logs(log_level::warning));
  log_warning("d");
  CHECK_FALSE(c.text().empty());
}

TEST_CASE("off is silent") {
  captured c{log_level::off};
  log_error("x");
  logger{}.log(log_level::off, "y");
  CHECK(c.text().empty());
}

TEST_CASE("a message is never read as a format") {
  captured c{log_level::info, log_format::json};
  log_info("{} {0} %v %s {", {{"k", "{}"}});
  CHECK(c.text() == R"({"time":"2026-01-02T03:04:05.678Z","level":"info","message":"{} {0} %v %s {","k":"{}"})"
                    "\n");
}

TEST_CASE("lines of several threads stay whole") {
  captured c{log_level::info};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) log_info("line", {{"filler", std::string(100, 'x')}});
    });
  for (auto& t : threads) t.join();
  std::istringstream lines{c.text()};
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    REQUIRE(line == "2026-01-02T03:04:05.678Z info    line filler=" + std::string(100, 'x'));
  }
  CHECK(count == 800);
}

TEST_CASE("levels and formats are read from their names") {
  for (auto l : {log_level::trace, log_level::debug, log_level::info, log_level::warning, log_level::error, log_level::off})
    CHECK(parse_log_level(to_string(l)).value() == l);
  for (auto f : {log_format::text, log_format::json}) CHECK(parse_log_format(to_string(f)).value() == f);
  CHECK_FALSE(parse_log_level("loud"));
  CHECK_FALSE(parse_log_format(""));
}
