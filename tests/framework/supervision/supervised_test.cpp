#include <banyan/supervision/supervised.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

const option* find(const plan& p, std::string_view name) {
  for (auto& o : p.items().at(0)->options())
    if (o.name() == name) return &o;
  return nullptr;
}

}  // namespace

TEST_CASE("the pattern contributes one specification, in the supervision phase", "[supervised]") {
  plan p{"orders"};
  supervised{.strategy = restart::rest_for_one, .shutdown = 3s}.contribute(p);
  auto all = p.all<supervisor_spec>();
  REQUIRE(all.size() == 1);
  CHECK(all[0].first->when() == phase::supervision);
  CHECK(all[0].second->policy.strategy == restart::rest_for_one);
  CHECK(all[0].second->policy.backoff);
  CHECK_FALSE(all[0].second->policy.limit);
  CHECK(all[0].second->shutdown == 3s);
  CHECK(p.check().empty());
}

TEST_CASE("how much waits for a restart is an option, which can be overridden", "[supervised]") {
  plan p{"orders"};
  supervised{.stash_limit = 20}.contribute(p);
  CHECK(p.all<supervisor_spec>()[0].second->stash_limit == 20);
  auto* limit = const_cast<option*>(find(p, "stash_limit"));
  REQUIRE(limit);
  REQUIRE(limit->set("30", "test"));
  CHECK(p.all<supervisor_spec>()[0].second->stash_limit == 30);
  CHECK_FALSE(limit->set("-1", "test"));
}

TEST_CASE("without back-off the limit is OTP's unless it is set", "[supervised]") {
  plan p{"orders"};
  supervised{.backoff = no_backoff}.contribute(p);
  auto& limit = p.all<supervisor_spec>()[0].second->policy.limit;
  REQUIRE(limit);
  CHECK(limit->restarts == 5);
  CHECK(limit->within == 10s);
  CHECK(find(p, "backoff.min") == nullptr);
  CHECK(find(p, "limit.restarts") != nullptr);
}

TEST_CASE("its settings can be overridden, and what an override breaks is reported", "[supervised]") {
  plan p{"orders"};
  supervised{}.contribute(p);
  auto* max = const_cast<option*>(find(p, "backoff.max"));
  REQUIRE(max);
  REQUIRE(max->set("20s", "test"));
  CHECK(p.all<supervisor_spec>()[0].second->policy.backoff->max == 20s);
  CHECK(p.check().empty());
  REQUIRE(max->set("1ms", "test"));
  auto problems = p.check();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "orders.supervised.orders");
  CHECK_FALSE(max->set("-1s", "test"));
}

TEST_CASE("two supervisors for one service are a mistake", "[supervised]") {
  plan p{"orders"};
  supervised{}.contribute(p);
  supervised{}.contribute(p);
  CHECK_FALSE(p.check().empty());
}
