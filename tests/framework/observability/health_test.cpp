#include <banyan/observability/health.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

TEST_CASE("a node is ready when all that was reported is") {
  health h;
  h.report("journal", health_state::ready, "open");
  auto answer = readyz(h.lines());
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"status":"ready","checks":[{"name":"journal","state":"ready","sentence":"open"}]})");
}

TEST_CASE("one that waits makes the node not ready, and says why") {
  health h;
  h.report("projection sales", health_state::waiting, "1,200 events behind");
  h.report("journal", health_state::ready, "open");
  auto answer = readyz(h.lines());
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"status":"waiting","checks":[{"name":"journal","state":"ready","sentence":"open"},)"
                       R"({"name":"projection sales","state":"waiting","sentence":"1,200 events behind"}]})");
  CHECK(healthz(h.lines()).status == 200);
}

TEST_CASE("what is only degraded is shown and keeps the node in service") {
  health h;
  h.report("breaker payments", health_state::degraded, "open");
  CHECK(readyz(h.lines()).status == 200);
  CHECK(readyz(h.lines()).body.find(R"("status":"degraded")") != std::string::npos);
}

TEST_CASE("what is dead fails both, and liveness shows only that") {
  health h;
  h.report("journal", health_state::ready, "open");
  h.report("writer", health_state::dead, "its thread has ended");
  CHECK(readyz(h.lines()).status == 503);
  auto answer = healthz(h.lines());
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"status":"dead","checks":[{"name":"writer","state":"dead","sentence":"its thread has ended"}]})");
}

TEST_CASE("a node about which nothing is known is alive but not ready") {
  CHECK(readyz({}).status == 503);
  CHECK(healthz({}).status == 200);
  CHECK(healthz({}).body == R"({"status":"alive","checks":[]})");
}

TEST_CASE("the last report counts, and may be taken back") {
  health h;
  h.report("x", health_state::waiting, "starting");
  h.report("y", health_state::ready, "");
  h.report("x", health_state::ready, "started");
  CHECK(readyz(h.lines()).status == 200);
  CHECK(h.lines().size() == 2);
  h.forget("x");
  h.forget("never reported");
  REQUIRE(h.lines().size() == 1);
  CHECK(h.lines()[0].name == "y");
}
