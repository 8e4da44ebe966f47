// What a running node says of trouble in the background: each piece of it once.
#include <services/catalog/events.hpp>
#include <services/catalog/service.hpp>
#include <tests/framework/runtime/node_access.hpp>
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/the_catalog.hpp>

#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/node.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using banyan::test::lantern;
using namespace std::chrono_literals;

namespace {

struct picky_api {
  static constexpr std::string_view name = "picky";
  using operations = banyan::operations<>;
};

task<result<done>> refuse_all(context<>, const shop::catalog::product_put&) { co_return error{code::unavailable, "not today"}; }

struct fragile_api {
  static constexpr std::string_view name = "fragile";
  using operations = banyan::operations<>;
};

task<result<done>> fall_over(context<>, const shop::catalog::product_put&) { throw 7; }

const application& the_fragile_app() {
  static const application app{
      "app", {shop::catalog::describe(), service<fragile_api>(subscribes<fall_over>{.topic = "catalog.product_put", .max_crashes = 2})}};
  return app;
}

const application& the_app() {
  static const application app{
      "app", {shop::catalog::describe(), service<picky_api>(subscribes<refuse_all>{.topic = "catalog.product_put", .max_attempts = 3})}};
  return app;
}

const std::string callers = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

void append(simulation& world, std::string stream, std::string payload) {
  append_request request;
  request.writes.push_back(
      {std::move(stream), expected::any(), {{uuid_v7(world.now(), world.random()), "catalog.product_put", 1, std::move(payload), {}}}});
  world.journal().append(std::move(request), [](result<append_result> r) { REQUIRE(r); });
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("an event that is given up is one line, with the trace of the request that led to it") {
  test::edge_client c{the_app()};
  test::captured_log log{log_level::error};
  c.send("PUT", "/products/A1", lantern, {{"traceparent", callers}});
  c.settle();
  auto text = log.text();
  CHECK(count(text, "\n") == 1);
  CHECK(text.find("error   picky: dead letter: the event is given up topic=catalog.product_put stream=catalog-A1 position=1 attempts=3 "
                  "cause=\"unavailable: not today\" trace=4bf92f3577b34da6a3ce929d0e0e4736") != text.npos);
  c.world.crash();
  c.settle();
  CHECK(log.text() == text);
}

TEST_CASE("an event that crashes its handler, with whatever it throws, is one line, and counted; the node goes on") {
  test::edge_client c{the_fragile_app()};
  test::captured_log log{log_level::error};
  c.send("PUT", "/products/A1", lantern, {{"traceparent", callers}});
  c.settle();
  c.world.crash();
  c.settle();
  const auto text = log.text();
  CHECK(count(text, "\n") == 1);
  CHECK(text.find("attempts=2 cause=\"poison: crashed its handler 2 times: an exception that is no std::exception\" "
                  "trace=4bf92f3577b34da6a3ce929d0e0e4736") != text.npos);
  CHECK(test::subscription_of(c.world.running(), "catalog.product_put", "fragile").progress->checkpoint == 1);
}

TEST_CASE("a stream that a view can not read is one line, however many events follow and however often the node starts") {
  test::edge_client c{the_app()};
  test::captured_log log{log_level::error};
  append(c.world, "catalog-B2", "{}");
  append(c.world, "catalog-B2", "{}");
  append(c.world, "catalog-C3", "{}");
  c.settle();
  c.world.crash();
  append(c.world, "catalog-B2", "{}");
  c.settle();
  auto text = log.text();
  CHECK(count(text, "product_search: stream parked: the view goes on without its events stream=catalog-B2 position=1 cause=") == 1);
  CHECK(count(text, "stream parked") == 2);
  CHECK(count(text, "dead letter") == 4);
}
