// A shard hosts any actor that has a stream and takes part in passivation.
#include <tests/framework/event_sourcing/counters.hpp>

#include <banyan/sharding/shard.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct get_stream {
  using reply = std::string;
  std::string id;
};
int alive = 0;

// Says which stream it has.
class streamer final : public actor {
 public:
  explicit streamer(hosted_entities::stream_name stream) : stream_{std::move(stream)} { ++alive; }
  ~streamer() override { --alive; }
  behavior make_behavior() override {
    return behavior{}.on<get_stream>([this](const get_stream&) { return *stream_; }).on<passivate>([this](passivate p) {
      self().send(self().parent(), passivated{stream_->substr(stream_->find('-') + 1), p.forwarded});
    });
  }

 private:
  hosted_entities::stream_name stream_;
};
std::unique_ptr<actor> make_other(hosted_entities::stream_name stream) {
  return std::make_unique<streamer>(std::move(stream));
}

}  // namespace

TEST_CASE("a shard hosts the entities of an aggregate, or other actors with a stream") {
  const entity_spec entities{erase<test::counter>(), "counters", 0, 64};
  memory_journal journal;
  hosted_entities orders = hosted(entities, journal);
  CHECK(orders.category == "counters");
  hosted_entities others;
  others.category = "others";
  others.make = make_other;
  others.validate = [](message& m) -> result<void> {
    if (m.as<get_stream>().id != "bad") return {};
    return error{code::invalid_argument, "a bad one"};
  };

  auto key = [](message& m) { return m.type == type_of<get_stream>() ? m.as<get_stream>().id : std::string{}; };
  const shard_spec spec{"other", 1, 10s, 0, key, key, false};
  auto census = std::make_shared<entity_census>();
  {
    stepped s;
    const auto who = s.system.spawn([&] { return std::make_unique<shard>(spec, others, census); });
    CHECK((*s.ask(who, get_stream{"a-1"})).value() == "others-a-1");
    CHECK((*s.ask(who, get_stream{"b"})).value() == "others-b");
    CHECK((*s.ask(who, get_stream{"bad"})).error().code == code::invalid_argument);
    CHECK(alive == 2);
    CHECK(census->active() == 2);
    s.advance(1min);
    CHECK(alive == 0);
    CHECK(census->active() == 0);
    CHECK((*s.ask(who, get_stream{"b"})).value() == "others-b");
  }
  CHECK(alive == 0);
}
