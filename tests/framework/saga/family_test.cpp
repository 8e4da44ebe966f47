// Sagas that wait for one another: the answer of one is an order to the other, so nobody asks again and again, and none
// of them must stay in memory.
#include "family.hpp"

using namespace saga_tests;

namespace {

const std::string arrived = R"(done {"ok":{"parcel":"p-o17"}})";

}  // namespace

TEST_CASE("a saga asks another one: it is told that it has begun, and gets its answer days later") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  f.pass(72h);
  CHECK(f.asked == 1);
  CHECK(f.activated["sales"] == 1);  // it was not activated again to ask
  CHECK(f.ending(f.shipping) == "no end");
  CHECK(f.turns(f.sales).back().find(R"("because":{"kind":"begun","number":2})") != std::string::npos);
  CHECK(f.turns(f.shipping).front().find(R"("reply_to":{"saga":"sales","id":"o17","run":1,"number":2)") !=
        std::string::npos);
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.pass(1s);
  CHECK(f.ending(f.shipping) == arrived);
  CHECK(f.ending(f.sales) == arrived);
  CHECK(f.asked == 1);
  CHECK(f.activated["sales"] == 2);  // for the answer
}

TEST_CASE("the error of the other saga is the step's outcome, whatever its code") {
  SECTION("it was refused") {
    family f;
    CHECK(f.order(f.seller, family::start(), "start"));
    CHECK(f.order(f.shipper, family::arrives(true), "arrived"));
    f.pass(10s);
    CHECK(f.ending(f.shipping).find("damaged") != std::string::npos);
    CHECK(f.ending(f.sales).starts_with("undone"));
    CHECK(f.ending(f.sales).find("damaged") != std::string::npos);
    CHECK(f.count("refund") == 1);
  }
  SECTION("it was out of time") {
    family f;
    f.shipping.give_up_after = 1h;
    CHECK(f.order(f.seller, family::start(), "start"));
    f.wake(f.shipper);
    f.pass(10s);
    f.s->advance(2h);
    f.wake(f.shipper);
    f.pass(1min);
    CHECK(f.ending(f.shipping).find("saga_out_of_time") != std::string::npos);
    CHECK(f.ending(f.sales).find("saga_out_of_time") != std::string::npos);
    CHECK(f.count("refund") == 1);
    CHECK(f.asked == 1);
  }
}

TEST_CASE("who cancels a saga ends the one that it waits for, by the undo action of the step") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  f.pass(1h);
  saga_order cancel{.what = saga_command::cancel, .because = "the customer left", .by = "ann"};
  CHECK(f.order(f.seller, cancel, "cancel"));
  f.pass(1min);
  CHECK(f.ending(f.shipping).starts_with("undone"));
  CHECK(f.count("release_stock") == 1);
  CHECK(f.ending(f.sales).starts_with("undone"));
  CHECK(f.count("refund") == 1);
  const auto& undone = f.services.executed;
  CHECK(std::find(undone.begin(), undone.end(), "release_stock") < std::find(undone.begin(), undone.end(), "refund"));
}

TEST_CASE("an order to end that comes when the other saga has ended well takes back what was done") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  // Both are under way at once.
  auto one = f.send(f.shipper, family::arrives(), "arrived", 10s);
  saga_order cancel{.what = saga_command::cancel, .id = "o17", .because = "the customer left"};
  auto other = f.send(f.seller, cancel, "cancel", 10s);
  f.pass(1min);
  CHECK(f.ending(f.shipping) == arrived);
  const auto end = f.ending(f.sales);
  CHECK((end == arrived || end.starts_with("undone")));
  CHECK(f.count("refund") == (end == arrived ? 0 : 1));
}

TEST_CASE("an order to end is refused past the pivot: when that saga has ended well, its work is taken back, once") {
  family f;
  f.shipping.versions.front().code = saga_code_of<ship_for_certain>("shipping", 1);
  CHECK(f.order(f.seller, family::start(), "start"));
  f.pass(1h);
  CHECK(f.order(f.seller, {.what = saga_command::cancel, .because = "the customer left"}, "cancel"));
  f.pass(1h);
  CHECK(f.ending(f.sales) == "no end");
  CHECK(f.turns(f.sales).back().find("on_the_way") != std::string::npos);
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.pass(1min);
  CHECK(f.ending(f.shipping) == arrived);
  CHECK(f.fetched == 1);
  CHECK(f.ending(f.sales).starts_with("undone"));
  CHECK(f.count("refund") == 1);
  CHECK(rebuild_saga(nullptr, f.turns(f.sales)));
}

TEST_CASE("an aborted saga ends the one that it waits for too") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  CHECK(f.order(f.seller, {.what = saga_command::abort, .because = "a test"}, "abort"));
  f.pass(1min);
  CHECK(f.ending(f.shipping).starts_with("undone"));
  CHECK(f.ending(f.sales).starts_with("undone"));
  CHECK(f.count("refund") == 1);
}

TEST_CASE("an answer is given until it is taken") {
  family f;
  CHECK(f.order(f.seller, family::start(), "start"));
  f.seller_is_reachable = false;
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.pass(1h);
  CHECK(f.ending(f.shipping) == arrived);
  CHECK(f.ending(f.sales) == "no end");
  f.seller_is_reachable = true;
  f.pass(2min);
  CHECK(f.ending(f.sales) == arrived);
  CHECK(f.asked == 1);
}

TEST_CASE("a request that is none of the saga's own waits for the end, as any caller's") {
  family f;
  auto m = make_message<ship>(ship{"o17"});
  auto context = std::make_shared<message_context>();
  context->command = uuid_from_name("test", "another");
  const saga_parent parent{"sales", "o17", 1, 2, uuid_from_name("test", "its step"), 1};
  context->asking_saga = std::make_shared<const std::string>(to_json(parent));
  m->context = std::move(context);
  test::stepped::answer_slot<message_ptr> a;
  f.s->system.ask_message(f.shipper, std::move(m), 10s, a.slot());
  f.settle();
  CHECK(a.count() == 0);
  CHECK(f.order(f.shipper, family::arrives(), "arrived"));
  f.settle();
  CHECK(family::value_of<shipped>(a)->parcel == "p-o17");
}

TEST_CASE("sixteen sagas may wait for one another") {
  const auto answer_at = [](int depth) {
    family f;
    auto m = make_message<ship>(ship{"o17"});
    auto context = std::make_shared<message_context>();
    context->command = uuid_from_name("test", "step");
    const saga_parent parent{"sales", "o17", 1, 2, context->command, depth};
    context->asking_saga = std::make_shared<const std::string>(to_json(parent));
    m->context = std::move(context);
    test::stepped::answer_slot<message_ptr> a;
    f.s->system.ask_message(f.shipper, std::move(m), 10s, a.slot());
    f.settle();
    return family::value_of(a);
  };
  CHECK(answer_at(16));
  const auto refused = answer_at(17);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "saga_too_deep");
  CHECK(refused.error().outcome == outcome::not_applied);
}

TEST_CASE("the power fails before any step of two sagas, one of which waits for the other") {
  struct story {
    const char* what;
    bool is_damaged, cancels;
  };
  int cuts_made = 0;
  for (const auto& t : {story{"it arrives", false, false}, story{"it is damaged", true, false},
                        story{"it is cancelled", false, true}})
    for (std::uint64_t seed = 1; seed <= 2; ++seed)
      for (int cut = 0;; ++cut) {
        INFO(t.what << ", seed " << seed << ", cut " << cut);
        test::counting_random random{seed};
        family f;
        bool was_cut = false;
        const auto ended = [&](const saga_spec& of) {
          const auto end = f.ending(of);
          return end != "no end" && end != "not started";
        };
        int since_poke = 1000;
        for (int i = 0; !ended(f.sales) || !ended(f.shipping); ++i) {
          REQUIRE(i < 20'000);
          if (i == cut) {
            f.fail_power(random);
            was_cut = true;
            since_poke = 1000;
          }
          // Clients repeat their orders now and then; the clock wakes the saga with open steps after a restart, and
          // never the other.
          if (++since_poke > 300) {
            since_poke = 0;
            if (f.turns(f.sales).empty()) (void)f.send(f.seller, family::start(), "start", 10s);
            if (i >= cut) f.s->system.send(f.seller, wake_saga{"o17"});
            if (!f.turns(f.shipping).empty() && !ended(f.shipping) && !t.cancels)
              (void)f.send(f.shipper, family::arrives(t.is_damaged), "arrived", 10s);
            saga_order cancel{.what = saga_command::cancel, .id = "o17", .because = "a test"};
            if (!f.turns(f.shipping).empty() && t.cancels) (void)f.send(f.seller, cancel, "cancel", 10s);
          }
          f.step(random);
        }
        f.pass(1min);
        const bool well = !t.is_damaged && !t.cancels;
        CHECK(f.ending(f.sales).starts_with(well ? "done" : "undone"));
        CHECK(f.ending(f.shipping).starts_with(well ? "done" : "undone"));
        CHECK(f.count("charge") == 1);
        CHECK(f.count("reserve_stock") == 1);
        CHECK(f.count("refund") == (well ? 0 : 1));
        CHECK(f.count("release_stock") == (well ? 0 : 1));
        for (const auto* of : {&f.sales, &f.shipping}) {
          const auto turns = f.turns(*of);
          CHECK(rebuild_saga(of->code_of(1), turns));  // each turn replays
          CHECK(rebuild_saga(nullptr, turns));         // also without code
        }
        if (!was_cut) break;
        ++cuts_made;
      }
  CHECK(cuts_made > 200);
}
