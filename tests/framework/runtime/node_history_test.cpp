// A running node whose journal is replaced by an older copy: views are built anew, tokens refused, subscriptions wait for an operator.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/scales.hpp>

#include <tests/framework/runtime/node_access.hpp>

#include <banyan/journal/position_token.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/event_sourcing/event_sourced.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/pub_sub/pub_sub.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/sharding/sharded.hpp>

#include <catch2/catch.hpp>

using namespace banyan;
using namespace scales;
using namespace std::chrono_literals;

namespace {

struct weights {
  using events = std::variant<weighed>;
  using queries = std::variant<get_total>;
  static void create(view_writer& v) { v.run("create table weights(grams integer not null)"); }
  static void apply(view_writer& v, const events& e, const recorded_event&) {
    v.run("insert into weights values (?1)", std::get<weighed>(e).grams);
  }
  static result<total> answer(view_reader& v, const get_total&) {
    return total{v.first<std::int64_t>("select coalesce(sum(grams), 0) from weights").value()};
  }
};

// Who stores these events; the test writes them itself.
struct scale {
  struct weigh {
    using reply = total;
    std::string id;
    std::int64_t grams = 0;
  };
  using command = std::variant<weigh>;
  using event = std::variant<weighed>;
  struct state {
    std::int64_t grams = 0;
  };
  static decision<scale> decide(const state&, const command& c, const decision_context&) {
    return accept<scale>({weighed{std::get<weigh>(c).grams}}, total{std::get<weigh>(c).grams});
  }
  static void evolve(state& s, const event& e) { s.grams += std::get<weighed>(e).grams; }
};
BOOST_DESCRIBE_STRUCT(scale::weigh, (), (id, grams))
BOOST_DESCRIBE_STRUCT(scale::state, (), (grams))
std::string id_of(const scale::command& c) { return std::get<scale::weigh>(c).id; }

std::vector<std::int64_t> printed;
task<result<done>> print_label(context<> ctx, const weighed& w) {
  (void)ctx;
  printed.push_back(w.grams);
  co_return done{};
}

const application& the_scales() {
  static const application app{
      "scales", {service<scales_api>(event_sourced<scale>{.journal = "scales"}, sharded<scale>{.entity = id_of, .shards = 1},
                                     projection<weights>{.of = "scales"}, query_side<weights>{.replicas = 2},
                                     publishes<weighed>{.topic = "scales.weighed"},
                                     subscribes<print_label>{.topic = "scales.weighed", .group = "labels"},
                                     http_routes{.routes = std::vector{query<get_total>("GET /total")}})}};
  return app;
}

struct shop_floor : test::edge_client {
  shop_floor() : edge_client{the_scales()} { printed.clear(); }
  position weigh(std::int64_t grams) {
    append_request request;
    const auto payload = "{\"grams\":" + std::to_string(grams) + "}";
    request.writes.push_back(
        {"scales-a", expected::any(), {{uuid_v7(world.now(), world.random()), "scales.weighed", 1, payload, {}}}});
    position at = 0;
    world.journal().append(std::move(request), [&](result<append_result> r) { at = r.value().last; });
    settle();
    return at;
  }
  http_response total_as_of(const position_token& token) {
    return send("GET", "/total", {}, {{std::string{position_header}, to_string(token)}});
  }
  std::optional<health_line> line(const std::string& name) {
    for (auto& l : world.running().readiness())
      if (l.name == name) return l;
    return std::nullopt;
  }
  result<std::string> reset(const std::string& to) {
    std::optional<result<std::string>> answer;
    test::operate(world.running(), "/subscriptions/{group}/{topic}/reset",
                  {.captures = {{"group", "labels"}, {"topic", "scales.weighed"}}, .parameters = {{"to", to}}},
                  [&](result<std::string> r) { answer = std::move(r); });
    while (!answer && world.step()) {
    }
    settle();
    return answer.value();
  }
  test::captured_log log{log_level::off};
};

}  // namespace

TEST_CASE("after an older journal is put back no view shows what it has not, and no token of what was lost is answered") {
  shop_floor f;
  for (std::int64_t grams : {1, 2, 4, 8}) f.weigh(grams);
  const auto before = token_of(f.world.running().history(), 2), lost = token_of(f.world.running().history(), 4);
  CHECK(f.total_as_of(lost).body == R"({"grams":15})");
  f.world.restore_journal(2);
  f.settle();
  CHECK(f.send("GET", "/total").body == R"({"grams":3})");
  CHECK(f.total_as_of(before).body == R"({"grams":3})");
  CHECK(f.total_as_of(lost).status == 409);
  CHECK(f.line("projection weights")->state == health_state::ready);
  CHECK(f.line("projection weights")->sentence == "up to date");
  for (std::int64_t grams : {16, 32, 64}) f.weigh(grams);
  CHECK(f.total_as_of(lost).status == 409);  // there is a position 4 again
  CHECK(f.total_as_of(token_of(f.world.running().history(), 5)).body == R"({"grams":115})");
}

TEST_CASE("after an older journal is put back a subscription waits, which the node says, until it is reset") {
  shop_floor f;
  for (std::int64_t grams : {1, 2, 4}) f.weigh(grams);
  CHECK(printed == std::vector<std::int64_t>{1, 2, 4});
  f.world.restore_journal(2);
  f.settle();
  f.weigh(8);
  CHECK(printed.size() == 3);
  const auto line = f.line("subscription scales.weighed of labels");
  REQUIRE(line);
  CHECK(line->state == health_state::waiting);
  CHECK(line->sentence.find("its checkpoint, position 3, is of another history of the journal") == 0);
  CHECK(line->sentence.find("POST /subscriptions/labels/scales.weighed/reset?to=now") != std::string::npos);
  CHECK(f.reset("2").value() == R"({"group":"labels","topic":"scales.weighed","position":2})");
  CHECK(printed == std::vector<std::int64_t>{1, 2, 4, 8});
  CHECK_FALSE(f.line("subscription scales.weighed of labels"));
  f.world.crash();
  f.settle();
  f.weigh(16);
  CHECK(printed == std::vector<std::int64_t>{1, 2, 4, 8, 16});
}

TEST_CASE("a crash alone is no other history") {
  shop_floor f;
  for (std::int64_t grams : {1, 2, 4}) {
    f.weigh(grams);
    f.world.crash();
    f.settle();
  }
  CHECK(printed == std::vector<std::int64_t>{1, 2, 4});
  CHECK_FALSE(f.line("subscription scales.weighed of labels"));
  for (position at = 1; at <= 3; ++at) CHECK(f.total_as_of(token_of(f.world.running().history(), at)).body == R"({"grams":7})");
}

TEST_CASE("only a subscription that is here can be reset") {
  shop_floor f;
  std::optional<result<std::string>> answer;
  test::operate(f.world.running(), "/subscriptions/{group}/{topic}/reset",
                {.captures = {{"group", "nobody"}, {"topic", "scales.weighed"}}, .parameters = {{"to", "now"}}},
                [&](result<std::string> r) { answer = std::move(r); });
  REQUIRE(answer);
  CHECK(answer->error().code == code::not_found);
}

TEST_CASE("a journal's name has no dash") {
  const application app{"scales",
                        {service<scales_api>(projection<weights>{.of = journals{"scales", "scales-eu", ""}}, query_side<weights>{.replicas = 1})}};
  auto problems = check(app);
  std::erase_if(problems, [](const problem& p) { return p.where != "scales.projection.weights.of"; });
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].sentence.find("\"scales-eu\" is no name of a journal: it has no dash and is not empty") == 0);
}
