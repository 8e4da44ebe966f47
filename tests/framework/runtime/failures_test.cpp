// What a client is told of a defect: that its request failed, and under which trace the log has the cause. Never an exception's text, a
// statement or a path. Others do not notice.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/running_node.hpp>

#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/observability/trace.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/sharding/sharded.hpp>
#include <banyan/supervision/supervised.hpp>

#include <catch2/catch.hpp>

#include <new>
#include <stdexcept>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

constexpr auto secret = "SELECT secret FROM /var/lib/secret.db";

[[noreturn]] void fail(const std::string& how) {
  if (how == "text") throw std::runtime_error{secret};
  if (how == "memory") throw std::bad_alloc{};
  if (how == "error") throw result_error{error{code::not_found, secret}};
  throw 42;
}

struct answered {
  bool well = true;
};
BOOST_DESCRIBE_STRUCT(answered, (), (well))
struct in_a_handler {
  using reply = answered;
  std::string how;
};
BOOST_DESCRIBE_STRUCT(in_a_handler, (), (how))
struct in_a_coroutine {
  using reply = answered;
  std::string how;
};
BOOST_DESCRIBE_STRUCT(in_a_coroutine, (), (how))
struct in_the_gateway {
  using reply = answered;
  std::string how;
  std::string idempotency_key() const {
    if (!how.empty()) fail(how);
    return "a key";
  }
};
BOOST_DESCRIBE_STRUCT(in_the_gateway, (), (how))
struct in_an_entity {
  using reply = answered;
  std::string how;
};
BOOST_DESCRIBE_STRUCT(in_an_entity, (), (how))
struct in_a_view {
  using reply = answered;
  std::string how;
};
BOOST_DESCRIBE_STRUCT(in_a_view, (), (how))

struct broken_api {
  static constexpr std::string_view name = "broken";
  using operations = banyan::operations<op<in_a_handler>, op<in_a_coroutine>, op<in_the_gateway>, op<in_an_entity, idempotent::by_key>,
                                        op<in_a_view, idempotent::always>>;
};

result<answered> handle_it(context<>, const in_a_handler& m) {
  if (!m.how.empty()) fail(m.how);
  return answered{};
}
task<result<answered>> wait_for_it(context<broken_api> ctx, const in_a_coroutine& m) {
  const std::string none;
  auto first = co_await ctx.ask<broken_api, in_a_handler>(none);
  if (!m.how.empty()) fail(m.how);
  co_return first;
}
result<answered> pass_it(context<>, const in_the_gateway&) { return answered{}; }

struct happened {
  static constexpr stored_as stored{"broken.happened", 1};
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(happened, (), (n))
struct thing_state {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(thing_state, (), (n))
struct thing {
  using command = std::variant<in_an_entity>;
  using event = std::variant<happened>;
  using state = thing_state;
  static decision<thing> decide(const state&, const command& c, const decision_context&) {
    auto& how = std::get<in_an_entity>(c).how;
    if (how != "well") fail(how);
    return accept<thing>({happened{1}}, answered{});
  }
  static void evolve(state& s, const event&) { ++s.n; }
};
std::string id_of(const thing::command&) { return "one"; }

struct things {
  using events = std::variant<happened>;
  using queries = std::variant<in_a_view>;
  static void create(view_writer& v) { v.run("CREATE TABLE things (n INTEGER)"); }
  static void apply(view_writer&, const events&, const recorded_event&) {}
  static result<answered> answer(view_reader& v, const in_a_view& q) {
    if (q.how == "statement") (void)v.query<std::int64_t>("SELECT secret FROM nowhere");
    if (!q.how.empty()) fail(q.how);
    return answered{};
  }
};

application broken() {
  auto routes = std::vector{command<in_a_handler>("POST /handler"), command<in_a_coroutine>("POST /coroutine"),
                            command<in_the_gateway>("POST /gateway"), command<in_an_entity>("POST /entity"), query<in_a_view>("GET /view")};
  return {"broken",
          {service<broken_api>(handles<handle_it>{.workers = 1}, handles<wait_for_it>{.workers = 1}, handles<pass_it>{.workers = 1},
                               event_sourced<thing>{.journal = "things"}, sharded<thing>{.entity = id_of},
                               projection<things>{.of = "things"}, query_side<things>{.replicas = 1},
                               supervised{.backoff = no_backoff, .limit = intensity{.restarts = 0, .within = 10s}},
                               http_routes{.routes = routes})}};
}

std::string trace_of(const http_response& r) { return std::string{r.headers.get("traceparent")}.substr(3, 32); }

http_response ask(test::running_node& n, const std::string& where, const std::string& how) {
  if (where == "/view") return n.send("GET", how.empty() ? "/view?how=" : "/view?how=" + how);
  return n.send("POST", where, R"({"how":")" + how + R"("})");
}

}  // namespace

TEST_CASE("whatever is thrown wherever, the client is told where to look, the log has the cause, and nothing is restarted") {
  const std::string where = GENERATE("/handler", "/coroutine", "/gateway", "/view");
  test::captured_log log{log_level::warning};
  const auto app = broken();
  test::running_node n{app};
  for (const std::string how : {"text", "memory", "a number", "error"}) {
    CAPTURE(where, how);
    if (where == "/view" && how == "a number") continue;  // a space has no place in a target
    const auto r = ask(n, where, how);
    CHECK(r.body.find("secret") == r.body.npos);
    CHECK(r.body.find("bad_alloc") == r.body.npos);
    CHECK(r.body.find("see the log under trace " + trace_of(r)) != r.body.npos);
    if (where != "/view") CHECK(r.status == 500);
    CHECK(log.has("trace=" + trace_of(r)));
  }
  CHECK(log.has(secret));
  CHECK(log.has(where == "/view" ? "out of memory" : "std::bad_alloc"));
  CHECK(log.has("request failed actor="));
  CHECK(ask(n, where, "").status == 200);
  CHECK(n.operations("/healthz").status == 200);
  const auto page = n.operations("/metrics").body;
  CHECK(page.find("\nbanyan_actor_crashes_total 0\n") != page.npos);
  CHECK(page.find("\nbanyan_actor_failed_requests_total " + std::string{where == "/view" ? "3" : "4"} + "\n") != page.npos);
}

TEST_CASE("a statement that a view's database refuses is in the log, not in the answer") {
  test::captured_log log{log_level::warning};
  const auto app = broken();
  test::running_node n{app};
  const auto r = ask(n, "/view", "statement");
  CHECK(r.status == 500);
  CHECK(r.body.find("nowhere") == r.body.npos);
  CHECK(r.body.find("the view things could not answer; see the log under trace " + trace_of(r)) != r.body.npos);
  CHECK(log.has("nowhere"));
  CHECK(log.has("trace=" + trace_of(r)));
}

TEST_CASE("a command whose decision throws is answered alone, and the client is not shown why either") {
  test::captured_log log{log_level::warning};
  const auto app = broken();
  test::running_node n{app};
  const auto r = ask(n, "/entity", "text");
  CHECK(r.status == 500);
  CHECK(r.body.find("secret") == r.body.npos);
  CHECK(r.body.find("see the log under trace " + trace_of(r)) != r.body.npos);
  CHECK(log.has(secret));
  CHECK(log.has("trace=" + trace_of(r)));
  CHECK(ask(n, "/entity", "well").status == 200);
  CHECK(n.operations("/metrics").body.find("\nbanyan_actor_crashes_total 0\n") != std::string::npos);
}
