// What `check` says of listeners and topics that do not fit, and what `describe` shows of a listener.
#include <tests/framework/topic/prices_world.hpp>

#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/pub_sub/pub_sub.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace banyan::test;

namespace {

struct sku_sold {
  static constexpr stored_as stored{"stock.sold", 1};
  int pieces = 0;
};
BOOST_DESCRIBE_STRUCT(sku_sold, (), (pieces))

task<result<done>> on_sold(context<>, const sku_sold&) { co_return done{}; }
task<result<done>> on_sold_live(context<>, const sku_sold&) { co_return done{}; }

template <class... Patterns>
plan with(std::string name, Patterns... patterns) {
  plan p{std::move(name)};
  (patterns.contribute(p), ...);
  return p;
}
plan publisher() { return with("stock", publishes_prices{}); }
// The service stores the event, and publishes it.
plan store(const std::string& topic) {
  plan p{"sales"};
  auto spec = p.add<entity_spec>("event_sourced", "sales", phase::entity).read_by("a test");
  spec->journal = "sales";
  spec->aggregate.name = "sales";
  spec->aggregate.events = {sku_sold::stored};
  publishes<sku_sold>{.topic = topic}.contribute(p);
  return p;
}
std::vector<std::string> told(const application& app) {
  std::vector<std::string> all;
  for (auto& p : check(app)) all.push_back(p.where + ": " + p.sentence);
  return all;
}

}  // namespace

TEST_CASE("a listener of a topic that is published, with its event, is sound", "[topic]") {
  CHECK(told({"app", {publisher(), with("mail", listens<to_mail>{.topic = prices_topic})}}).empty());
}

TEST_CASE("a topic that nothing publishes is told, with the one that was meant", "[topic]") {
  CHECK(told({"app", {publisher(), with("mail", listens<to_mail>{.topic = "prices.chnaged"})}}) ==
        std::vector<std::string>{"mail.listens.prices.chnaged: listens to topic prices.chnaged, which nothing in this "
                                 "application publishes; did you mean prices.changed?"});
  CHECK(told({"app", {with("mail", listens<to_mail>{.topic = "banyan.breakers"})}}) ==
        std::vector<std::string>{
            "mail.listens.banyan.breakers: listens to topic banyan.breakers, which nothing in this application "
            "publishes; a topic that begins with \"banyan.\" is published by the patterns that it is about, as "
            "banyan.breakers by an ambassador with a circuit breaker"});
}

TEST_CASE("a handler of another event than the topic carries is told", "[topic]") {
  CHECK(told({"app", {publisher(), with("mail", listens<on_sold_live>{.topic = prices_topic})}}) ==
        std::vector<std::string>{"mail.listens.prices.changed: topic prices.changed carries price_changed "
                                 "(stock.publishes_prices.prices), this handler takes sku_sold: it would never be "
                                 "called; listen to the topic of that event"});
}

TEST_CASE("stored events are subscribed to, others are listened to", "[topic]") {
  CHECK(told({"app", {store("sales.made"), with("mail", listens<on_sold_live>{.topic = "sales.made"})}}) ==
        std::vector<std::string>{"mail.listens.sales.made: the events of topic sales.made are stored: follow them with "
                                 "subscribes<...>, which misses none"});
  CHECK(told({"app", {publisher(), with("mail", subscribes<on_sold>{.topic = prices_topic, .from = from_now})}}) ==
        std::vector<std::string>{"mail.subscribes.prices.changed.mail: the events of topic prices.changed are not "
                                 "stored (stock.publishes_prices.prices): take them by listens<...>"});
  CHECK(told({"app", {publisher(), store(prices_topic)}}) ==
        std::vector<std::string>{"sales.publishes.prices.changed: topic prices.changed carries events that are not "
                                 "stored (stock.publishes_prices.prices): use another topic for stored ones"});
}

TEST_CASE("a topic with events of two types is told", "[topic]") {
  struct publishes_numbers {
    void contribute(plan& p) const {
      auto spec = p.add<no_options>("numbers", "numbers", phase::outbound).read_by("a test");
      publishes_live<int>(spec, prices_topic);
    }
  };
  const auto mail = with("mail", listens<to_mail>{.topic = prices_topic});
  CHECK(told({"app", {publisher(), with("other", publishes_numbers{}), mail}}) ==
        std::vector<std::string>{"other.numbers.numbers: publishes int on topic prices.changed, which carries "
                                 "price_changed (stock.publishes_prices.prices): use another topic"});
}

TEST_CASE("two listeners of one topic in a service have different names", "[topic]") {
  const listens<to_mail> one{.topic = prices_topic};
  CHECK(told({"app", {publisher(), with("mail", one, one)}}) ==
        std::vector<std::string>{"mail.listens.prices.changed: several listens patterns of this service have the name "
                                 "\"prices.changed\"; keep one, or give all but one another .name if they take one"});
  CHECK(told({"app", {publisher(), with("mail", one, listens<to_mail>{.topic = prices_topic, .name = "again"})}})
            .empty());
}

TEST_CASE("malformed topics and options out of range are told", "[topic]") {
  CHECK(told({"app", {publisher(), with("mail", listens<to_mail>{.topic = "prices..changed"})}}).size() == 1);
  CHECK(told({"app", {publisher(), with("mail", listens<to_mail>{.topic = prices_topic, .queue = 0})}}).size() == 1);
}

TEST_CASE("describe shows a listener, its level and its topic", "[topic]") {
  const application app{"app", {publisher(), with("mail", listens<to_mail>{.topic = prices_topic})}};
  CHECK(describe(app, describe_form::text) == R"(app
├─ stock
│  └─ publishes_prices prices
│        publishes      topic prices.changed
└─ mail
   └─ listens prices.changed
         queue          256  default
         handle_within  30s  default
         event          price_changed
         level          at_most_once
         listens        topic prices.changed
)");
  const auto dot = describe(app, describe_form::dot);
  CHECK(dot.find(R"("topic prices.changed" -> "mail.listens.prices.changed" [label="listens"])") != dot.npos);
}
