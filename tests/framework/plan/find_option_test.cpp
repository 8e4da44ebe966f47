#include "example.hpp"

#include <catch2/catch.hpp>

using namespace plan_example;
using namespace banyan;

TEST_CASE("an option is found by its full path") {
  auto app = describe_shop();
  auto* o = find_option(app, "orders.event_sourced.order.snapshot_every");
  REQUIRE(o);
  CHECK(o->value() == "100");
  CHECK(find_option(app, "orders.ambassador.payments.retry.attempts")->value() == "3");
}

TEST_CASE("the kind may be left out where one option fits") {
  auto app = describe_shop();
  CHECK(find_option(app, "orders.order.snapshot_every") == find_option(app, "orders.event_sourced.order.snapshot_every"));
  CHECK(find_option(app, "payments.charge.workers")->value() == "2");
}

TEST_CASE("a short path that fits several options finds none, and tells which") {
  application app{"shop", {service<payments_api>(answers<charge>{.name = "x"}, journalled{.journal = "j", .name = "x"})}};
  plan& p = app.services[0];
  auto other = p.add<journal_spec>("other", "x", phase::entity).read_by("a test");
  other.option("snapshot_every", other->snapshot_every);
  CHECK_FALSE(find_option(app, "payments.x.snapshot_every"));
  CHECK(find_options(app, "payments.x.snapshot_every").size() == 2);
  CHECK(find_option(app, "payments.other.x.snapshot_every"));
}

TEST_CASE("a full path wins over a short one that reads the same") {
  application app{"shop", {plan{"s"}}};
  plan& p = app.services[0];
  auto full = p.add<journal_spec>("a", "b", phase::entity).read_by("a test");
  full.option("c", full->snapshot_every);
  auto tricky = p.add<journal_spec>("k", "a.b", phase::entity).read_by("a test");
  tricky.option("c", tricky->snapshot_every);
  CHECK(find_option(app, "s.a.b.c") == &p.items()[0]->options()[0]);
}

TEST_CASE("nothing is found by a path that is incomplete or wrong") {
  auto app = describe_shop();
  for (auto path : {"", ".", "orders", "orders.event_sourced.order", "orders.event_sourced.order.", "workers", "orders..order.workers"}) {
    INFO(path);
    CHECK_FALSE(find_option(app, path));
  }
}

TEST_CASE("a mistyped path gets a suggestion in the form it was written in") {
  const auto app = describe_shop();
  CHECK(nearest_option(app, "oders.event_sourced.order.snapshot_every") == "orders.event_sourced.order.snapshot_every");
  CHECK(nearest_option(app, "orders.ambassador.payment.dedline") == "orders.ambassador.payments.deadline");
  CHECK(nearest_option(app, "orders.order.snapshots_every") == "orders.order.snapshot_every");
  CHECK(nearest_option(app, "colour").empty());
  CHECK(nearest_option(app, "").empty());
}

TEST_CASE("service and option alone are enough for a suggestion") {
  CHECK(nearest_option(describe_shop(), "orders.snapshot_every") == "orders.event_sourced.order.snapshot_every");
}

TEST_CASE("a setting of another service with the right ends is not suggested when several fit") {
  CHECK(nearest_option(describe_shop(), "orders.workers").empty());
}
