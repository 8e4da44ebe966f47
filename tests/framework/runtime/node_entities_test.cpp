// Entities of a running node: a command that can not be placed, and what is counted of those active.
#include <tests/framework/event_sourcing/counters.hpp>
#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/runtime/edge_client.hpp>

#include <banyan/http/http_routes.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/runtime/node.hpp>
#include <banyan/sharding/sharded.hpp>

#include <stdexcept>

using namespace banyan;
using namespace banyan::test;

namespace {

std::string fussy(const test::counter::command& c) {
  auto name = std::visit([](const auto& x) { return x.counter; }, c);
  if (name == "strange") throw std::runtime_error{"a defect of the key function"};
  return name;
}

struct counters_api {
  static constexpr std::string_view name = "counters";
  using operations = banyan::operations<op<add>, op<need_some>>;
};

application counting(std::string (*place_by)(const test::counter::command&)) {
  return {"counting",
          {service<counters_api>(event_sourced<test::counter>{.journal = "counters"},
                                 sharded<test::counter>{.entity = fussy, .place_by = place_by, .shards = 4, .max_entities = 3},
                                 http_routes{.routes = std::vector{command<add>("POST /counters/{counter}/additions"),
                                                                   command<need_some>("POST /counters/{counter}/needs")}})}};
}
std::string one_place(const test::counter::command& c) {
  (void)fussy(c);
  return "everywhere";
}
std::string metrics_of(edge_client& client) { return const_cast<node&>(client.world.running()).metrics().text(); }

}  // namespace

TEST_CASE("a command whose key functions throw is answered 400, and the requests beside it are not touched") {
  captured_log log{log_level::warning};
  const auto app = counting(GENERATE(false, true) ? one_place : nullptr);
  edge_client client{app};
  CHECK(client.send("POST", "/counters/a/additions", R"({"n":1})").status == 200);
  const auto refused = client.send("POST", "/counters/strange/additions", R"({"n":1})");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("a defect") == std::string::npos);
  CHECK(log.has("a defect of the key function"));
  CHECK(client.send("POST", "/counters/a/additions", R"({"n":1})").body.find('2') != std::string::npos);
  CHECK(metrics_of(client).find("banyan_actor_crashes_total 0") != std::string::npos);
}

TEST_CASE("a node says how many entities are active, and keeps the limit") {
  const auto app = counting(nullptr);
  edge_client client{app};
  for (int n = 0; n < 20; ++n) {
    const auto path = "/counters/c" + std::to_string(n);
    CHECK(client.send("POST", path + "/needs", "{}").status == 422);
    CHECK(client.send("POST", path + "/additions", R"({"n":1})").status == 200);
  }
  client.settle();
  CHECK(metrics_of(client).find("banyan_entities_active{aggregate=\"counter\"} 3\n") != std::string::npos);
  for (auto& e : client.world.stored()) CHECK(e.type == "counters.added");
}
