// The whole shop in simulation: real services, entities, views and subscriptions, with power cuts of the node and failing syncs. The
// clients behave as clients do: they repeat a request with the same id until somebody answers.
#include <tests/services/the_shop.hpp>

#include <services/inventory/events.hpp>
#include <services/orders/events.hpp>

#include <banyan/core/json.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/simulation/simulation.hpp>

#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include <cstdlib>
#include <map>
#include <set>

using namespace banyan;
using namespace std::chrono_literals;

namespace {

using shop_test::the_shop;

constexpr int skus = 5, opening = 40, orders = 30;

// A client that wants one thing done, and repeats itself until it is answered for good.
class persistent_client {
 public:
  persistent_client(simulation& w, std::string method, std::string target, std::string body, std::function<void(int, const std::string&)> finished)
      : world_{w}, method_{std::move(method)}, target_{std::move(target)}, body_{std::move(body)}, finished_{std::move(finished)} {}
  void go() {
    world_.request(method_, target_, body_, [this](result<http_response> r) {
      if (r && r->status != 503 && r->status != 504 && r->status != 429)
        finished_(r->status, r->body);
      else
        world_.after(std::chrono::milliseconds{20 + world_.random().next() % 300}, [this] { go(); });
    });
  }

 private:
  simulation& world_;
  std::string method_, target_, body_;
  std::function<void(int, const std::string&)> finished_;
};

std::vector<recorded_event> all_events(simulation& world) {
  std::vector<recorded_event> all;
  bool done = false;
  world.journal().read_all({0, 10'000}, [&](result<std::vector<recorded_event>> r) {
    all = std::move(r.value());
    done = true;
  });
  while (!done && world.step()) {
  }
  return all;
}

std::string get(simulation& world, const std::string& target) {
  std::string body;
  bool done = false;
  world.request("GET", target, {}, [&](result<http_response> r) {
    body = r.value().body;
    done = true;
  });
  while (!done && world.step()) {
  }
  REQUIRE(done);
  return body;
}

struct run_result {
  std::uint64_t trace = 0;
  simulation_counts counts;
  std::map<std::string, std::int64_t> acknowledged;   // order id -> pence
  std::string order_of_events;
};

run_result run_shop(std::uint64_t seed) {
  configure_logging({.level = log_level::off});  // of hundreds of runs, nobody reads what went wrong on purpose
  run_result out;
  simulation world{the_shop(), {.seed = seed}};
  std::vector<std::unique_ptr<persistent_client>> clients;
  int open = 0;
  auto add = [&](timespan when, std::string method, std::string target, std::string body, std::function<void(int, const std::string&)> finished) {
    ++open;
    clients.push_back(std::make_unique<persistent_client>(world, std::move(method), std::move(target), std::move(body),
                                                          [&open, finished = std::move(finished)](int status, const std::string& text) {
                                                            --open;
                                                            finished(status, text);
                                                          }));
    world.after(when, [c = clients.back().get()] { c->go(); });
  };

  for (int i = 0; i < skus; ++i) {
    auto sku = "SKU" + std::to_string(i);
    add(1ms, "PUT", "/products/" + sku, R"({"name":"thing","price":{"minor":)" + std::to_string(100 + i) + R"(,"currency":"GBP"}})",
        [](int status, const std::string&) { CHECK(status == 200); });
    add(5ms, "POST", "/stock/" + sku + "/movements", R"({"id":"opening","kind":"opening","quantity":)" + std::to_string(opening) + "}",
        [](int status, const std::string&) { CHECK(status == 200); });
  }
  for (int i = 0; i < orders; ++i) {
    auto id = "o" + std::to_string(i);
    std::string lines;
    auto n = 1 + world.random().next() % 3;
    for (std::uint64_t l = 0; l < n; ++l)
      lines += (l ? "," : "") + std::string{R"({"line":)"} + std::to_string(l) + R"(,"sku":"SKU)" + std::to_string(world.random().next() % skus) +
               R"(","quantity":)" + std::to_string(1 + world.random().next() % 6) + R"(,"unit_price":"1.25"})";
    add(std::chrono::milliseconds{500 + world.random().next() % 8000}, "POST", "/orders", R"({"id":")" + id + R"(","lines":[)" + lines + "]}",
        [&out, id](int status, const std::string& body) {
          CHECK(status == 201);
          out.acknowledged[id] = parse_json(body).value().at("total").at("minor").as_int64();
        });
  }
  for (int i = 0; i < 3; ++i) world.after(std::chrono::milliseconds{600 + world.random().next() % 8000}, [&world] { world.fail_syncs(1); });

  // Power cuts at random moments: between any two messages.
  std::set<std::int64_t> cuts;
  for (int i = 0; i < 4; ++i) cuts.insert(static_cast<std::int64_t>(300 + world.random().next() % 9000));
  auto begun = world.steady();
  for (auto at : cuts) {
    while (world.steady() < begun + std::chrono::milliseconds{at} && world.step(begun + std::chrono::milliseconds{at})) {
    }
    for (auto extra = world.random().next() % 40; extra > 0 && world.step(); --extra) {
    }
    world.crash();
  }
  world.run_for(60s);
  REQUIRE(open == 0);
  REQUIRE(world.run_until_idle(120s, 500ms));

  // Nothing that was acknowledged is missing; every order is there once; money is conserved.
  std::map<std::string, std::int64_t> placed;
  std::map<std::string, std::int64_t> moved, received;
  std::map<std::string, std::string> status;
  std::int64_t cancelled_pence = 0;
  for (auto& e : all_events(world)) {
    out.order_of_events += e.stream + "/" + e.type + ";";
    if (e.type == "orders.placed") {
      auto p = from_json<shop::orders::order_placed>(e.payload).value();
      CHECK(placed.emplace(p.id, p.total.minor).second);
      status[p.id] = "placed";
    }
    if (e.type == "orders.confirmed") status[from_json<shop::orders::order_confirmed>(e.payload).value().id] = "confirmed";
    if (e.type == "orders.cancelled") {
      auto c = from_json<shop::orders::order_cancelled>(e.payload).value();
      status[c.id] = "cancelled";
      cancelled_pence += c.total.minor;
    }
    if (e.type == "inventory.stock_received") received[e.stream] += from_json<shop::inventory::stock_received>(e.payload).value().quantity;
    if (e.type == "inventory.stock_moved") {
      moved[e.stream] += from_json<shop::inventory::stock_moved>(e.payload).value().quantity;
      CHECK(moved[e.stream] <= received[e.stream]);  // never below zero
    }
  }
  CHECK(placed == out.acknowledged);
  std::int64_t total = 0;
  for (auto& [id, pence] : placed) total += pence;
  for (auto& [id, s] : status) CHECK(s != "placed");  // every order was filled or cancelled
  auto sales = parse_json(get(world, "/reports/sales")).value();
  CHECK(sales.at("total").at("minor").as_int64() == total - cancelled_pence);
  auto stock = parse_json(get(world, "/reports/stock")).value();
  for (auto& line : stock.at("skus").as_array()) {
    auto sku = "inventory-" + std::string{line.at("sku").as_string()};
    CHECK(line.at("moved").as_int64() == moved[sku]);
    CHECK(line.at("quantity").as_int64() == moved[sku]);  // what was sold is what left the stock
    CHECK(line.at("on_hand").as_int64() == received[sku] - moved[sku]);
  }
  out.trace = world.trace();
  out.counts = world.counts();
  return out;
}

std::uint64_t seeds_to_run() {
  auto* given = std::getenv("BANYAN_SEEDS");
  return given ? std::strtoull(given, nullptr, 10) : 100;
}

}  // namespace

TEST_CASE("no acknowledged order is lost and money and stock are conserved, whatever the seed") {
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= seeds_to_run(); ++seed) {
    CAPTURE(seed);
    crashes += run_shop(seed).counts.crashes;
  }
  CHECK(crashes >= 2 * seeds_to_run());
}

TEST_CASE("the same seed gives the same run") {
  for (std::uint64_t seed : {7u, 8u, 9u}) {
    auto first = run_shop(seed), second = run_shop(seed);
    CHECK(first.trace == second.trace);
    CHECK(first.order_of_events == second.order_of_events);
  }
}

TEST_CASE("different seeds give different orders of events") {
  std::set<std::uint64_t> traces;
  std::set<std::string> orders_of_events;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto r = run_shop(seed);
    traces.insert(r.trace);
    orders_of_events.insert(r.order_of_events);
  }
  CHECK(traces.size() == 10);
  CHECK(orders_of_events.size() == 10);
}
