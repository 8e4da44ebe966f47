// Who publishes what on a topic, who is given it, and what `check` says when the two do not fit.
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/topics.hpp>

#include <catch2/catch.hpp>

using namespace banyan;

namespace {

struct placed {
  static constexpr stored_as stored{"orders.placed", 1};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(placed, (), (id))
struct cancelled {
  static constexpr stored_as stored{"orders.cancelled", 2};
  std::string id;
};
BOOST_DESCRIBE_STRUCT(cancelled, (), (id))

struct placed_with_sum {
  static constexpr stored_as stored{"orders.placed", 2};
  std::string id;
  int sum = 0;
};
BOOST_DESCRIBE_STRUCT(placed_with_sum, (), (id, sum))

task<result<done>> on_placed(context<>, const placed&) { co_return done{}; }
task<result<done>> on_placed_with_sum(context<>, const placed_with_sum&) { co_return done{}; }
task<result<done>> on_cancelled(context<>, const cancelled&) { co_return done{}; }

void stores(plan& p, const std::string& journal, std::vector<stored_as> events) {
  auto spec = p.add<entity_spec>("event_sourced", journal, phase::entity).read_by("a test");
  spec->journal = journal;
  spec->aggregate.name = journal;
  spec->aggregate.events = std::move(events);
}

// Orders that are placed and cancelled, each on a topic of its own.
plan orders() {
  plan p{"orders"};
  stores(p, "orders", {placed::stored, cancelled::stored});
  publishes<placed>{.topic = "orders.placed"}.contribute(p);
  publishes<cancelled>{.topic = "orders.cancelled"}.contribute(p);
  return p;
}
template <class Subscription>
plan follower(std::string name, Subscription s) {
  plan p{std::move(name)};
  s.contribute(p);
  return p;
}
std::vector<std::string> told(const application& app) {
  std::vector<std::string> all;
  std::vector<problem> found;
  check_topics(app, found);
  for (auto& p : found) all.push_back(p.where + ": " + p.sentence);
  return all;
}
std::vector<std::string> notes_of(const application& app) {
  std::vector<std::string> all;
  subscription_notes(app, all);
  return all;
}
const subscription_spec& only(const application& app) {
  for (auto& p : app.services)
    for (auto& [item, spec] : p.all<subscription_spec>()) return *spec;
  throw std::logic_error{"no subscription"};
}
recorded_event event(std::string stream, std::string type = "orders.placed") {
  recorded_event e;
  e.stream = std::move(stream);
  e.type = std::move(type);
  return e;
}

}  // namespace

TEST_CASE("a handler of an event that its topic does not carry is told with both owners") {
  CHECK(told({"app", {orders(), follower("stock", subscribes<on_placed>{.topic = "orders.placed"})}}).empty());
  CHECK(told({"app", {orders(), follower("stock", subscribes<on_placed>{.topic = "orders.cancelled"})}}) ==
        std::vector<std::string>{"stock.subscribes.orders.cancelled.stock: topic orders.cancelled carries orders.cancelled v2 "
                                 "(orders.publishes.orders.cancelled), this handler takes orders.placed v1: it would "
                                 "never be called; subscribe to the topic of that event"});
}

TEST_CASE("one topic may carry several types, of several services") {
  plan both{"both"};
  stores(both, "both", {placed::stored, cancelled::stored});
  publishes<placed>{.topic = "all"}.contribute(both);
  publishes<cancelled>{.topic = "all", .name = "all.cancelled"}.contribute(both);
  plan returns{"returns"};
  stores(returns, "returns", {cancelled::stored});
  publishes<cancelled>{.topic = "all"}.contribute(returns);
  application app{"app", {both, returns, orders(), follower("mail", subscribes<on_cancelled>{.topic = "all"})}};
  CHECK(told(app).empty());
  CHECK(check(app).empty());
  resolve_topics(app);
  CHECK(only(app).journals == std::vector<std::string>{"both", "returns"});
  CHECK(is_for(only(app), event("both-1", "orders.cancelled")));
  CHECK(is_for(only(app), event("returns-1", "orders.cancelled")));
  CHECK_FALSE(is_for(only(app), event("both-1")));
  CHECK_FALSE(is_for(only(app), event("orders-1", "orders.cancelled")));  // the same type, published on another topic only
}

TEST_CASE("every version that a topic carries is taken by a handler of the service") {
  plan newer{"orders"};
  stores(newer, "orders", {placed::stored, placed_with_sum::stored});
  publishes<placed_with_sum>{.topic = "orders.placed"}.contribute(newer);
  const subscribes<on_placed> old_one{.topic = "orders.placed"};
  const subscribes<on_placed_with_sum> new_one{.topic = "orders.placed", .group = "sums"};
  const std::string each = "each would be a dead letter; take that version, or both in subscriptions of different groups";
  CHECK(told({"app", {newer, follower("stock", old_one)}}) ==
        std::vector<std::string>{"stock.subscribes.orders.placed.stock: topic orders.placed carries orders.placed v2 "
                                 "(orders.publishes.orders.placed), this handler takes orders.placed v1: " +
                                 each});
  CHECK(told({"app", {orders(), follower("stock", new_one)}}) ==
        std::vector<std::string>{"stock.subscribes.orders.placed.sums: topic orders.placed carries orders.placed v1 "
                                 "(orders.publishes.orders.placed), this handler takes orders.placed v2: " +
                                 each});
  // A handler of another service takes nothing off this one.
  CHECK(told({"app", {newer, follower("stock", old_one), follower("books", new_one)}}).size() == 1);
  CHECK(told({"app", {newer, follower("books", new_one)}}).empty());
}

TEST_CASE("two subscriptions of a service share the versions of a topic, and it is said") {
  plan newer{"orders"};
  stores(newer, "orders", {placed::stored, placed_with_sum::stored});
  publishes<placed_with_sum>{.topic = "orders.placed"}.contribute(newer);
  auto stock = follower("stock", subscribes<on_placed>{.topic = "orders.placed", .from = from_now});
  subscribes<on_placed_with_sum>{.topic = "orders.placed", .group = "sums", .from = from_now}.contribute(stock);
  application app{"app", {newer, stock}};
  CHECK(told(app).empty());
  resolve_topics(app);
  auto of_sums = event("orders-1");
  of_sums.schema = 2;
  CHECK(is_for(only(app), event("orders-1")));
  CHECK_FALSE(is_for(only(app), of_sums));
  of_sums.schema = 3;  // of which nobody knows: not passed over in silence
  CHECK(is_for(only(app), of_sums));
  app.services.pop_back();
  app.services.push_back(follower("stock", subscribes<on_placed>{.topic = "orders.placed", .from = from_now}));
  resolve_topics(app);
  of_sums.schema = 2;
  CHECK(is_for(only(app), of_sums));
  CHECK(notes_of({"app", {newer, stock}}) ==
        std::vector<std::string>{"stock.subscribes.orders.placed.stock: leaves orders.placed v2 to stock.subscribes.orders.placed.sums",
                                 "stock.subscribes.orders.placed.sums: leaves orders.placed v1 to stock.subscribes.orders.placed.stock"});
}

TEST_CASE("a publication is of the version that is stored, also of the newest one") {
  const auto of = [](std::vector<stored_as> events, auto... published) {
    plan p{"orders"};
    stores(p, "orders", std::move(events));
    (published.contribute(p), ...);
    return told({"app", {p}});
  };
  const publishes<placed> old_one{.topic = "orders.placed"};
  const publishes<placed_with_sum> new_one{.topic = "orders.placed", .name = "sums"};
  CHECK(of({placed_with_sum::stored}, old_one) ==
        std::vector<std::string>{"orders.publishes.orders.placed: publishes orders.placed v1, but orders.event_sourced.orders stores "
                                 "orders.placed v2: publish the version that is stored"});
  CHECK(of({placed::stored, placed_with_sum::stored}, old_one) ==
        std::vector<std::string>{"orders.publishes.orders.placed: publishes orders.placed v1, but orders.event_sourced.orders stores "
                                 "orders.placed v2, which the topic carries as well: publish that version"});
  CHECK(of({placed::stored, placed_with_sum::stored}, new_one).empty());
  CHECK(of({placed::stored, placed_with_sum::stored}, old_one, new_one).empty());
  CHECK(of({placed::stored}, new_one).size() == 1);
}

TEST_CASE("a journal whose name begins like the publisher's is another one") {
  plan eu{"eu"};
  stores(eu, "orders-eu", {placed::stored});
  publishes<placed>{.topic = "eu.placed"}.contribute(eu);
  application app{"app", {orders(), eu, follower("stock", subscribes<on_placed>{.topic = "orders.placed"})}};
  resolve_topics(app);
  CHECK(is_for(only(app), event("orders-1")));
  CHECK_FALSE(is_for(only(app), event("orders-eu-1")));
  CHECK_FALSE(is_for(only(app), event("orders2-1")));
  CHECK_FALSE(is_for(only(app), event("orders")));
}

TEST_CASE("what a service publishes it stores, and once per topic") {
  plan p{"mail"};
  publishes<placed>{.topic = "mail.placed"}.contribute(p);
  auto twice = orders();
  publishes<placed>{.topic = "orders.placed", .name = "again"}.contribute(twice);
  CHECK(told({"app", {p, twice}}) ==
        std::vector<std::string>{
            "mail.publishes.mail.placed: publishes orders.placed v1, which no aggregate of mail stores: it would never "
            "be delivered; publish it in the service that does, or add it to the events of an aggregate",
            "orders.publishes.again: publishes orders.placed on topic orders.placed, as orders.publishes.orders.placed does already"});
}

TEST_CASE("two subscriptions that would share a checkpoint are told, each with its owner") {
  const auto stock = follower("stock", subscribes<on_placed>{.topic = "orders.placed", .group = "g"});
  SECTION("of two services") {
    CHECK(told({"app", {orders(), stock, follower("mail", subscribes<on_placed>{.topic = "orders.placed", .group = "g"})}}) ==
          std::vector<std::string>{"mail.subscribes.orders.placed.g: topic orders.placed and group g are those of "
                                   "stock.subscribes.orders.placed.g: each would take the other's events for done; give one of them another "
                                   ".group"});
  }
  SECTION("of one service") {
    plan twice{"stock"};
    subscribes<on_placed>{.topic = "orders.placed", .group = "g"}.contribute(twice);
    subscribes<on_placed>{.topic = "orders.placed", .group = "g", .name = "other"}.contribute(twice);
    CHECK(told({"app", {orders(), twice}}).size() == 1);
  }
  SECTION("by names that become the same in their store") {
    auto more = orders();
    stores(more, "more", {placed::stored});
    publishes<placed>{.topic = "orders_placed"}.contribute(more);
    const auto all = told({"app", {more, stock, follower("mail", subscribes<on_placed>{.topic = "orders_placed", .group = "g"})}});
    REQUIRE(all.size() == 1);
    CHECK(all[0].find("its checkpoint would be kept where that of stock.subscribes.orders.placed.g (topic orders.placed, group g) is") !=
          std::string::npos);
  }
  SECTION("of other groups they are not") {
    CHECK(told({"app", {orders(), stock, follower("mail", subscribes<on_placed>{.topic = "orders.placed"})}}).empty());
  }
}

TEST_CASE("two subscriptions of one group that are given the same events by two topics are told") {
  auto twice = orders();
  publishes<placed>{.topic = "all"}.contribute(twice);
  plan other{"other"};
  stores(other, "other", {placed::stored});
  publishes<placed>{.topic = "elsewhere"}.contribute(other);
  const auto with = [&](const std::string& topic, const std::string& group) {
    plan p{"stock"};
    subscribes<on_placed>{.topic = "orders.placed"}.contribute(p);
    subscribes<on_placed>{.topic = topic, .group = group}.contribute(p);
    return told({"app", {twice, other, p}});
  };
  CHECK(with("all", "stock") ==
        std::vector<std::string>{"stock.subscribes.all.stock: takes the same events orders.placed v1 as stock.subscribes.orders.placed.stock "
                                 "(topic orders.placed) in the same group stock: what both ask would be done once; give one of them another "
                                 ".group"});
  CHECK(with("all", "again").empty());
  CHECK(with("elsewhere", "stock").empty());
}

TEST_CASE("names of topics and groups are dotted tokens") {
  for (auto* good : {"a", "orders.placed", "orders-eu.placed_2", "A.b.C"}) CHECK(is_topic_name(good));
  for (auto* bad : {"", ".", "a.", ".a", "a..b", "a b", "a/b", "a>", "*", "größe"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_topic_name(bad));
  }
  CHECK_FALSE(is_topic_name(std::string(101, 'a')));
  plan p{"orders"};
  stores(p, "orders", {placed::stored});
  publishes<placed>{.topic = "orders..placed"}.contribute(p);
  CHECK(told({"app", {p, follower("stock", subscribes<on_placed>{.topic = "orders..placed", .group = "a b"})}}).size() == 3);
}

TEST_CASE("where a new group begins is a setting of its own, and said when nobody chose it") {
  for (auto* good : {"start", "now", "0", "1234"}) CHECK(is_starting_point(good));
  for (auto* bad : {"", "then", "-1", "12x", "99999999999999999999", "now "}) {
    CAPTURE(bad);
    CHECK_FALSE(is_starting_point(bad));
  }
  application app{"app", {orders(), follower("stock", subscribes<on_placed>{.topic = "orders.placed"})}};
  CHECK(notes_of(app) ==
        std::vector<std::string>{"stock.subscribes.orders.placed.stock: a new group begins at the start of the journal and handles all that is "
                                 "in it (.from is not set)"});
  const auto decided = follower("stock", subscribes<on_placed>{.topic = "orders.placed", .from = from_start});
  CHECK(notes_of({"app", {orders(), decided}}).empty());
  auto* from = find_option(app, "stock.orders.placed.stock.from");
  REQUIRE(from);
  CHECK_FALSE(from->set("tomorrow", "test"));
  REQUIRE(from->set("now", "test"));
  CHECK(only(app).from == "now");
  CHECK(notes_of(app).empty());
  plan wrong = follower("stock", subscribes<on_placed>{.topic = "orders.placed", .from = "yesterday"});
  CHECK(wrong.check().size() == 1);
}
