// The chain of a link: each part alone and in its order, between actors of one node.
#include <tests/framework/ambassador/link_world.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {


// Fails the first n calls.
struct failing {
  int* asked;
  int failures;
  error why;
  result<int> operator()(const std::string&) {
    if (++*asked <= failures) return why;
    return 7;
  }
};

}  // namespace

TEST_CASE("a link without parts asks the service, and counts the call", "[ambassador][link]") {
  link_world w{{.deadline = 1s}};
  CHECK(**w.ask() == 7);
  w.answers = [](const std::string&) { return wrong; };
  CHECK(w.ask()->error().code == code::not_found);
  w.answers = [](const std::string&) { return down; };
  CHECK(w.ask()->error().code == code::unavailable);
  CHECK(w.metric(R"(banyan_link_calls_total{result="success",service="shop",to="prices"})") == 2);
  CHECK(w.metric(R"(banyan_link_calls_total{result="failure",service="shop",to="prices"})") == 1);
  CHECK(w.metric(R"(banyan_link_call_seconds_count{service="shop",to="prices"})") == 3);
}

TEST_CASE("a call ends at the deadline of its link, or of its caller", "[ambassador][link]") {
  link_world w{{.deadline = 1s}};
  w.takes = 10s;
  auto by_link = w.ask();
  w.s.advance(999ms);
  CHECK_FALSE(by_link.is_there());
  w.s.advance(10ms);
  CHECK(by_link->error().code == code::deadline_exceeded);
  CHECK(by_link->error().outcome == outcome::unknown);
  auto by_caller = w.ask("A", 300ms);
  w.s.advance(310ms);
  CHECK(by_caller->error().code == code::deadline_exceeded);
}

TEST_CASE("what may be sent twice is sent again after a failure", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 10s, .retry = retry_options{.attempts = 3}}};
  w.answers = failing{&asked, 2, lost};
  auto answer = w.ask<set_price>();
  w.s.advance(3s);
  REQUIRE(answer.is_there());
  CHECK(**answer == 7);
  CHECK(asked == 3);
  CHECK(w.metric(R"(banyan_link_attempts_total{kind="retry",result="failure",service="shop",to="prices"})") == 1);
  CHECK(w.metric(R"(banyan_link_attempts_total{kind="retry",result="success",service="shop",to="prices"})") == 1);
}

TEST_CASE("after its last attempt a failure is returned, marked as retried", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 10s, .retry = retry_options{.attempts = 3}}};
  w.answers = failing{&asked, 100, lost};
  auto answer = w.ask();
  w.s.advance(5s);
  REQUIRE(answer.is_there());
  CHECK(answer->error().message == "lost");
  CHECK(answer->error().retried);
  CHECK(asked == 3);
}

TEST_CASE("what may not be sent twice is sent again only if it had no effect", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 10s, .retry = retry_options{.attempts = 3}}};
  w.answers = failing{&asked, 1, lost};
  auto once = w.ask<draw_number>();
  w.s.advance(3s);
  CHECK(once->error().message == "lost");
  CHECK(asked == 1);
  asked = 0;
  w.answers = failing{&asked, 1, down};
  auto again = w.ask<draw_number>();
  w.s.advance(3s);
  CHECK(**again == 7);
}

TEST_CASE("an answer is no failure, and is not retried", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 10s, .retry = retry_options{.attempts = 3}}};
  w.answers = failing{&asked, 5, wrong};
  CHECK(w.ask()->error().code == code::not_found);
  CHECK(asked == 1);
}

TEST_CASE("retries stay within their budget", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 10s, .retry = retry_options{.attempts = 3}, .budget = {.ratio = 0.2, .floor = 3}}};
  w.answers = failing{&asked, 10'000, lost};
  std::vector<stepped::answer_slot<int>> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(w.ask());
    w.s.advance(20ms);
  }
  w.s.advance(5s);
  CHECK(asked >= 103);
  CHECK(asked <= 120);
  CHECK(w.metric(R"(banyan_link_retries_refused_total{service="shop",to="prices"})") > 50);
}

TEST_CASE("a handler that is given up gives back what it held, and its call is given up", "[ambassador][link]") {
  link_world w{{.deadline = 10s,
                .limit = bulkhead_options{.concurrency = 1, .queue = 4, .queue_time = 5s},
                .breaker = circuit_breaker{},
                .retry = retry_options{}}};
  w.takes = 1s;
  auto context = std::make_shared<message_context>();
  context->is_of_one_request = context->ends_when_given_up = true;
  const auto ask = [&](const context_ptr& c) {
    auto request = make_message<ask_for<get_price>>();
    request->context = c;
    w.s.system.ask_message(w.worker, std::move(request), 30s, [](result<message_ptr>) {});
    w.s.run();
  };
  ask(context);
  auto second = w.ask();
  w.s.advance(100ms);
  CHECK_FALSE(second.is_there());
  give_up(w.worker, context);
  w.s.advance(1100ms);
  REQUIRE(second.is_there());
  CHECK(**second == 7);
  CHECK(w.metric(R"(banyan_link_calls_total{result="cancelled",service="shop",to="prices"})") == 1);
  // One that waits for the bulkhead, too.
  auto third = w.ask();
  auto other = std::make_shared<message_context>();
  other->is_of_one_request = other->ends_when_given_up = true;
  ask(other);
  auto fourth = w.ask();
  give_up(w.worker, other);
  w.s.advance(2100ms);
  CHECK(**third == 7);
  CHECK(**fourth == 7);
  CHECK(w.metric(R"(banyan_link_in_flight{service="shop",to="prices"})") == 0);
}

TEST_CASE("a breaker opens over the results of whole calls, and says when to come back", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 1s,
                .breaker = circuit_breaker{.min_calls = 4, .open_for = 5s, .jitter = 0, .probes = 1, .ramp = 0s}}};
  w.answers = failing{&asked, 4, lost};
  for (int i = 0; i < 4; ++i) CHECK(w.ask()->error().message == "lost");
  const auto refused = w.ask();
  CHECK(refused->error().code == code::unavailable);
  CHECK(refused->error().reason == "circuit_open");
  CHECK(refused->error().outcome == outcome::not_applied);
  CHECK(refused->error().retry_after == 5s);
  CHECK(asked == 4);
  w.s.advance(5s);
  CHECK(**w.ask() == 7);
  CHECK(**w.ask() == 7);
  CHECK(w.metric(R"(banyan_breaker_transitions_total{event="tripped",service="shop",to="prices"})") == 1);
  CHECK(w.metric(R"(banyan_breaker_transitions_total{event="recovered",service="shop",to="prices"})") == 1);
  CHECK(w.metric(R"(banyan_link_refused_total{part="breaker",service="shop",to="prices"})") == 1);
  CHECK(w.chain->inspect(w.s.clock.time).find(R"("state":"closed")") != std::string::npos);
}

TEST_CASE("an operator opens, closes and watches a breaker", "[ambassador][link]") {
  link_world w{{.deadline = 1s, .breaker = circuit_breaker{.min_calls = 2}}};
  w.chain->force(breaker_override::forced_open, w.s.clock.time);
  CHECK(w.ask()->error().reason == "circuit_open");
  std::vector<health_line> lines;
  w.chain->report_health(lines, w.s.clock.time);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].name == "breaker shop -> prices");
  CHECK(lines[0].state == health_state::degraded);
  w.chain->force(breaker_override::observe_only, w.s.clock.time);
  w.answers = [](const std::string&) { return lost; };
  for (int i = 0; i < 5; ++i) CHECK(w.ask()->error().message == "lost");
  w.chain->force(breaker_override::none, w.s.clock.time);
  w.answers = [](const std::string&) { return 7; };
  CHECK(**w.ask() == 7);
}

TEST_CASE("calls beyond the limit wait in their order, or are refused", "[ambassador][link]") {
  link_world w{{.deadline = 10s, .limit = bulkhead_options{.concurrency = 1, .queue = 2, .queue_time = 1s}}};
  w.takes = 300ms;
  auto first = w.ask(), second = w.ask(), third = w.ask(), fourth = w.ask();
  REQUIRE(fourth.is_there());
  CHECK(fourth->error().code == code::exhausted);
  CHECK(fourth->error().reason == "too_many_calls");
  CHECK(fourth->error().outcome == outcome::not_applied);
  w.s.advance(320ms);
  CHECK(first.is_there());
  CHECK_FALSE(second.is_there());
  w.s.advance(320ms);
  CHECK(second.is_there());
  CHECK_FALSE(third.is_there());
  w.s.advance(320ms);
  CHECK(**third == 7);
}

TEST_CASE("a wait for the limit ends after its longest time", "[ambassador][link]") {
  link_world w{{.deadline = 10s, .limit = bulkhead_options{.concurrency = 1, .queue = 2, .queue_time = 200ms}}};
  w.takes = 1s;
  auto first = w.ask(), second = w.ask();
  w.s.advance(210ms);
  REQUIRE(second.is_there());
  CHECK(second->error().code == code::exhausted);
  w.s.advance(1s);
  CHECK(**first == 7);
  CHECK(**[&] {
    auto third = w.ask();
    w.s.advance(1010ms);
    return third;
  }() == 7);
}

TEST_CASE("a rate limit refuses what is beyond it, with the time to come back", "[ambassador][link]") {
  link_world w{{.deadline = 1s, .rate = rate_limit_options{.per_second = 10, .burst = 2}}};
  CHECK(**w.ask() == 7);
  CHECK(**w.ask() == 7);
  const auto refused = w.ask();
  CHECK(refused->error().reason == "rate_limited");
  CHECK(refused->error().retry_after == 100ms);
  w.s.advance(100ms);
  CHECK(**w.ask() == 7);
}

TEST_CASE("a fallback answers for calls that fail or are refused, and not for answers", "[ambassador][link]") {
  link_parts parts{.deadline = 1s, .breaker = circuit_breaker{.min_calls = 1, .consecutive = 1}};
  parts.fallbacks.push_back(fallback<get_price>([](const get_price& m, const error& why) -> result<int> {
    if (m.sku == "none") return why;
    return why.reason == "circuit_open" ? 2 : 1;
  }));
  link_world w{parts};
  w.answers = [](const std::string& sku) -> result<int> { return sku == "X" ? wrong : lost; };
  CHECK(w.ask("X")->error().code == code::not_found);
  CHECK(**w.ask() == 1);
  CHECK(**w.ask() == 2);
  CHECK(w.ask("none")->error().reason == "circuit_open");
  CHECK(w.ask<set_price>()->error().reason == "circuit_open");
}

TEST_CASE("options of a link take 10,000 sets of values; those that they had before always fit", "[ambassador][link]") {
  link_world w{{.deadline = 1s}};
  int taken = 1;  // the declared one
  while (taken < 20'000 && w.chain->set({{"deadline", std::to_string(1000 + taken) + "ms"}})) ++taken;
  CHECK(taken == 10'000);
  CHECK(w.chain->set({{"deadline", "90s"}}).error().code == code::exhausted);
  CHECK(w.chain->inspect(w.s.clock.time).find("deadline 10.999s") != std::string::npos);
  CHECK(w.chain->set({{"deadline", "1001ms"}}).value() == std::vector<option_value>{{"deadline", "10.999s"}});
  CHECK(w.chain->inspect(w.s.clock.time).find("deadline 1.001s") != std::string::npos);
}

TEST_CASE("an operator changes options of a link while it works", "[ambassador][link]") {
  int asked = 0;
  link_world w{{.deadline = 10s,
                .limit = bulkhead_options{.concurrency = 1, .queue = 0},
                .retry = retry_options{.attempts = 3}}};
  w.answers = failing{&asked, 1000, lost};
  auto before = w.ask();
  w.s.advance(5s);
  CHECK(asked == 3);
  REQUIRE(w.chain->set("retry.attempts", "1"));
  CHECK(w.ask()->error().message == "lost");
  CHECK(asked == 4);
  w.answers = [](const std::string&) { return 7; };
  w.takes = 1s;
  auto first = w.ask();
  CHECK(w.ask()->error().reason == "too_many_calls");
  REQUIRE(w.chain->set("limit.concurrency", "2"));
  auto second = w.ask();
  w.s.advance(1100ms);
  CHECK(**first == 7);
  CHECK(**second == 7);
  REQUIRE(w.chain->set("deadline", "200ms"));
  auto late = w.ask();
  w.s.advance(210ms);
  CHECK(late->error().code == code::deadline_exceeded);
  const auto inspected = w.chain->inspect(w.s.clock.time);
  CHECK(inspected.find("deadline 200ms") != std::string::npos);
  CHECK(inspected.find("limit 2 in flight") != std::string::npos);

  CHECK(w.chain->set("retry.attempts", "0").error().code == code::invalid_argument);
  CHECK(w.chain->set("deadline", "soon").error().code == code::invalid_argument);
  const std::vector<option_value> one_is_bad{{"deadline", "300ms"}, {"limit.concurrency", "0"}};
  CHECK(w.chain->set(one_is_bad).error().code == code::invalid_argument);
  CHECK(w.chain->inspect(w.s.clock.time).find("deadline 200ms") != std::string::npos);
  const std::vector<option_value> both{{"deadline", "300ms"}, {"limit.concurrency", "3"}};
  CHECK(w.chain->set(both).value() == std::vector<option_value>{{"deadline", "200ms"}, {"limit.concurrency", "2"}});
  // Alone each is good.
  const auto misfit = w.chain->set("retry.backoff", "2s").error();
  CHECK(misfit.code == code::invalid_argument);
  CHECK(misfit.message ==
        "the values in force would not fit together: retry.backoff is longer than retry.backoff_max");
  const std::vector<option_value> together{{"retry.backoff", "2s"}, {"retry.backoff_max", "3s"}};
  CHECK(w.chain->set(together));
  const auto unknown = w.chain->set("rate.per_second", "5").error();  // of a part that this link does not have
  CHECK(unknown.code == code::not_found);
  CHECK(unknown.message.find("retry.backoff_max") != std::string::npos);
}
