#include <banyan/process_supervision/vital_signs.hpp>

#include <catch2/catch.hpp>

#include <ostream>

using namespace banyan;
using namespace std::chrono_literals;
using verdict = vital_signs::verdict;

namespace {

constexpr monotonic zero{1h};

}  // namespace

TEST_CASE("what is not ready in time is late, from that moment on", "[vital_signs]") {
  const vital_signs v{60s, {}, zero};
  CHECK(v.due() == zero + 60s);
  CHECK((v.judge(zero + 60s - 1ns) == verdict::well));
  CHECK((v.judge(zero + 60s) == verdict::late));
}

TEST_CASE("ready without a heart is well for ever, and nothing is due", "[vital_signs]") {
  vital_signs v{60s, {}, zero};
  v.is_ready(zero + 59s);
  CHECK(v.ready());
  CHECK_FALSE(v.due());
  CHECK((v.judge(zero + 1000h) == verdict::well));
}

TEST_CASE("beats count from readiness on, however long the start took", "[vital_signs]") {
  vital_signs v{60s, 5s, zero};
  v.beats(zero + 1s);
  CHECK(v.due() == zero + 60s);
  CHECK((v.judge(zero + 30s) == verdict::well));
  v.is_ready(zero + 40s);
  CHECK(v.due() == zero + 45s);
  CHECK((v.judge(zero + 45s - 1ns) == verdict::well));
  CHECK((v.judge(zero + 45s) == verdict::hung));
}

TEST_CASE("each beat gives another period; a second readiness does not", "[vital_signs]") {
  vital_signs v{60s, 5s, zero};
  v.is_ready(zero);
  for (auto t = zero; t < zero + 1min; t += 4s) {
    CHECK((v.judge(t) == verdict::well));
    v.beats(t);
  }
  CHECK(v.due() == zero + 61s);
  v.is_ready(zero + 60s);
  CHECK(v.due() == zero + 61s);
  v.beats(zero);  // seen late
  CHECK(v.due() == zero + 61s);
  CHECK((v.judge(zero + 61s) == verdict::hung));
}
