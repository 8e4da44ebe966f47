// A stream that a view of a running node holds back: the node says so, queries for it are told, and an operator's call sets it free.
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/edge_client.hpp>
#include <tests/framework/runtime/scales.hpp>

#include <tests/framework/runtime/node_access.hpp>

#include <banyan/plan/check_needs.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/cqrs/projection.hpp>
#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/node.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace banyan;
using namespace scales;
using namespace std::chrono_literals;

namespace {

bool mended = false;

struct weights {
  using events = std::variant<weighed>;
  using queries = std::variant<get_total>;
  static void create(view_writer& v) { v.run("create table weights(grams integer not null)"); }
  static void apply(view_writer& v, const events& e, const recorded_event&) {
    const auto grams = std::get<weighed>(e).grams;
    if (grams < 0 && !mended) throw std::domain_error{"nothing weighs less than nothing"};
    v.run("insert into weights values (?1)", grams);
  }
  static result<total> answer(view_reader& v, const get_total&) {
    return total{v.first<std::int64_t>("select coalesce(sum(grams), 0) from weights").value()};
  }
};

const application& the_scales() {
  static const application app{"scales",
                               {service<scales_api>(projection<weights>{.of = "scales"}, query_side<weights>{.replicas = 2},
                                                    http_routes{.routes = std::vector{query<get_total>("GET /total")}})}};
  return app;
}

struct shop_floor : test::edge_client {
  shop_floor() : edge_client{the_scales()} { mended = false; }
  void weigh(std::string stream, std::string payload) {
    append_request request;
    request.writes.push_back(
        {std::move(stream), expected::any(), {{uuid_v7(world.now(), world.random()), "scales.weighed", 1, std::move(payload), {}}}});
    world.journal().append(std::move(request), [](result<append_result> r) { REQUIRE(r); });
    settle();
  }
  http_response total_as_of(position at) {
    const auto token = token_of(world.running().history(), at);
    return send("GET", "/total", {}, {{std::string{position_header}, to_string(token)}});
  }
  result<std::string> replay(const std::string& view, const std::string& stream) {
    std::optional<result<std::string>> answer;
    test::operate(world.running(), "/parked/{view}/{stream}/replay", {.captures = {{"view", view}, {"stream", stream}}},
                  [&](result<std::string> r) { answer = std::move(r); });
    while (!answer && world.step()) {
    }
    return answer.value();
  }
  health_line line() {
    for (auto& l : world.running().readiness())
      if (l.name == "projection weights") return l;
    return {};
  }
  test::captured_log log{log_level::off};
};

}  // namespace

TEST_CASE("a query side of a view that nobody builds is found before anything starts") {
  const application app{"scales", {service<scales_api>(query_side<weights>{.replicas = 1})}};
  const auto problems = check_needs(app);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "scales.query_side.weights");
  CHECK(problems[0].sentence ==
        "query_side<weights> has no projection<weights>, which fills its tables: add one, with the journal as its .of");
}

TEST_CASE("streams that a view holds back degrade the node, which names them, and are free again after one call each") {
  shop_floor f;
  f.weigh("scales-a", R"({"grams":10})");
  f.weigh("scales-b", R"({"grams":-1})");
  f.weigh("scales-c", R"({"kilos":1})");
  f.weigh("scales-b", R"({"grams":5})");
  f.weigh("scales-a", R"({"grams":20})");
  if (GENERATE(false, true)) {
    f.world.crash();
    f.settle();
  }
  CHECK(f.line().state == health_state::degraded);
  CHECK(f.line().sentence.find("2 streams held back: scales-b from position 2 on (internal: nothing weighs less than nothing), "
                               "scales-c from position 3 on (corrupt: event scales.weighed does not decode: ") == 0);
  CHECK(test::view_of(f.world.running(), "weights").progress->held == 3);

  auto parked = f.total_as_of(4);
  CHECK(parked.status == 503);
  CHECK(parked.body.find(R"("reason":"parked")") != std::string::npos);
  CHECK(f.total_as_of(5).body == R"({"grams":30})");
  CHECK(f.send("GET", "/total").status == 200);

  CHECK(f.replay("weights", "scales-b").error().reason == "parked");
  mended = true;
  CHECK(f.replay("weights", "scales-b").value() == R"({"events":2})");
  CHECK(f.total_as_of(4).body == R"({"grams":34})");
  CHECK(f.line().sentence.find("1 stream held back: scales-c") == 0);
  CHECK(f.replay("weights", "scales-c").error().reason == "parked");
  CHECK(f.replay("weights", "scales-b").error().code == code::not_found);
  CHECK(f.replay("heights", "scales-b").error().code == code::not_found);
}
