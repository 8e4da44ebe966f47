// What is told of a subscription whose store is in trouble.
#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/pub_sub/delivery_store_decorator.hpp>
#include <banyan/pub_sub/running_subscription.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

struct troubled_store final : delivery_store_decorator {
  using delivery_store_decorator::delivery_store_decorator;
  std::optional<error> trouble() const override { return why; }
  std::optional<error> why;
};

}  // namespace

TEST_CASE("a subscription whose file is damaged is dead, and one whose file was removed waits for an operator") {
  const auto store = std::make_shared<troubled_store>(open_memory_delivery_store({"orders.placed", "mail"}).value());
  const running_subscription s{"orders.placed", "mail", std::make_shared<subscription_progress>(), store};
  const auto lines = [&](auto add) {
    std::vector<health_line> all;
    add(s, all);
    return all;
  };
  CHECK(lines(add_liveness).empty());
  CHECK(lines(add_readiness).empty());

  store->why = error{code::corrupt, "the file m.db is damaged"};
  REQUIRE(lines(add_liveness).size() == 1);
  CHECK(lines(add_liveness)[0].name == "subscription orders.placed of mail");
  CHECK(lines(add_liveness)[0].state == health_state::dead);
  CHECK(lines(add_liveness)[0].sentence == "the file m.db is damaged");
  CHECK(lines(add_readiness).empty());

  // Not dead: restarted without its file it would handle all events again.
  store->why = error{code::corrupt, "m.db was removed"}.because("store_lost");
  CHECK(lines(add_liveness).empty());
  REQUIRE(lines(add_readiness).size() == 1);
  CHECK(lines(add_readiness)[0].state == health_state::waiting);
  CHECK(lines(add_readiness)[0].sentence ==
        "m.db was removed; without them it begins as a new group, which may handle all events again");
}
