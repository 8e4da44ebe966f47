// An ambassador in a plan: its options, what describe says of it, and what check finds.
#include <banyan/ambassador/ambassador.hpp>

#include <banyan/plan/plan.hpp>
#include <banyan/plan/service.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct authorised {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(authorised, (), (id))
struct authorise {
  using reply = authorised;
  std::string key, card;
};
BOOST_DESCRIBE_STRUCT(authorise, (), (key, card))
struct get_authorisation {
  using reply = authorised;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(get_authorisation, (), (key))

struct bank_api {
  static constexpr std::string_view name = "bank";
  using operations = banyan::operations<op<authorise, idempotent::by_key>, op<get_authorisation, idempotent::always>>;
};
struct till_api {
  static constexpr std::string_view name = "till";
  using operations = banyan::operations<>;
};

http_upstream bank() {
  return {.to = "http://127.0.0.1:8090",
          .calls = {call<authorise>("POST /authorisations", {.headers = {{"Idempotency-Key", "key"}}}),
                    call<get_authorisation>("GET /authorisations/{key}")}};
}

application with(ambassador<bank_api> a) { return {"app", {service<till_api>(std::move(a))}}; }

std::vector<std::string> problems(ambassador<bank_api> a) {
  std::vector<std::string> all;
  for (const auto& p : check(with(std::move(a)))) all.push_back(p.where + ": " + p.sentence);
  return all;
}

}  // namespace

TEST_CASE("the dynamic options of a link are those that can be set while it runs", "[ambassador]") {
  link_parts parts{.attempt_deadline = 1s,
                   .rate = rate_limit_options{},
                   .limit = bulkhead_options{},
                   .breaker = circuit_breaker{},
                   .retry = retry_options{},
                   .hedge = hedge_options{},
                   .over = bank()};
  auto app = with({.attempt_deadline = parts.attempt_deadline,
                   .rate = parts.rate,
                   .limit = parts.limit,
                   .breaker = parts.breaker,
                   .retry = parts.retry,
                   .hedge = parts.hedge,
                   .over = parts.over});
  std::vector<std::string> dynamic, changeable;
  for (const auto& item : app.services.front().items())
    for (const auto& o : item->options())
      if (o.is_dynamic()) dynamic.push_back(o.name());
  for (const auto& o : changeable_options(parts)) changeable.push_back(o.name());
  CHECK(dynamic == changeable);
  CHECK(dynamic.size() == 12);
}

TEST_CASE("describe prints the chain of a link in its order, and each option with its origin", "[ambassador]") {
  auto app = with({.deadline = 3s,
                   .attempt_deadline = 1s,
                   .limit = bulkhead_options{.concurrency = 32},
                   .breaker = circuit_breaker{.open_for = 5s},
                   .retry = retry_options{},
                   .endpoint_breaker = circuit_breaker{},
                   .over = bank()});
  CHECK(check(app).empty());
  REQUIRE(find_option(app, "till.ambassador.bank.breaker.open_for")->set("7s", "shop.toml:3"));
  REQUIRE(find_option(app, "till.bank.to")->set("http://10.0.0.1:80, http://10.0.0.2:80", "environment"));
  const auto text = describe(app, describe_form::text);
  const auto has = [&](const char* line) { return text.find(line) != std::string::npos; };
  CHECK(
      has("chain                              deadline -> limit -> breaker -> retry within a budget -> p2c -> endpoint "
          "breaker -> HTTP"));
  CHECK(has("breaker.open_for                   7s"));
  CHECK(has("shop.toml:3"));
  CHECK(has("calls                              bank"));
  const auto& parts = app.services[0].all<link_spec>()[0].second->parts;
  CHECK(parts.breaker->open_for == timespan{7s});
  CHECK(endpoints_of(parts.over->to)->size() == 2);
}

TEST_CASE("options of a link refuse nonsense", "[ambassador]") {
  auto app = with({.breaker = circuit_breaker{}, .retry = retry_options{}, .over = bank()});
  CHECK_FALSE(find_option(app, "till.bank.to")->set("ftp://x", "test"));
  CHECK_FALSE(find_option(app, "till.bank.retry.attempts")->set("0", "test"));
  CHECK_FALSE(find_option(app, "till.bank.breaker.failure_rate")->set("1.5", "test"));
  CHECK(find_option(app, "till.bank.hedge.quantile") == nullptr);  // of a part that the link does not have
}

TEST_CASE("check names what is wrong with a link", "[ambassador]") {
  CHECK(problems({.over = bank()}).empty());
  auto half = bank();
  half.calls.pop_back();
  CHECK(problems({.over = half}) ==
        std::vector<std::string>{"till.ambassador.bank: nothing says how bank.get_authorisation is called: add "
                                 "call<...>(\"METHOD /path\") to its calls"});
  CHECK(problems({.adapt = adaptive_limit_options{}, .over = bank()}) ==
        std::vector<std::string>{
            "till.ambassador.bank: `adapt` lowers the bulkhead's limit, and there is none: add `.limit = "
            "bulkhead_options{...}`"});
  const auto wrong = problems({.breaker = circuit_breaker{.probes = 0}, .over = bank()});
  REQUIRE_FALSE(wrong.empty());
  CHECK(wrong[0].find("probes") != std::string::npos);
  const auto unknown = problems({});
  REQUIRE(unknown.size() == 1);
  CHECK(unknown[0].find("asks the service \"bank\", which is not in this application") != std::string::npos);
}
