// What listeners are told of the circuit breakers of links, in virtual time.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/topic/assembled_node.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/ambassador/breaker_changed.hpp>
#include <banyan/plan/describe_operation.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/topic/listens.hpp>
#include <banyan/topic/topic.hpp>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace banyan;
using namespace banyan::test;
using namespace std::chrono_literals;

namespace {

struct seat {
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(seat, (), (number))
struct find_seat {
  using reply = seat;
};
BOOST_DESCRIBE_STRUCT(find_seat, (), ())
struct seats_api {
  static constexpr std::string_view name = "seats";
  using operations = banyan::operations<op<find_seat, idempotent::never>>;
};
struct book {
  using reply = seat;
};
BOOST_DESCRIBE_STRUCT(book, (), ())
struct desk_api {
  static constexpr std::string_view name = "desk";
  using operations = banyan::operations<op<book, idempotent::never>>;
};
struct watch_api {
  static constexpr std::string_view name = "watch";
  using operations = banyan::operations<>;
};

bool seats_fail = false;
int asked = 0;
std::vector<breaker_changed> seen, seen_by_thrower;

result<seat> find(context<>, const find_seat&) {
  ++asked;
  if (seats_fail) return error{code::unavailable, "no seats today"};
  return seat{7};
}
task<result<seat>> pass_on(context<seats_api> ctx, const book&) { co_return co_await ctx.ask<seats_api, find_seat>(); }

task<result<done>> note(context<>, const breaker_changed& e) {
  seen.push_back(e);
  co_return done{};
}
task<result<done>> note_and_throw(context<>, const breaker_changed& e) {
  seen_by_thrower.push_back(e);
  throw std::runtime_error{"a defect of the listener"};
  co_return done{};
}
task<result<done>> never_ready(context<seats_api> ctx, const breaker_changed&) {
  const auto never = co_await ctx.ask<seats_api, find_seat>();
  if (!never) co_return never.error();
  co_return done{};
}

circuit_breaker quick() { return {.consecutive = 3, .open_for = 1s, .jitter = 0, .probes = 1, .ramp = 0s}; }
ambassador<seats_api> guarded() { return {.deadline = 1s, .breaker = quick()}; }

struct desk_world : assembled_node {
  captured_log log{log_level::off};
  template <class... Listeners>
  explicit desk_world(ambassador<seats_api> link, Listeners... all)
      : assembled_node{{"app",
                        {service<desk_api>(std::move(link), handles<&pass_on>{.workers = 1}),
                         service<seats_api>(handles<&find>{}), service<watch_api>(all...)}}} {
    seats_fail = false;
    asked = 0;
    seen.clear();
    seen_by_thrower.clear();
    start();
  }
  bool book_one() { return ask(book{})->has_value(); }
  void fail(int calls) {
    seats_fail = true;
    for (int i = 0; i < calls; ++i) CHECK_FALSE(book_one());
    seats_fail = false;
  }
  void command(const std::string& path, std::map<std::string, std::string, std::less<>> captures) {
    for (const auto& c : assembly.commands())
      if (c.path == path && c.method == "POST") c.run({.captures = captures}, [](auto) {});
    s.run();
  }
  // The state that the operations port shows.
  std::string state() {
    const auto links = boost::json::parse(get("/links"));
    return links.at("links").at(0).at("breaker").at("state").as_string().c_str();
  }
  double events(const std::string& listener, const std::string& result) {
    return metric(R"(banyan_listener_events_total{listener=")" + listener + R"(",result=")" + result +
                  R"(",topic="banyan.breakers"})");
  }
};

std::vector<breaker_event_kind> kinds(const std::vector<breaker_changed>& all) {
  std::vector<breaker_event_kind> of;
  for (const auto& e : all) of.push_back(e.why);
  return of;
}

using kind = breaker_event_kind;
using state = breaker_state;

}  // namespace

TEST_CASE("a listener is told that a breaker has tripped, lets probes through and has recovered", "[ambassador]") {
  desk_world w{guarded(), listens<note>{.topic = breakers_topic}};
  CHECK(w.book_one());
  CHECK(seen.empty());
  w.fail(3);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(w.book_one());
  CHECK(asked == 4);
  w.s.advance(1s);
  CHECK(w.book_one());
  REQUIRE(kinds(seen) == std::vector{kind::tripped, kind::refused, kind::probing, kind::recovered});
  for (const auto& e : seen) {
    CHECK(e.service == "desk");
    CHECK(e.to == "seats");
    CHECK(e.endpoint.empty());
    CHECK(e.forced == breaker_override::none);
  }
  const auto &tripped = seen[0], &refused = seen[1], &probing = seen[2], &recovered = seen[3];
  CHECK((tripped.before == state::closed && tripped.after == state::open));
  CHECK(tripped.retry_after == timespan{1s});
  CHECK(tripped.failure_rate == 0.75);
  CHECK(tripped.calls == 4);
  CHECK(tripped.refused == 0);
  CHECK((refused.before == state::open && refused.after == state::open));
  CHECK(refused.generation == tripped.generation);
  CHECK(refused.refused_since == 1);  // at once; the others of that second are in the total of the next event
  CHECK((probing.before == state::open && probing.after == state::half_open));
  CHECK(probing.refused == 5);
  CHECK_FALSE(probing.retry_after);
  CHECK((probing.at - tripped.at == 1s));
  CHECK((recovered.before == state::half_open && recovered.after == state::closed));
  CHECK((tripped.generation < probing.generation && probing.generation < recovered.generation));
}

TEST_CASE("a listener is told of a recovery that fails, and of what an operator does", "[ambassador]") {
  desk_world w{guarded(), listens<note>{.topic = breakers_topic}};
  w.fail(3);
  w.s.advance(1s);
  w.fail(1);
  CHECK(kinds(seen) == std::vector{kind::tripped, kind::probing, kind::tripped});
  CHECK(seen[2].before == state::half_open);
  CHECK(seen[2].retry_after == timespan{1500ms});
  seen.clear();
  const auto set = [&](const std::string& to) {
    w.command("/links/{from}/{to}/breaker/{state}", {{"from", "desk"}, {"to", "seats"}, {"state", to}});
  };
  set("forced_open");
  CHECK_FALSE(w.book_one());
  set("observe_only");
  w.fail(4);
  CHECK(w.book_one());
  set("auto");
  REQUIRE(kinds(seen) == std::vector{kind::forced, kind::refused, kind::forced, kind::would_trip, kind::forced});
  CHECK(seen[0].forced == breaker_override::forced_open);
  CHECK_FALSE(seen[0].retry_after);
  CHECK(seen[1].forced == breaker_override::forced_open);
  CHECK_FALSE(seen[1].retry_after);
  CHECK(seen[3].forced == breaker_override::observe_only);
  CHECK(seen[4].forced == breaker_override::none);
}

TEST_CASE("a storm of refused calls is one event a second, with how many they were", "[ambassador]") {
  auto slow_to_probe = guarded();
  slow_to_probe.breaker->open_for = 10s;
  desk_world w{std::move(slow_to_probe), listens<note>{.topic = breakers_topic}};
  w.fail(3);
  seen.clear();
  for (int call = 0; call < 3000; ++call) {
    CHECK_FALSE(w.book_one());
    w.s.advance(1ms);
  }
  REQUIRE(kinds(seen) == std::vector{kind::refused, kind::refused, kind::refused});
  CHECK(seen[0].refused_since == 1);
  CHECK(seen[1].refused_since == 1000);
  CHECK(seen[2].refused_since == 1000);
  CHECK(seen[2].refused == 2001);
  CHECK(seen[0].retry_after == timespan{10s});
  CHECK(seen[2].retry_after == timespan{8s});
  CHECK(asked == 3);
  w.s.advance(7s);
  CHECK(w.book_one());
  REQUIRE(kinds(seen).at(3) == kind::probing);
  CHECK(seen[3].refused == 3000);
  CHECK(seen[3].refused_since == 0);
}

TEST_CASE("each breaker of a link tells of its own refusals, and one line a second is logged", "[ambassador]") {
  desk_world w{{.deadline = 1s, .endpoint_breaker = quick()}, listens<note>{.topic = breakers_topic}};
  w.fail(3);
  const captured_log log{log_level::info};
  for (int call = 0; call < 5; ++call) CHECK_FALSE(w.book_one());
  REQUIRE(kinds(seen) == std::vector{kind::tripped, kind::refused});
  CHECK(seen[1].endpoint == "local");
  const std::string text = log.text(), line = "the circuit breaker refuses calls";
  CHECK(text.find(line) != text.npos);
  CHECK(text.find(line) == text.rfind(line));
}

TEST_CASE("the breaker of an endpoint tells of which one", "[ambassador]") {
  desk_world w{{.deadline = 1s, .endpoint_breaker = quick()}, listens<note>{.topic = breakers_topic}};
  w.fail(3);
  REQUIRE(kinds(seen) == std::vector{kind::tripped});
  CHECK(seen[0].endpoint == "local");
}

// Whatever the seats do: events follow each other without a gap, and lead to the state that the breaker is in.
TEST_CASE("the events of a breaker are its whole history", "[ambassador]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    desk_world w{guarded(), listens<note>{.topic = breakers_topic, .queue = 10'000}};
    counting_random random{seed};
    const auto share_of_failures = random.below(100);
    for (int call = 0; call < 300; ++call) {
      seats_fail = random.below(100) < share_of_failures;
      w.book_one();
      w.s.advance(std::chrono::milliseconds{random.below(200)});
    }
    auto now = state::closed;
    std::uint64_t generation = 0, refused = 0;
    std::uint64_t summed_up = 0;
    bool has_gap = false, is_late = false, is_exact = true;
    for (const auto& e : seen) {
      has_gap = has_gap || e.before != now;
      const bool is_refusal = e.why == kind::refused;  // no change of state
      is_late = is_late || e.refused < refused || (is_refusal ? e.generation < generation : e.generation <= generation);
      summed_up += e.refused_since;
      is_exact = is_exact && (is_refusal ? summed_up == e.refused && e.after == e.before : e.refused_since == 0);
      now = e.after;
      generation = e.generation;
      refused = e.refused;
    }
    CHECK_FALSE(has_gap);
    CHECK_FALSE(is_late);
    CHECK(is_exact);
    CHECK(w.state() == to_string(now));
    CHECK(w.events("watch", "dropped") == 0);
  }
}

TEST_CASE("a listener that throws harms neither the calls nor other listeners", "[ambassador]") {
  desk_world w{guarded(), listens<note_and_throw>{.topic = breakers_topic, .name = "thrower"},
               listens<note>{.topic = breakers_topic}};
  for (int round = 1; round <= 3; ++round) {
    w.fail(3);
    w.s.advance(1s);
    CHECK(w.book_one());
  }
  CHECK(seen.size() == 9);
  CHECK(kinds(seen_by_thrower) == kinds(seen));
  CHECK(w.events("watch.thrower", "threw") == 9);
  CHECK(w.events("watch", "handled") == 9);
}

TEST_CASE("a listener that hangs loses the oldest events, and nobody else is late", "[ambassador]") {
  struct stuck final : actor {
    behavior make_behavior() override {
      return behavior{}.on_message<find_seat>([this](message_ptr& m) { held.push_back(std::move(m)); });
    }
    std::vector<message_ptr> held;
  };
  struct never_answers {
    struct spec {};
    void contribute(plan& p) const {
      p.add<spec>("stuck", "stuck", phase::routing).installed_by(+[](const spec&, assembly& a) -> result<void> {
        const auto at = a.add({.name = "stuck", .make = [] { return std::make_unique<stuck>(); }});
        a.answers(type_of<find_seat>(), {.choose = [at](message&) { return at->now(); }});
        return {};
      });
      p.implements(describe_operation<find_seat>(p.service(), idempotent::never), "stuck.stuck");
    }
  };
  const captured_log log{log_level::off};
  // The breaker is driven by an operator; the seats never answer the listener.
  assembled_node n{{"app",
                    {service<desk_api>(guarded(), handles<&pass_on>{}), service<seats_api>(never_answers{}),
                     service<watch_api>(ambassador<seats_api>{.deadline = 20s},
                                        listens<never_ready>{.topic = breakers_topic, .queue = 4, .name = "deaf"},
                                        listens<note>{.topic = breakers_topic})}}};
  seen.clear();
  n.start();
  for (int i = 0; i < 50; ++i)
    for (const char* to : {"forced_open", "auto"}) {
      for (const auto& c : n.assembly.commands())
        if (c.path == "/links/{from}/{to}/breaker/{state}")
          c.run({.captures = {{"from", "desk"}, {"to", "seats"}, {"state", to}}}, [](auto) {});
      n.s.run();
    }
  CHECK(seen.size() == 100);
  const auto deaf = [&](const std::string& result) {
    return n.metric(R"(banyan_listener_events_total{listener="watch.deaf",result=")" + result +
                    R"(",topic="banyan.breakers"})");
  };
  CHECK(deaf("dropped") == 95);  // one is being handled, four wait
  n.s.advance(150s);
  CHECK(deaf("failed") == 5);
}

TEST_CASE("a link publishes nothing when nobody listens, and has a topic only if it has a breaker", "[ambassador]") {
  desk_world alone{guarded()};
  const auto topic = alone.assembly.find<topic_channel>(breakers_topic);
  REQUIRE(topic);
  CHECK_FALSE(topic->has_subscribers());
  alone.fail(3);
  CHECK(seen.empty());
  desk_world plain{ambassador<seats_api>{.deadline = 1s}};
  CHECK_FALSE(plain.assembly.find<topic_channel>(breakers_topic));
}

TEST_CASE("a listener without a breaker to listen to is told by check", "[ambassador]") {
  const auto problems = [](ambassador<seats_api> link) {
    const application app{"app",
                          {service<desk_api>(std::move(link), handles<&pass_on>{}),
                           service<seats_api>(handles<&find>{}),
                           service<watch_api>(listens<note>{.topic = breakers_topic})}};
    return check(app).size();
  };
  CHECK(problems(guarded()) == 0);
  CHECK(problems({.deadline = 1s, .endpoint_breaker = quick()}) == 0);
  CHECK(problems({.deadline = 1s}) == 1);
}
