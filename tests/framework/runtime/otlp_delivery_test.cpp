#include <banyan/runtime/otlp_delivery.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;
using verdict = otlp_delivery::verdict;

namespace {

struct fixed final : random_source {
  std::uint64_t next() override { return 1ull << 63; }
};

struct desk {
  explicit desk(otlp_delivery_limits limits = {}) : delivery{limits} {}
  void add(std::uint64_t items, std::size_t bytes = 10, otlp_signal s = otlp_signal::traces) {
    delivery.add({s, std::string(bytes, 'x'), items});
  }
  verdict answer(int status, header_list headers = {}, std::string body = {}) {
    return delivery.answered(http_response{status, std::move(headers), std::move(body)}, now, random).kind;
  }
  verdict fail(code c) { return delivery.answered(error{c, "no"}, now, random).kind; }
  const otlp_counters& traces() const { return delivery.counters(otlp_signal::traces); }
  const otlp_counters& metrics() const { return delivery.counters(otlp_signal::metrics); }

  monotonic now{1h};
  fixed random;
  otlp_delivery delivery;
};

}  // namespace

TEST_CASE("batches are delivered in their order, one at a time") {
  desk d;
  CHECK_FALSE(d.delivery.next(d.now));
  CHECK(d.delivery.due() == monotonic::max());
  d.add(1);
  d.add(2);
  REQUIRE(d.delivery.next(d.now));
  CHECK_FALSE(d.delivery.next(d.now));
  CHECK(d.delivery.due() == monotonic::max());
  CHECK(d.answer(200) == verdict::delivered);
  CHECK(d.delivery.next(d.now)->items == 2);
  CHECK(d.answer(202) == verdict::delivered);
  CHECK(d.traces().exported == 3);
  CHECK(d.delivery.is_idle());
  CHECK(d.delivery.waiting_bytes() == 0);
}

TEST_CASE("what the specification calls retryable is sent again, everything else is dropped") {
  for (const int status : {100, 301, 400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 501, 502, 503, 504, 505}) {
    CAPTURE(status);
    desk d;
    d.add(5);
    REQUIRE(d.delivery.next(d.now));
    const bool retryable = status == 429 || status == 502 || status == 503 || status == 504;
    CHECK(d.answer(status) == (retryable ? verdict::retried : verdict::dropped));
    CHECK(d.delivery.is_idle() == !retryable);
    CHECK(d.traces().rejected == (retryable ? 0 : 5));
    CHECK(d.delivery.failed_attempts() == 1);
  }
  for (const auto c : {code::unavailable, code::deadline_exceeded, code::invalid_argument, code::exhausted}) {
    desk d;
    d.add(5);
    REQUIRE(d.delivery.next(d.now));
    const bool retryable = c == code::unavailable || c == code::deadline_exceeded;
    CHECK(d.fail(c) == (retryable ? verdict::retried : verdict::dropped));
  }
}

TEST_CASE("the next attempt waits as long as Retry-After says, or by exponential back-off") {
  desk d;
  d.add(1);
  REQUIRE(d.delivery.next(d.now));
  CHECK(d.answer(429, {{"Retry-After", "7"}}) == verdict::retried);
  CHECK(d.delivery.due() == d.now + 7s);
  CHECK_FALSE(d.delivery.next(d.now + 7s - 1ns));
  d.now += 7s;
  REQUIRE(d.delivery.next(d.now));
  std::vector<nanoseconds> waits;
  for (int i = 0; i < 6; ++i) {
    CHECK(d.answer(503) == verdict::retried);
    waits.push_back(d.delivery.due() - d.now);
    d.now = d.delivery.due();
    REQUIRE(d.delivery.next(d.now));
  }
  CHECK(std::is_sorted(waits.begin(), waits.end()));
  CHECK(waits.front() >= 800ms);
  CHECK(waits.back() <= 36s);
  CHECK(waits.back() > 4 * waits.front());
  CHECK(d.answer(200) == verdict::delivered);
  d.add(1);
  REQUIRE(d.delivery.next(d.now));
  CHECK(d.answer(503) == verdict::retried);
  CHECK(d.delivery.due() - d.now < 1s);  // the success began anew

  for (const auto* odd : {"-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "1.5", "99999999999999999999"}) {
    desk other;
    other.add(1);
    REQUIRE(other.delivery.next(other.now));
    CHECK(other.answer(429, {{"Retry-After", odd}}) == verdict::retried);
    CHECK(other.delivery.due() - other.now < 1s);
  }
  desk patient;
  patient.add(1);
  REQUIRE(patient.delivery.next(patient.now));
  CHECK(patient.answer(503, {{"Retry-After", "86400"}}) == verdict::retried);
  CHECK(patient.delivery.due() - patient.now == 2min);
}

TEST_CASE("a batch that is refused for too long is dropped and counted, and the next one has its own time") {
  desk d{{.give_up_after = 10s}};
  d.add(3);
  d.add(4);
  verdict last = verdict::retried;
  const auto begun = d.now;
  while (last == verdict::retried) {
    d.now = std::max(d.now, d.delivery.due());
    REQUIRE(d.delivery.next(d.now));
    last = d.fail(code::unavailable);
  }
  CHECK(last == verdict::dropped);
  CHECK(d.now - begun <= 10s);
  CHECK(d.traces().expired == 3);
  d.now = std::max(d.now, d.delivery.due());
  CHECK(d.delivery.next(d.now)->items == 4);
  CHECK(d.answer(200) == verdict::delivered);
}

TEST_CASE("the queue is bounded: the oldest batch that waits gives way, never the one under way") {
  desk d{{.max_bytes = 100}};
  d.add(1, 40);
  REQUIRE(d.delivery.next(d.now));
  d.add(2, 40);
  d.add(3, 40);
  CHECK(d.traces().displaced == 2);
  CHECK(d.delivery.waiting_bytes() == 80);
  d.add(9, 200);
  CHECK(d.traces().displaced == 2 + 3 + 9);
  CHECK(d.answer(503) == verdict::retried);
  d.add(4, 90);
  CHECK(d.traces().displaced == 2 + 3 + 9 + 1);
  d.now += 1min;
  CHECK(d.delivery.next(d.now)->items == 4);
}

TEST_CASE("metrics replace metrics that wait, as they are cumulative") {
  desk d;
  d.add(1, 10, otlp_signal::metrics);
  d.add(7);
  d.add(2, 10, otlp_signal::metrics);
  CHECK(d.delivery.next(d.now)->items == 7);
  d.add(3, 10, otlp_signal::metrics);
  CHECK(d.answer(200) == verdict::delivered);
  CHECK(d.delivery.next(d.now)->items == 3);
  d.add(4, 10, otlp_signal::metrics);  // the one under way stays
  CHECK(d.answer(200) == verdict::delivered);
  CHECK(d.delivery.next(d.now)->items == 4);
  CHECK(d.metrics().displaced == 0);
}

TEST_CASE("a part that the collector rejects is counted, and not sent again") {
  const std::pair<const char*, std::uint64_t> answers[] = {
      {R"({})", 0},
      {R"({"partialSuccess":{}})", 0},
      {R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})", 3},
      {R"({"partialSuccess":{"rejectedSpans":3}})", 3},
      {R"({"partialSuccess":{"rejectedDataPoints":"99"}})", 10},
      {R"({"partialSuccess":{"rejectedSpans":"-3"}})", 0},
      {R"({"partialSuccess":7})", 0},
      {"not JSON", 0},
      {"", 0},
  };
  for (const auto& [body, rejected] : answers) {
    CAPTURE(body);
    desk d;
    d.add(10);
    REQUIRE(d.delivery.next(d.now));
    CHECK(d.answer(200, {}, body) == (rejected ? verdict::partly : verdict::delivered));
    CHECK(d.traces().rejected == rejected);
    CHECK(d.traces().exported == 10 - rejected);
    CHECK(d.delivery.is_idle());
  }
}

TEST_CASE("at any answers nothing is lost without being counted, and the queue stays within its bound", "[property]") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    std::uint64_t state = seed;
    const auto next = [&] { return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33; };
    desk d{{.max_bytes = 300, .give_up_after = 20s}};
    std::uint64_t added = 0;
    for (int i = 0; i < 200; ++i) {
      switch (next() % 4) {
        case 0: {
          const auto items = 1 + next() % 9;
          added += items;
          d.add(items, 1 + next() % 150);
          break;
        }
        case 1: d.delivery.next(d.now); break;
        case 2: {
          const int statuses[] = {200, 200, 400, 429, 503};
          if (next() % 5 == 0)
            d.fail(code::unavailable);
          else
            d.answer(statuses[next() % 5]);
          break;
        }
        default: d.now += std::chrono::milliseconds{next() % 4'000};
      }
      CHECK(d.delivery.waiting_bytes() <= 300);
    }
    d.delivery.drop_all();
    const auto& c = d.traces();
    CHECK(c.exported + c.rejected + c.expired + c.displaced == added);
  }
}
