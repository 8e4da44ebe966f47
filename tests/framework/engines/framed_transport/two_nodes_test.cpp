// Two nodes with a service each: one asks the other over a real connection, and the handlers do not notice.
#include <tests/framework/engines/framed_transport/certificates.hpp>
#include <tests/framework/runtime/node_access.hpp>
#include <tests/framework/transport/calls.hpp>

#include <banyan/ambassador/ambassador.hpp>
#include <banyan/engines/framed_transport/call_listener.hpp>
#include <banyan/engines/framed_transport/framed_transport.hpp>
#include <banyan/plan/service.hpp>
#include <banyan/service/handles.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/transport/call_server.hpp>

#include <catch2/catch.hpp>

#include <atomic>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

struct stock_level {
  std::string sku;
  std::int64_t on_hand = 0;
};
BOOST_DESCRIBE_STRUCT(stock_level, (), (sku, on_hand))
struct get_stock {
  using reply = stock_level;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(get_stock, (), (sku))
struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<op<get_stock, idempotent::always>>;
};
struct quote_request {
  using reply = stock_level;
  std::string sku;
};
BOOST_DESCRIBE_STRUCT(quote_request, (), (sku))
struct desk_api {
  static constexpr std::string_view name = "desk";
  using operations = banyan::operations<op<quote_request, idempotent::always>>;
};

std::atomic<int> looked_up{0};

result<stock_level> look_up(context<>, const get_stock& g) {
  ++looked_up;
  if (g.sku == "none") return error{code::not_found, "no such product"}.because("unknown_sku").at("sku");
  return stock_level{g.sku, 7};
}
task<result<stock_level>> quote(context<stock_api> ctx, const quote_request& q) {
  const get_stock g{q.sku};
  co_return co_await ctx.ask<stock_api, get_stock>(g);
}

const application& shop() {
  static const application app{"shop",
                               {service<desk_api>(ambassador<stock_api>{.deadline = 20s}, handles<&quote>{}),
                                service<stock_api>(handles<&look_up>{})}};
  return app;
}

struct running {
  explicit running(std::string service, std::shared_ptr<transport> by = {}, remote_services elsewhere = {}) {
    auto with =
        test::standing_on(journal, journal.history(), [](const view_options&) -> result<std::unique_ptr<view_store>> {
          return error{code::unimplemented, "no views here"};
        });
    with.only = {std::move(service)};
    with.elsewhere = std::move(elsewhere);
    if (by) with.ports.provide<transport>([by](const auto&) -> result<std::shared_ptr<transport>> { return by; });
    auto started = node::start(shop(), system, std::move(with));
    REQUIRE(started);
    it = std::move(*started);
  }
  memory_journal journal;
  std::unique_ptr<node> it;
  actor_system system{{.threads = 2}};
};

struct shop_of_two {
  explicit shop_of_two(tls_files of_front = {}, tls_files of_back = {}) {
    auto l = call_listener::start(
        {.identity = {"shop", "back", std::move(of_back)}},
        [this](const encoded_call& c, timespan left, completion<encoded_answer> answer) {
          return serve_call(back.system, back.it->directory(), c, left, std::move(answer));
        },
        metrics);
    REQUIRE(l);
    listener = std::move(*l);
    auto calls = make_framed_transport(
        {.identity = {"shop", "front", std::move(of_front)}, .connect_timeout = test::patience}, metrics);
    REQUIRE(calls);
    auto nodes =
        std::make_shared<endpoint_set>(endpoint_list{{"back", "127.0.0.1:" + std::to_string(listener->port())}});
    front = std::make_unique<running>("desk", std::move(*calls), remote_services{{"stock", std::move(nodes)}});
  }
  result<stock_level> ask(std::string sku) {
    quote_request q{std::move(sku)};
    auto m = make_message<quote_request>(q);
    const auto to = front->it->directory().find(type_of<quote_request>())->for_message(*m);
    return front->system.ask_and_wait(to, std::move(q), test::patience);
  }
  metrics_registry metrics;
  running back{"stock"};
  std::unique_ptr<call_listener> listener;
  std::unique_ptr<running> front;
};

}  // namespace

TEST_CASE("a service asks one of another node over a connection", "[framed][nodes]") {
  looked_up = 0;
  shop_of_two s;
  const auto level = s.ask("kite");
  REQUIRE(level);
  CHECK(level->on_hand == 7);
  CHECK(level->sku == "kite");
  CHECK(looked_up == 1);
}

TEST_CASE("the same with certificates", "[framed][nodes]") {
  test::certificate_authority ours;
  shop_of_two s{ours.issue(test::node_uri("front")), ours.issue(test::node_uri("back"))};
  CHECK(s.ask("kite"));
}

TEST_CASE("a refusal of another node is told as it was meant", "[framed][nodes]") {
  shop_of_two s;
  const auto refused = s.ask("none");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == error{code::not_found, "no such product"}.because("unknown_sku").at("sku"));
}

TEST_CASE("a node that has drained is not there", "[framed][nodes]") {
  shop_of_two s;
  REQUIRE(s.ask("kite"));
  CHECK(s.listener->drain(10s));
  const auto gone = s.ask("kite");
  REQUIRE_FALSE(gone);
  CHECK(gone.error().outcome == outcome::not_applied);
}
