// Which events a group is given, and where it begins.
#include <tests/framework/pub_sub/scripted_world.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;
using world = scripted_world;

namespace {

struct added {
  static constexpr stored_as stored{"numbers.added", 1};
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(added, (), (n))

std::vector<int> handled;
task<result<done>> on_added(context<>, const added& a) {
  handled.push_back(a.n);
  co_return done{};
}

}  // namespace

TEST_CASE("a subscription takes the events of its type from its publishers' journals, and no others", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.journals = {"orders", "returns"};
  w.spec.other_journals = {"orders-eu"};
  w.append("orders-1", "1");
  w.append("returns-1", "2");
  w.append("orders-eu-1", "3");
  w.append("ordersx-1", "4");
  w.append("orders", "5");
  w.append("orders-2", "6", "numbers.taken");
  w.append("audit-1", "7");
  w.start();
  w.s.run();
  CHECK(w.began == world::handled{"orders-1:1", "returns-1:2"});
  CHECK(w.progress->checkpoint == 7);
}

TEST_CASE("an event of another version than the handler takes is never decoded as one of that version", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  plan p{"tests"};
  subscribes<on_added>{.topic = "numbers.added"}.contribute(p);
  w.spec.handle = p.all<subscription_spec>().front().second->handle;
  handled.clear();
  w.append("a", R"({"n":1})");
  w.append("b", R"({"n":2})", "numbers.added", 2);
  w.append("b", R"({"n":3})");
  SECTION("it is a dead letter at once") {
    w.start();
    w.s.run();
    CHECK(w.dead_letters() ==
          std::vector<world::dead>{{2, R"({"n":2})", 1, "corrupt: event numbers.added is of version 2, and the handler takes 1"}});
  }
  SECTION("it is left to the subscription that takes it") {
    w.spec.other_schemas = {2};
    w.start();
    w.s.run();
    CHECK(w.dead_letters().empty());
  }
  CHECK(handled == std::vector<int>{1, 3});
  CHECK(w.progress->checkpoint == 3);
}

TEST_CASE("a new group begins where it says, once, and the log says where", "[subscription]") {
  memory_view_disk disk;
  const auto [from, first] = GENERATE(table<std::string, position>({{"start", 1}, {"now", 4}, {"2", 3}, {"0", 1}, {"3", 4}}));
  CAPTURE(from);
  {
    world w{disk};
    w.spec.from = from;
    test::captured_log log{log_level::info};
    for (int i = 1; i <= 3; ++i) w.append("s" + std::to_string(i), std::to_string(i));
    w.start();
    w.s.run();
    CHECK(log.has("a new group begins topic=numbers.added group=tests from=" + from + " after=" + std::to_string(first - 1) +
                  " events_to_read=" + std::to_string(4 - first)));
    w.append("s4", "4");
    w.s.run();
    CHECK(w.began.size() == static_cast<std::size_t>(5 - first));
  }
  world again{disk};
  again.spec.from = "now";
  test::captured_log log{log_level::info};
  for (int i = 1; i <= 5; ++i) again.append("s" + std::to_string(i), std::to_string(i));
  again.start();
  again.s.run();
  CHECK(again.began == world::handled{"s5:5"});
  CHECK_FALSE(log.has("a new group"));
}

TEST_CASE("a group that began now on an empty journal misses nothing of what came while it was down", "[subscription]") {
  memory_view_disk disk;
  {
    world w{disk};
    w.spec.from = "now";
    w.start();
    w.s.run();
  }
  world again{disk};
  again.spec.from = "now";
  again.append("a", "1");
  again.start();
  again.s.run();
  CHECK(again.began == world::handled{"a:1"});
}

TEST_CASE("a group that is to begin beyond the end of the journal says so and does not begin", "[subscription]") {
  memory_view_disk disk;
  world w{disk};
  w.spec.from = "8";
  w.append("a", "1");
  w.start();
  w.s.advance(10s);
  CHECK(w.began.empty());
  CHECK_FALSE(w.progress->is_open);
  CHECK(w.s.system.counters().crashes == 0);
  CHECK(w.progress->refusal() == "it is to begin behind position 8, and the journal ends at 1");
  auto reset = w.s.ask(w.who, reset_subscription{{subscription_start::origin::start}}, 1min);
  w.s.advance(1s);
  CHECK(reset->value() == 0);
  w.start();  // as its supervisor does
  w.s.advance(1s);
  CHECK(w.began == world::handled{"a:1"});
  CHECK_FALSE(w.progress->refusal());
}
