// The defaults of a pattern and of its specification are written in two places: here they are compared, through what `describe` shows.
#include <services/catalog/events.hpp>
#include <services/catalog/listing.hpp>
#include <services/catalog/product_search.hpp>
#include <services/catalog/service.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/supervision/supervised.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;
using shop::catalog::listing;
using shop::catalog::product_search;

namespace {

struct ping {
  using reply = done;
};
struct probe_api {
  static constexpr std::string_view name = "probe";
  using operations = banyan::operations<op<ping>>;
};
result<done> answer_ping(context<>, const ping&) { return done{}; }
task<result<done>> follow(context<>, const shop::catalog::product_put&) { co_return done{}; }
std::string key(const listing::command&) { return "k"; }

application with(supervised how, int shards) {
  auto sharding = sharded<listing>{.entity = key};
  if (shards > 0) sharding.shards = shards;
  return {"app",
          {service<probe_api>(event_sourced<listing>{.journal = "probe"}, sharding, projection<product_search>{.of = "probe"},
                              query_side<product_search>{}, subscribes<follow>{.topic = "catalog.product_put"}, handles<answer_ping>{},
                              ambassador<shop::catalog::catalog_api>{}, how)}};
}

}  // namespace

TEST_CASE("what a service leaves alone is shown as default, in every pattern") {
  auto app = with({}, 0);
  int seen = 0;
  for (auto& item : app.services[0].items())
    for (auto& o : item->options()) {
      CAPTURE(item->kind(), o.name(), o.value());
      CHECK(o.origin() == (o.name() == "journal" ? "code" : "default"));
      ++seen;
    }
  CHECK(seen > 15);
}

TEST_CASE("what it chose is shown as code") {
  auto app = with({.backoff = backoff_policy{.max = 3s}, .limit = intensity{.restarts = 7}, .shutdown = 1s}, 8);
  for (auto* chosen : {"probe.sharded.listing.shards", "probe.supervised.probe.backoff.max", "probe.supervised.probe.limit.restarts",
                       "probe.supervised.probe.shutdown"}) {
    CAPTURE(chosen);
    REQUIRE(find_option(app, chosen));
    CHECK(find_option(app, chosen)->origin() == "code");
  }
  CHECK(find_option(app, "probe.supervised.probe.backoff.min")->origin() == "default");
  CHECK(find_option(app, "probe.supervised.probe.limit.within")->origin() == "default");
}
