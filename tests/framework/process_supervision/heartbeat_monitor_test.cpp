#include <banyan/process_supervision/heartbeat_monitor.hpp>

#include <catch2/catch.hpp>

#include <ostream>

using namespace banyan;
using namespace std::chrono_literals;
using health = heartbeat_monitor::health;

namespace {

constexpr monotonic zero{1h};

}  // namespace

TEST_CASE("what is not ready in time is late, from that moment on", "[heartbeat_monitor]") {
  const heartbeat_monitor v{60s, {}, zero};
  CHECK(v.deadline() == zero + 60s);
  CHECK((v.assess(zero + 60s - 1ns) == health::well));
  CHECK((v.assess(zero + 60s) == health::late));
}

TEST_CASE("ready without a heartbeat is well for ever, and there is no deadline", "[heartbeat_monitor]") {
  heartbeat_monitor v{60s, {}, zero};
  v.mark_ready(zero + 59s);
  CHECK(v.is_ready());
  CHECK_FALSE(v.deadline());
  CHECK((v.assess(zero + 1000h) == health::well));
}

TEST_CASE("heartbeats count from readiness on, however long the start took", "[heartbeat_monitor]") {
  heartbeat_monitor v{60s, 5s, zero};
  v.record_heartbeat(zero + 1s);
  CHECK(v.deadline() == zero + 60s);
  CHECK((v.assess(zero + 30s) == health::well));
  v.mark_ready(zero + 40s);
  CHECK(v.deadline() == zero + 45s);
  CHECK((v.assess(zero + 45s - 1ns) == health::well));
  CHECK((v.assess(zero + 45s) == health::hung));
}

TEST_CASE("each heartbeat gives another period; a second readiness does not", "[heartbeat_monitor]") {
  heartbeat_monitor v{60s, 5s, zero};
  v.mark_ready(zero);
  for (auto t = zero; t < zero + 1min; t += 4s) {
    CHECK((v.assess(t) == health::well));
    v.record_heartbeat(t);
  }
  CHECK(v.deadline() == zero + 61s);
  v.mark_ready(zero + 60s);
  CHECK(v.deadline() == zero + 61s);
  v.record_heartbeat(zero);  // seen late
  CHECK(v.deadline() == zero + 61s);
  CHECK((v.assess(zero + 61s) == health::hung));
}
