// Attempts that leave the node: balancing, breakers and ejection per endpoint, hedging, deadlines on the way.
#include <tests/framework/ambassador/link_world.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {


std::map<std::string, int> count_by_endpoint(const scripted_transport& t) {
  std::map<std::string, int> n;
  for (const auto& a : t.all) ++n[a->endpoint];
  return n;
}

// Calls that are answered after `d` each.
void answer_after(link_world& w, nanoseconds d, int calls) {
  for (int i = 0; i < calls; ++i) {
    const auto answer = w.ask();
    w.s.advance(d);
    w.far->all.back()->reply(1);
    w.s.run();
    REQUIRE(answer.is_there());
  }
}

}  // namespace

TEST_CASE("an attempt goes to an endpoint, with the time that is left", "[ambassador][link]") {
  link_world w{{.deadline = 800ms, .attempt_deadline = 500ms}, {"one"}};
  auto answer = w.ask("B");
  REQUIRE(w.far->all.size() == 1);
  CHECK(w.far->all[0]->operation == "prices.get_price");
  CHECK(w.far->all[0]->sku == "B");
  CHECK(w.far->all[0]->deadline == w.s.clock.time + 500ms);
  w.far->all[0]->reply(9);
  w.s.run();
  CHECK(**answer == 9);
}

TEST_CASE("an attempt that takes too long is retried while the call has time", "[ambassador][link]") {
  link_world w{{.deadline = 2s, .attempt_deadline = 500ms, .retry = retry_options{.attempts = 3}}, {"one"}};
  auto answer = w.ask();
  w.s.advance(520ms);
  w.s.advance(100ms);
  REQUIRE(w.far->all.size() == 2);
  CHECK(w.far->all[0]->given_up);
  w.far->all[1]->reply(3);
  w.s.run();
  CHECK(**answer == 3);
}

TEST_CASE("a retry goes to another endpoint if there is one", "[ambassador][link]") {
  link_world w{{.deadline = 5s, .retry = retry_options{.attempts = 3}}, {"one", "two", "three"}};
  w.far->script = [](arrived& a) { a.fail(lost); };
  auto answer = w.ask();
  w.s.advance(3s);
  REQUIRE(answer.is_there());
  CHECK(answer->error().retried);
  CHECK(count_by_endpoint(*w.far) == std::map<std::string, int>{{"one", 1}, {"two", 1}, {"three", 1}});
}

TEST_CASE("an open breaker of an endpoint sends calls to the others at once", "[ambassador][link]") {
  link_world w{{.deadline = 5s,
                .retry = retry_options{.attempts = 3},
                .budget = {.ratio = 1, .floor = 1000},
                .balance = {.by = balancing::round_robin},
                .endpoint_breaker = circuit_breaker{.min_calls = 3, .consecutive = 3, .open_for = 60s, .jitter = 0}},
               {"good", "bad"}};
  w.far->script = [](arrived& a) { a.endpoint == "bad" ? a.fail(lost) : a.reply(1); };
  for (int i = 0; i < 40; ++i) {
    auto answer = w.ask();
    w.s.advance(1s);
    CHECK(**answer == 1);
  }
  CHECK(count_by_endpoint(*w.far)["bad"] == 3);
  CHECK(w.chain->inspect(w.s.clock.time).find(R"("state":"open")") != std::string::npos);
}

TEST_CASE("when the breakers of all endpoints are open the call is refused with the shortest wait",
          "[ambassador][link]") {
  link_world w{{.deadline = 5s,
                .retry = retry_options{.attempts = 3},
                .endpoint_breaker = circuit_breaker{.consecutive = 1, .open_for = 10s, .jitter = 0}},
               {"one", "two"}};
  w.far->script = [](arrived& a) { a.fail(lost); };
  auto first = w.ask();
  w.s.advance(2s);
  REQUIRE(first.is_there());
  const auto sent = w.far->all.size();
  CHECK(sent == 2);
  const auto refused = w.ask();
  REQUIRE(refused.is_there());
  CHECK(refused->error().reason == "circuit_open");
  CHECK(refused->error().retry_after.value() > 5s);
  CHECK(refused->error().retry_after.value() <= 10s);
  CHECK(w.far->all.size() == sent);
}

TEST_CASE("without endpoints a call fails, and one that appears is used", "[ambassador][link]") {
  link_world w{{.deadline = 5s, .retry = retry_options{.attempts = 3}}, {"one"}};
  w.reachable->set({});
  auto answer = w.ask();
  w.s.advance(1ms);
  w.reachable->set({{"late", "late:1"}});
  w.far->script = [](arrived& a) { a.reply(4); };
  w.s.advance(3s);
  REQUIRE(answer.is_there());
  CHECK(**answer == 4);
  CHECK(w.far->all[0]->endpoint == "late");
}

TEST_CASE("an endpoint that fails again and again is ejected for a while", "[ambassador][link]") {
  link_world w{{.deadline = 5s,
                .retry = retry_options{.attempts = 3},
                .budget = {.ratio = 1, .floor = 1000},
                .balance = {.by = balancing::round_robin},
                .ejection = outlier_options{.consecutive = 5, .ejection = 30s}},
               {"a", "b", "bad"}};
  w.far->script = [](arrived& a) { a.endpoint == "bad" ? a.fail(lost) : a.reply(1); };
  for (int i = 0; i < 60; ++i) {
    auto answer = w.ask();
    w.s.advance(300ms);
    REQUIRE(answer.is_there());
    CHECK(**answer == 1);
  }
  CHECK(count_by_endpoint(*w.far)["bad"] == 5);
  CHECK(w.chain->inspect(w.s.clock.time).find(R"("ejected_because":"consecutive_failures")") != std::string::npos);
  w.s.advance(30s);
  w.far->script = [](arrived& a) { a.reply(1); };
  for (int i = 0; i < 3; ++i) CHECK(**w.ask() == 1);
  CHECK(count_by_endpoint(*w.far)["bad"] > 5);
}

TEST_CASE("a slow attempt is hedged at the observed quantile, and the loser is given up", "[ambassador][link]") {
  link_world w{{.deadline = 5s, .hedge = hedge_options{}, .balance = {.by = balancing::round_robin}}, {"one", "two"}};
  answer_after(w, 10ms, 100);
  const auto before = w.far->all.size();
  CHECK(before == 100);
  auto slow = w.ask<get_price>();
  w.s.advance(9ms);
  CHECK(w.far->all.size() == before + 1);
  w.s.advance(8ms);
  REQUIRE(w.far->all.size() == before + 2);
  CHECK(w.far->all[before]->endpoint != w.far->all[before + 1]->endpoint);
  w.far->all[before + 1]->reply(2);
  w.s.run();
  CHECK(**slow == 2);
  CHECK(w.far->all[before]->given_up);
  CHECK(w.metric(R"(banyan_link_attempts_total{kind="hedge",result="success",service="shop",to="prices"})") == 1);
  CHECK(w.metric(R"(banyan_link_attempts_total{kind="first",result="cancelled",service="shop",to="prices"})") == 1);
  // An operation that may not be executed twice is not hedged.
  auto never = w.ask<draw_number>();
  w.s.advance(100ms);
  CHECK(w.far->all.size() == before + 3);
}

TEST_CASE("a failure of a hedged call counts when no other attempt is under way", "[ambassador][link]") {
  link_world w{{.deadline = 5s, .hedge = hedge_options{.quantile = 0.95}}, {"one", "two"}};
  answer_after(w, 10ms, 100);
  auto answer = w.ask();
  w.s.advance(20ms);
  const auto n = w.far->all.size();
  REQUIRE(n == 102);
  w.far->all[n - 2]->fail(lost);
  w.s.run();
  CHECK_FALSE(answer.is_there());
  w.far->all[n - 1]->reply(5);
  w.s.run();
  CHECK(**answer == 5);
}

TEST_CASE("an answer that is a refusal ends the other attempt", "[ambassador][link]") {
  link_world w{{.deadline = 5s, .hedge = hedge_options{}}, {"one", "two"}};
  answer_after(w, 10ms, 100);
  auto answer = w.ask();
  w.s.advance(20ms);
  const auto n = w.far->all.size();
  w.far->all[n - 1]->fail(wrong);
  w.s.run();
  CHECK(answer->error().code == code::not_found);
  CHECK(w.far->all[n - 2]->given_up);
}

TEST_CASE("whatever happens, a link returns to rest", "[ambassador][link][property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 200)));
  counting_random r{seed};
  link_parts parts{.deadline = 2s, .attempt_deadline = r.below(2) ? timespan{300ms} : timespan::max()};
  if (r.below(2))
    parts.limit = bulkhead_options{.concurrency = 1 + int(r.below(4)), .queue = int(r.below(4)), .queue_time = 400ms};
  if (r.below(2)) parts.rate = rate_limit_options{.per_second = 50, .burst = 5};
  if (r.below(2)) parts.breaker = circuit_breaker{.min_calls = 5, .open_for = 500ms};
  if (r.below(2)) parts.endpoint_breaker = circuit_breaker{.min_calls = 3, .open_for = 300ms};
  if (r.below(2)) parts.retry = retry_options{.attempts = 3};
  if (r.below(2)) parts.hedge = hedge_options{.min_delay = 1ms, .max_delay = 50ms};
  if (r.below(2)) parts.ejection = outlier_options{.consecutive = 3};
  link_world w{parts, {"one", "two", "three"}};
  std::vector<stepped::answer_slot<int>> all;
  std::vector<context_ptr> contexts;
  for (int i = 0; i < 150; ++i) {
    switch (r.below(6)) {
      case 0:
      case 1:
        all.push_back(w.ask(r.below(2) ? "A" : "B", r.below(4) ? timespan{10s} : timespan{50ms}));
        break;
      case 2: {
        auto c = std::make_shared<message_context>();
        c->is_of_one_request = c->ends_when_given_up = true;
        contexts.push_back(c);
        auto request = make_message<ask_for<get_price>>();
        request->context = c;
        w.s.system.ask_message(w.worker, std::move(request), 10s, [](result<message_ptr>) {});
        w.s.run();
        break;
      }
      case 3:
        if (!contexts.empty()) give_up(w.worker, contexts[r.below(contexts.size())]);
        w.s.run();
        break;
      case 4:
        for (std::size_t k = 0; k < w.far->all.size(); ++k)  // a failure may add attempts
          if (const auto a = w.far->all[k]; a->answer && r.below(2)) {
            if (r.below(3)) a->reply(1);
            else a->fail(r.below(3) ? lost : wrong);
            w.s.run();
          }
        break;
      default:
        w.s.advance(std::chrono::milliseconds{r.below(200)});
    }
  }
  w.s.advance(20s);
  for (const auto& a : all) CHECK(a.count() == 1);
  CHECK(w.metric(R"(banyan_link_in_flight{service="shop",to="prices"})") == 0);
  for (const auto& e : w.chain->endpoints()) CHECK(e->load.in_flight() == 0);
  for (const auto& a : w.far->all) CHECK(a->given_up);
  const auto json = w.chain->inspect(w.s.clock.time);
  CHECK(json.find(R"("in_flight":0)") != std::string::npos);
  CHECK(json.find(R"("waiting":0)") != std::string::npos);
}
