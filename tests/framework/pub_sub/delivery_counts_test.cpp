// What is known of events that were refused or crashed their handler, and what follows from it.
#include <banyan/pub_sub/delivery_counts.hpp>

#include <catch2/catch.hpp>

#include <optional>

using namespace banyan;

namespace {

delivery_counts fresh(delivery_counts::limits l = {.refusals = 8, .crashes = 3, .unconfirmed = 2, .trial = {}}) { return {l, 0}; }

}  // namespace

TEST_CASE("only the first events after a start are recorded before they are delivered, and those with a record") {
  auto c = fresh();
  for (position at : {3, 5, 8}) c.taken_up(at);
  CHECK(c.mode_for(3) == delivery_mode::recorded);
  CHECK(c.mode_for(5) == delivery_mode::recorded);
  CHECK(c.mode_for(8) == delivery_mode::direct);
  c.begins(8);
  CHECK_FALSE(c.is_known(8));
  c.refused(8, "not now");
  CHECK(c.mode_for(8) == delivery_mode::recorded);
  c.forget(8);
  CHECK(c.mode_for(8) == delivery_mode::direct);
}

TEST_CASE("no more events are taken up beyond the stored checkpoint than are unconfirmed after a start") {
  auto c = fresh();
  CHECK(c.free_capacity() == 2);
  c.taken_up(3);
  c.taken_up(5);
  CHECK(c.free_capacity() == 0);
  c.saved(4);
  CHECK(c.free_capacity() == 1);
  c.saved(9);
  CHECK(c.free_capacity() == 2);
}

TEST_CASE("an excused attempt is over and counts for nothing") {
  auto c = fresh();
  for (position at : {3, 5, 8}) c.taken_up(at);
  c.begins(3);
  c.begins(8);
  c.excused(3);
  c.excused(8);
  CHECK(c.row_of(3) == delivery_counts::row{.at = 3, .cause = {}});
  CHECK(c.mode_for(3) == delivery_mode::recorded);
  CHECK_FALSE(c.is_any_under_way());
  CHECK_FALSE(c.is_known(8));  // nothing was stored of it
  c.refused(3, "no");
  c.excused(3);
  CHECK(c.row_of(3).refusals == 1);
  CHECK(c.row_of(3).cause == "no");
}

TEST_CASE("crashes and refusals are counted apart") {
  auto c = fresh();
  for (int i = 0; i < 7; ++i) c.refused(1, "no");
  c.crashed(1, "bang");
  c.crashed(1, "bang");
  CHECK_FALSE(c.is_given_up(1));
  CHECK(c.mode_for(1) == delivery_mode::recorded);
  SECTION("too many crashes are poison") {
    c.crashed(1, "boom");
    CHECK(c.is_poison(1));
    CHECK(c.row_of(1).cause == "boom");
  }
  SECTION("too many refusals are not") {
    c.refused(1, "no");
    CHECK_FALSE(c.is_poison(1));
  }
  SECTION("nor is a refusal for good") {
    c.refused_for_good(1, "corrupt");
    CHECK_FALSE(c.is_poison(1));
  }
  CHECK(c.is_given_up(1));
  CHECK(c.mode_for(1) == delivery_mode::given_up);
}

TEST_CASE("what was under way when the process died is quarantined and nothing more: it is delivered alone from then on") {
  auto dead = fresh();
  dead.taken_up(1);
  dead.begins(1);
  auto c = fresh();
  c.begin({dead.row_of(1), {.at = 2, .refusals = 1, .crashes = 1, .cause = "x"}});
  CHECK(c.row_of(1).crashes == 0);
  CHECK(c.row_of(1).deaths == 0);
  CHECK(c.row_of(1).is_quarantined);
  CHECK(c.row_of(1).cause == "the process ended while the event was handled");
  CHECK(c.mode_for(1) == delivery_mode::quarantined);
  CHECK(c.draws(1, system_random()) == std::nullopt);
  CHECK(c.row_of(2).crashes == 1);
  CHECK(c.mode_for(2) == delivery_mode::recorded);
}

TEST_CASE("an event stays quarantined until it is acknowledged, also in processes that never come to it") {
  auto c = fresh();
  c.begin({{.at = 1, .now = delivery_counts::attempt::under_way}});
  const auto stored = c.row_of(1);
  for (int process = 0; process < 5; ++process) {
    auto next = fresh();
    next.begin({stored});
    CHECK(next.row_of(1) == stored);
    CHECK(next.mode_for(1) == delivery_mode::quarantined);
  }
}

TEST_CASE("a quarantined event that was alone when the process died is on trial: it waits for its drawn instant") {
  auto c = fresh();
  c.begin({{.at = 1, .is_quarantined = true, .now = delivery_counts::attempt::under_way}});
  CHECK(c.row_of(1).deaths == 1);
  CHECK_FALSE(c.is_poison(1));
  const auto wait = c.draws(1, system_random());
  REQUIRE(wait);
  CHECK(*wait < c.row_of(1).evidence.wait);
  CHECK(c.row_of(1).now == delivery_counts::attempt::waiting);
  SECTION("the process dies meanwhile") {
    auto next = fresh();
    next.begin({c.row_of(1)});
    CHECK(next.row_of(1).deaths == 1);
    CHECK(next.row_of(1).evidence.decades == 0);
  }
  SECTION("it dies soon after that instant") {
    c.begins(1);
    auto next = fresh();
    next.begin({c.row_of(1)});
    CHECK(next.row_of(1).deaths == 2);
    CHECK(next.row_of(1).evidence.decades > 0.8);
    CHECK(next.row_of(1).now == delivery_counts::attempt::none);
  }
  SECTION("nobody is blamed for an order") {
    c.begins(1);
    auto next = fresh();
    next.begin({c.row_of(1)}, process_end::from_outside);
    CHECK(next.row_of(1).deaths == 1);
    CHECK(next.row_of(1).evidence == c.row_of(1).evidence);
  }
  SECTION("the handler answers") {
    c.begins(1);
    c.lives(1, std::chrono::milliseconds{10});
    c.refused(1, "not today");
    CHECK(c.row_of(1).now == delivery_counts::attempt::none);
    CHECK(c.mode_for(1) == delivery_mode::quarantined);
  }
}

TEST_CASE("an end of the actor alone blames nobody, and neither does an ordered end") {
  auto c = fresh();
  c.taken_up(1);
  c.begins(1);
  CHECK(c.is_any_under_way());
  SECTION("the actor's") { c.begin_again(0); }
  SECTION("an ordered one") { CHECK(c.spare() == std::vector<position>{1}); }
  CHECK_FALSE(c.is_any_under_way());
  CHECK(c.row_of(1).crashes == 0);
  CHECK(c.free_capacity() >= 1);
}
