// What a handler's context hands on to those it asks.
#include <tests/framework/actor/stepped.hpp>

#include <banyan/service/handles.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct step {
  using reply = int;
  std::string text;
  std::vector<int> numbers = {};
};
struct walk {
  using reply = int;
};
struct steps_api {
  static constexpr std::string_view name = "steps";
  using operations = banyan::operations<op<step>>;
};

// Two steps, of which the second must not be left out because somebody went away meanwhile.
task<result<int>> go(context<steps_api> ctx, const walk&) {
  const std::string text = "a text that is too long for the room within a string";
  auto first = co_await ctx.ask<steps_api, step>(text);
  if (!first) co_return first.error();
  step named{text, {1, 2, 3}};
  auto second = co_await ctx.ask<steps_api, step>(named);
  if (!second) co_return second.error();
  auto third = co_await ctx.ask<steps_api, step>(give(named));
  if (!third) co_return third.error();
  co_return named.text.empty() ? *first + *second + *third : -1;
}

struct backend : actor {
  backend(std::vector<context_ptr>* seen, std::function<void()> meanwhile) : seen_{seen}, meanwhile_{std::move(meanwhile)} {}
  behavior make_behavior() override {
    return behavior{}.on<step>([this](const step& s) {
      seen_->push_back(self().context());
      meanwhile_();
      return static_cast<int>(s.numbers.size());
    });
  }
  std::vector<context_ptr>* seen_;
  std::function<void()> meanwhile_;
};

struct worker : actor {
  explicit worker(const service_scope* s) : scope_{s} {}
  behavior make_behavior() override {
    return behavior{}.on<walk>([this](const walk& m) { return go(context<steps_api>{self(), *scope_}, m); });
  }
  const service_scope* scope_;
};

struct world {
  explicit world(timespan limit = 1s) {
    endpoints.add(type_of<step>(), {"steps", s.spawn<backend>({}, &seen, std::function<void()>{[this] { flag->cancel(); }}), {}});
    scope = {"walks",
             &endpoints,
             {{"steps", std::make_shared<plain_link>(endpoints, limit)}},
             std::make_shared<plain_link>(endpoints, 5s)};
    a = s.spawn<worker>({}, &scope);
  }
  test::stepped::answer_slot<int> walk_on() {
    test::stepped::answer_slot<int> slot;
    auto l = make_message<walk>();
    message_context context;
    context.trace = "a trace";
    context.cancelled = flag;
    l->context = std::make_shared<const message_context>(std::move(context));
    s.system.ask_message(a, std::move(l), 1h, [done = slot.slot()](result<message_ptr> r) mutable { done(detail::take_answer<int>(*r)); });
    s.run();
    return slot;
  }
  test::stepped s;
  std::vector<context_ptr> seen;
  std::shared_ptr<cancellation> flag = std::make_shared<cancellation>();
  directory endpoints;
  service_scope scope;
  address a;
};

}  // namespace

TEST_CASE("a handler that has begun is completed though its asker is gone: what it asks is not cancelled", "[context]") {
  world w;
  auto r = w.walk_on();
  REQUIRE(r.count() == 1);
  CHECK(**r == 6);
  CHECK(is_cancelled(w.flag));
  REQUIRE(w.seen.size() == 3);
  for (auto& c : w.seen) {
    CHECK(c->trace == "a trace");
    CHECK_FALSE(c->cancelled);
  }
  auto late = w.walk_on();
  CHECK(late->error().outcome == outcome::not_applied);
  CHECK(w.seen.size() == 3);
}

TEST_CASE("a link without a limit waits; it has not expired before it begins", "[context]") {
  world w{timespan::max()};
  auto r = w.walk_on();
  REQUIRE(r.count() == 1);
  CHECK(**r == 6);
}
