// What a listener is given, in virtual time: order, bound, isolation from its publishers and from other listeners.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/topic/prices_world.hpp>

#include <banyan/actor/control.hpp>
#include <banyan/observability/trace.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

std::vector<int> heard() {
  std::vector<int> all;
  for (const auto& h : labels_heard) all.push_back(h.pence);
  return all;
}

std::size_t lines_with(const captured_log& log, std::string_view part) {
  std::size_t n = 0;
  const auto text = log.text();
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("every listener is given every event, in the order of publication", "[topic]") {
  prices_world w{{.topic = prices_topic}};
  w.start();
  w.publish(1, 200);
  w.s.run();
  CHECK(heard() == numbers(1, 200));
  CHECK(mail_heard == numbers(1, 200));
  CHECK(w.events("handled") == 200);
  CHECK(w.events("dropped") == 0);
  CHECK(w.events("failed") + w.events("threw") + w.events("late") == 0);
}

TEST_CASE("what is published before the listener has started is kept, within its queue", "[topic]") {
  const captured_log log{log_level::off};
  prices_world w{{.topic = prices_topic, .queue = 3}};
  w.publish(1, 5);
  CHECK(heard().empty());
  w.start();
  CHECK(heard() == std::vector{3, 4, 5});
  w.publish(6, 6);
  w.s.run();
  CHECK(heard() == std::vector{3, 4, 5, 6});
}

TEST_CASE("a listener hears what is published before its supervisor knows of it", "[topic]") {
  prices_world w{{.topic = prices_topic}};
  w.start_unheard();
  w.publish(1, 1);
  w.s.run();
  CHECK(heard() == numbers(1, 1));
  w.publish(2, 3);
  w.s.run();
  CHECK(heard() == numbers(1, 3));
}

TEST_CASE("a listener handles one event at a time, each with a trace and a deadline of its own", "[topic]") {
  prices_world w{{.topic = prices_topic, .handle_within = 2s}};
  w.start();
  for (int n = 1; n <= 5; ++n) orders[n].rest_ms = 100;
  w.publish(1, 5);
  w.s.advance(1s);
  CHECK(heard() == numbers(1, 5));
  CHECK(most_under_way == 1);
  std::set<std::string> traces;
  for (const auto& h : labels_heard) {
    CHECK(parse_traceparent(h.trace));
    traces.insert(h.trace);
    CHECK((h.deadline.time_since_epoch() == h.at.time_since_epoch() + 2s));
  }
  CHECK(traces.size() == 5);
}

TEST_CASE("a slow listener keeps the newest events of its queue, and delays nobody", "[topic]") {
  captured_log log{log_level::info};
  prices_world w{{.topic = prices_topic, .queue = 10}};
  w.start();
  orders[1].rest_ms = 4000;
  w.publish(1, 1);
  w.s.run();  // the handler of the first one waits now
  for (int n = 1; n < 1000; n += 100) {
    w.publish(std::max(n, 2), n + 99);
    w.s.run();
  }
  CHECK(mail_heard == numbers(1, 1000));
  CHECK(heard() == numbers(1, 1));
  CHECK(w.metric(R"(banyan_listener_waiting{listener="labels",topic="prices.changed"})") == 10);
  CHECK(w.events("dropped") == 989);
  REQUIRE(w.health().size() == 1);
  CHECK(w.health()[0].name == "listener labels to prices.changed");
  CHECK(w.health()[0].state == health_state::degraded);
  CHECK(w.health()[0].sentence == "is behind: 10 events wait, 989 were dropped since the node began");
  w.s.advance(4100ms);
  auto rest = numbers(991, 1000);
  rest.insert(rest.begin(), 1);
  CHECK(heard() == rest);
  CHECK(w.health().empty());
  CHECK(lines_with(log, "a listener is behind") == 1);
  CHECK(w.get("/listeners") ==
        R"({"listeners":[{"topic":"prices.changed","listener":"labels","waiting":0,"queue":10,"handled":11,"failed":0,)"
        R"("dropped":989,"stalled":false},{"topic":"prices.changed","listener":"mail","waiting":0,"queue":256,)"
        R"("handled":1000,"failed":0,"dropped":0,"stalled":false}]})");
}

TEST_CASE("an event whose handler refuses it, throws or hangs is given up, and the next one is handled", "[topic]") {
  captured_log log{log_level::info};
  prices_world w{{.topic = prices_topic, .handle_within = 1s}};
  w.start();
  orders[1].refuse = true;
  orders[2].crash = true;
  orders[3].rest_ms = 60'000;
  w.publish(1, 4);
  w.s.advance(2s);
  CHECK(heard() == numbers(1, 4));
  CHECK(mail_heard == numbers(1, 4));
  CHECK(w.events("failed") == 1);
  CHECK(w.events("threw") == 1);
  CHECK(w.events("late") == 1);
  CHECK(w.events("handled") == 1);
  CHECK(lines_with(log, "a listener's handler failed") == 1);  // within ten seconds
  CHECK(log.has("no paper"));
  w.s.advance(10s);
  w.publish(2, 2);
  w.s.run();
  CHECK(log.has("no ink"));
}

TEST_CASE("a listener that is restarted goes on with what waits", "[topic]") {
  prices_world w{{.topic = prices_topic}};
  w.start();
  orders[1].rest_ms = 60'000;
  w.publish(1, 3);
  w.s.advance(1s);
  CHECK(heard() == numbers(1, 1));
  post_work(w.actor("labels", "listens.prices.changed"), [](actor_host&) { throw std::runtime_error{"a defect"}; });
  w.s.advance(1s);
  CHECK(heard() == numbers(1, 3));
  CHECK(w.events("interrupted") == 1);
  CHECK(w.events("handled") == 2);
  w.publish(4, 4);
  w.s.run();
  CHECK(heard() == numbers(1, 4));
}

TEST_CASE("without subscribers an event is not even made", "[topic]") {
  const topic<price_changed> of_nobody;
  CHECK_FALSE(of_nobody.has_subscribers());
  of_nobody.publish({1});
  assembled_node lonely{{"app", {service<stock_api>(publishes_prices{})}}};
  CHECK_FALSE(prices.has_subscribers());
  prices_world w{{.topic = prices_topic}};
  CHECK(prices.has_subscribers());
}

TEST_CASE("a topic of a node has one type of event", "[topic]") {
  struct another {};
  struct installs_another {
    void contribute(plan& p) const {
      p.add<no_options>("other", "other", phase::outbound)
          .installed_by(+[](const no_options&, assembly& a) -> result<void> {
            const auto opened = topic_of<another>(a, prices_topic);
            return opened ? result<void>{} : opened.error();
          });
    }
  };
  const application app{"app", {service<stock_api>(publishes_prices{}, installs_another{})}};
  stepped s;
  metrics_registry metrics;
  node_assembly n{app, s.system, metrics, {}};
  const auto done = n.install();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == code::invalid_argument);
  CHECK(done.error().message ==
        "stock.other.other: topic prices.changed carries price_changed and can not carry another: use another topic");
}
