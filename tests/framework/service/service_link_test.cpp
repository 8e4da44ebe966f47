// What is between a handler and the service that it asks: nothing, or a middle that sees each call.
#include <tests/framework/actor/stepped.hpp>

#include <banyan/plan/describe_operation.hpp>
#include <banyan/service/handles.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <string>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct step {
  using reply = int;
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(step, (), (number))
struct walk {
  using reply = int;
  int steps = 1;
};
struct steps_api {
  static constexpr std::string_view name = "steps";
  using operations = banyan::operations<op<step, idempotent::always>>;
};

task<result<int>> go(context<steps_api> ctx, const walk& w) {
  std::vector<step> all;
  for (int i = 1; i <= w.steps; ++i) all.push_back({i});
  auto answers = co_await ctx.ask_all<steps_api, step>(std::move(all));
  int sum = 0;
  for (auto& a : answers) {
    if (!a) co_return a.error();
    sum += *a;
  }
  const step last{100};
  auto more = co_await ctx.ask<steps_api, step>(last);
  if (!more) co_return more.error();
  co_return sum + *more;
}

// What is made and destroyed of it: copies of a small and of a large request.
template <std::size_t Size>
struct counted_request {
  static inline int alive = 0;
  counted_request() { ++alive; }
  counted_request(const counted_request& r) : text{r.text} { ++alive; }
  counted_request& operator=(const counted_request&) = default;
  ~counted_request() { --alive; }
  std::string text = "longer than what a string keeps in itself";
  std::array<char, Size> more{};
};
BOOST_DESCRIBE_STRUCT(counted_request<1>, (), (text))
BOOST_DESCRIBE_STRUCT(counted_request<200>, (), (text))

struct backend : actor {
  backend(int* asked, int* ended) : asked_{asked}, ended_{ended} {}
  behavior make_behavior() override {
    return behavior{}.on<step>([this](const step& s) { return answer(s); });
  }
  task<result<int>> answer(const step& s) {
    struct end_counter {
      int* ended;
      ~end_counter() { ++*ended; }
    };
    const end_counter counted{ended_};
    if (++*asked_ % 3 == 0) co_return error{code::unavailable, "every third time"};
    co_await self().sleep(100ms);
    co_return s.number;
  }
  int *asked_, *ended_;
};

struct worker : actor {
  explicit worker(const service_scope* s) : scope_{s} {}
  bool isolates_requests() const override { return true; }
  behavior make_behavior() override {
    return behavior{}.on<walk>([this](const walk& m) { return go(context<steps_api>{self(), *scope_}, m); });
  }
  const service_scope* scope_;
};

// Sends a call again until it is answered, at most three times, a copy each time; notes what it was told of the
// operation.
class retrying_link final : public service_link {
 public:
  explicit retrying_link(const directory& where) : service_link{link_mode::intercepted}, plain_{where, 10s} {}
  timespan deadline() const override { return 10s; }
  address direct(message&) const override { return {}; }
  task<result<message_ptr>> ask(actor_host& host, const operation* what, message_ptr request,
                                monotonic deadline) override {
    seen.push_back(what ? what->name : "unknown");
    for (int attempt = 1;; ++attempt) {
      auto copy = copy_message(*what->request_codec, *request);
      auto own = std::make_shared<message_context>(*request->context);
      copy->context = std::move(own);
      const auto to = plain_.direct(*copy);
      auto answer = co_await host.ask_message<message_ptr>(to, timespan{deadline - host.steady()}, std::move(copy));
      if (answer || attempt == 3) co_return std::move(answer);
    }
  }
  std::vector<std::string> seen;

 private:
  plain_link plain_;
};

struct world {
  explicit world(bool with_middle) {
    what = describe_operation<step>("steps", idempotent::always);
    endpoints.add(type_of<step>(), {.service = "steps", .to = s.spawn<backend>({}, &asked, &ended), .of = &what});
    middle = std::make_shared<retrying_link>(endpoints);
    std::shared_ptr<service_link> plain = std::make_shared<plain_link>(endpoints, 10s);
    scope = {
        "walks", &endpoints, {{"steps", with_middle ? std::static_pointer_cast<service_link>(middle) : plain}}, plain};
    a = s.spawn<worker>({}, &scope);
  }
  test::stepped s;
  operation what;
  int asked = 0, ended = 0;
  directory endpoints;
  std::shared_ptr<retrying_link> middle;
  service_scope scope;
  address a;
};

}  // namespace

TEMPLATE_TEST_CASE("a kept request is taken once, and destroyed once", "[service]", counted_request<1>,
                   counted_request<200>) {
  {
    const auto request = make_message<TestType>(TestType{});
    kept_request taken, left, never;
    taken.keep(*codec_of<TestType>(), *request);
    left.keep(*codec_of<TestType>(), *request);
    CHECK(TestType::alive == 3);
    REQUIRE(taken);
    const auto again = taken.take();
    CHECK(again->template as<TestType>().text == request->template as<TestType>().text);
    CHECK_FALSE(taken);
    CHECK(TestType::alive == 3);
  }
  CHECK(TestType::alive == 0);
}

TEST_CASE("a plain link hands each call to whoever answers it, and adds nothing", "[service_link]") {
  world w{false};
  auto r = w.s.ask(w.a, walk{1}, 10s);
  w.s.advance(1s);
  CHECK(**r == 101);
  CHECK(w.asked == 2);
  auto refused = w.s.ask(w.a, walk{1}, 10s);  // the third call
  w.s.advance(1s);
  CHECK(refused->error().code == code::unavailable);
}

TEST_CASE("the middle of a link sees every call with its operation, several at once, and may send it again",
          "[service_link]") {
  world w{true};
  auto r = w.s.ask(w.a, walk{4}, 10s);
  w.s.advance(5s);
  REQUIRE(r.is_there());
  CHECK(**r == 1 + 2 + 3 + 4 + 100);
  CHECK(w.middle->seen == std::vector<std::string>(5, "steps.step"));
  CHECK(w.asked == 7);  // five calls, of which the third and the sixth attempt failed
}

TEST_CASE("a handler that is given up ends its calls in the middle of a link, and what they asked for",
          "[service_link]") {
  const bool with_middle = GENERATE(true, false);
  world w{with_middle};
  auto context = std::make_shared<message_context>();
  context->is_of_one_request = context->ends_when_given_up = true;
  auto request = make_message<walk>(walk{2});
  request->context = context;
  w.s.system.ask_message(w.a, std::move(request), 10s, [](result<message_ptr>) {});
  w.s.run();
  REQUIRE(w.asked == 2);
  CHECK(w.ended == 0);
  give_up(w.a, context);
  w.s.run();
  CHECK(w.ended == 2);
  CHECK(w.s.system.counters().ended_tasks == 3);
}

TEST_CASE("a directory may change while it is read: what was found stays, what is found next is new", "[directory]") {
  world w{false};
  const auto* before = w.endpoints.find(type_of<step>());
  CHECK(w.endpoints.find(std::string_view{"steps.step"}) == before);
  CHECK(w.endpoints.find(std::string_view{"steps.other"}) == nullptr);
  w.endpoints.add(type_of<step>(), {.service = "elsewhere", .of = &w.what, .is_remote = true});
  CHECK(before->service == "steps");
  CHECK(w.endpoints.find(type_of<step>())->service == "elsewhere");
  CHECK(w.endpoints.find(std::string_view{"steps.step"})->is_remote);
}
