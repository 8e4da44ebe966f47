// What the shop goes through in simulation: customers who order, cancel and ask again until somebody answers, goods that come in, faults
// of every kind meanwhile; and the laws that hold afterwards whatever the seed.
#pragma once

#include <tests/services/the_shop.hpp>

#include <shop/books.hpp>
#include <shop/reconcile.hpp>

#include <banyan/core/json.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulate.hpp>

#include <boost/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shop_test {

using namespace banyan;
using namespace std::chrono_literals;

// The shop with little memory: entities go to sleep soon and take snapshots often, or a minute would not see either.
inline const application& forgetful_shop() {
  static const application app = [] {
    application a{"shop", {}};
    for (auto& p : {shop::catalog::describe(), shop::inventory::describe(), shop::orders::describe(), shop::customers::describe(),
                    shop::gateway::describe({})})
      a.services.push_back(p);
    for (auto [path, value] : std::vector<std::pair<const char*, const char*>>{{"orders.sharded.order.passivate_after", "5s"},
                                                                               {"orders.sharded.order.shards", "8"},
                                                                               {"orders.event_sourced.order.snapshot_every", "2"},
                                                                               {"inventory.sharded.stock_item.passivate_after", "3s"},
                                                                               {"inventory.sharded.stock_item.shards", "8"},
                                                                               {"inventory.event_sourced.stock_item.snapshot_every", "10"}})
      find_option(a, path)->set(value, "simulation").value();
    return a;
  }();
  return app;
}

// A client that wants one thing done, and repeats itself with the same words until it is answered for good.
class persistent_client {
 public:
  using told = std::function<void(const http_response& response)>;
  persistent_client(simulation& w, std::string method, std::string target, std::string body, told finished)
      : world_{w}, method_{std::move(method)}, target_{std::move(target)}, body_{std::move(body)}, finished_{std::move(finished)} {}
  void go() {
    world_.request(method_, target_, body_, [this](result<http_response> r) {
      world_.require(!r || r->body.find("the answer is a ") == std::string::npos,
                     "an answer belongs to the call that it is given to", r ? r->body : std::string{});
      const bool found_too_large = r && r->status == 400 && r->body.find("16 MiB") != std::string::npos;  // which it is not
      if (r && r->status != 503 && r->status != 504 && r->status != 429 && r->status != 500 && !found_too_large)
        finished_(*r);
      else
        world_.after(20ms + between(world_.random(), 0ns, 300ms), [this] { go(); });
    });
  }

 private:
  simulation& world_;
  std::string method_, target_, body_;
  told finished_;
};

class shop_run {
 public:
  static constexpr int skus = 5, opening = 250;

  explicit shop_run(simulation& w) : world_{w} {}

  void fill_shelves() {
    for (int i = 0; i < skus; ++i) {
      auto sku = "SKU" + std::to_string(i);
      ask(1ms, "PUT", "/products/" + sku, R"({"name":"thing","price":{"minor":)" + std::to_string(100 + i) + R"(,"currency":"GBP"}})", 200);
      ask(5ms, "POST", "/stock/" + sku + "/movements", R"({"id":"opening","kind":"opening","quantity":)" + std::to_string(opening) + "}",
          200);
    }
  }

  // The i-th order is the same however many there are. Every other one comes in a crowd, so that an entity has several
  // commands under way when its journal refuses one. Every third customer asks once more after the answer, every fifth
  // cancels.
  void order(std::size_t i) {
    seeded_random random{i, "order"};
    const auto id = "o" + std::to_string(i);
    std::string lines;
    for (std::uint64_t l = 0, n = 1 + below(random, 3); l < n; ++l)
      lines += (l ? "," : "") + std::string{R"({"line":)"} + std::to_string(l) + R"(,"sku":"SKU)" + std::to_string(below(random, skus)) +
               R"(","quantity":)" + std::to_string(1 + below(random, 6)) + R"(,"unit_price":"1.25"})";
    if (i % 20 == 7)  // has a price, but neither listed nor received: goods of which there are none
      lines += R"(,{"line":9,"sku":"RARE)" + std::to_string(i) + R"(","quantity":1,"unit_price":"1.25"})";
    const auto body = R"({"id":")" + id + R"(","lines":[)" + lines + "]}";
    constexpr std::size_t crowds = 9;
    const nanoseconds crowd = 2s + 5s * static_cast<int>(i / 2 % crowds);
    const nanoseconds when = i % 2 ? 500ms + between(random, 0ns, 45s) : crowd + between(random, 0ns, 20ms);
    if (i % 2 == 0) receive(i, crowd + between(random, 0ns, 3ms));
    ask(when, "POST", "/orders", body, 201, [this, i, id, body](const http_response& first) {
      const auto& reply = first.body;
      const auto placed = parse_json(reply).value();
      world_.require(placed.at("id").as_string() == id, "a client is answered about its own order", id + ": " + reply);
      acknowledged_[id] = placed.at("total").at("minor").as_int64();
      if (i % 3 == 0)
        ask(400ms, "POST", "/orders", body, 201, [this, reply](const http_response& again) {
          world_.require(again.body == reply, "the same command is answered the same", reply + " and then " + again.body);
        });
      if (i % 5 == 0) ask(2s, "POST", "/orders/" + id + "/cancel", R"({"reason":"changed_my_mind"})", 200);
    });
  }

  // Goods come in at the same place within milliseconds, so that one entity has several appends under way.
  void receive(std::size_t i, nanoseconds when) {
    const auto id = "r" + std::to_string(i);
    ask(when, "POST", "/stock/SKU0/movements", R"({"id":")" + id + R"(","kind":"receipt","quantity":1})", 200,
        [this, id](const http_response& r) { received_[id] = position_of(r); });
  }
  // The position that the answer to a write says it has; 0 when it says none, as an answer of another node.
  static position position_of(const http_response& r) {
    const auto* header = r.headers.find(position_header);
    return header ? parse_position_token(*header).value().at(0).at : 0;
  }

  void check() {
    world_.require(open_ == 0, "every client is answered in the end", std::to_string(open_) + " are not");
    shop::books books;
    std::map<std::string, int> placed, received;
    std::map<std::string, position> received_at;
    for (const auto& e : world_.stored()) {
      books.apply(e);
      if (e.type == "orders.placed") ++placed[e.stream];
      if (e.type == "inventory.stock_received") {
        const std::string id{parse_json(e.payload).value().at("id").as_string()};
        ++received[id];
        received_at[id] = e.position;
      }
    }
    for (const auto& [id, told] : received_) {
      world_.require(received[id] == 1, "an acknowledged receipt is stored once", id);
      world_.require(told == 0 || told >= received_at[id], "whoever presents the position of his write sees it",
                     id + ": told " + std::to_string(told) + ", stored at " + std::to_string(received_at[id]));
    }
    for (const auto& [id, pence] : acknowledged_) world_.require(placed["orders-" + id] == 1, "an acknowledged order is stored once", id);
    world_.require(placed.size() == acknowledged_.size(), "every stored order was acknowledged in the end");
    world_.require(books.fault_count() == 0, "the books are in order", books.faults().empty() ? "" : books.faults().front());
    world_.require(books.open_orders() == 0, "every order is filled or cancelled", std::to_string(books.open_orders()) + " are open");
    check_views(books);
  }

 private:
  void ask(nanoseconds when, std::string method, std::string target, std::string body, int expected,
           std::function<void(const http_response&)> then = {}) {
    ++open_;
    auto what = method + " " + target;
    clients_.push_back(std::make_unique<persistent_client>(
        world_, std::move(method), std::move(target), std::move(body),
        [this, what, expected, then = std::move(then)](const http_response& r) {
          --open_;
          const bool too_late = r.status == 422 && r.body.find("order_cancelled") != std::string::npos;  // no stock left
          world_.require(r.status == expected || too_late, "a client gets the answer that is due",
                         what + ": " + std::to_string(r.status) + " " + r.body);
          if (then) then(r);
        }));
    world_.after(when, [c = clients_.back().get()] { c->go(); });
  }

  std::string get(const std::string& target) {
    std::string answer;
    bool done = false;
    world_.request("GET", target, {}, [&](result<http_response> r) {
      answer = r.value().body;
      done = true;
    });
    while (!done && world_.step()) {
    }
    return answer;
  }

  // Sums that are added up by the services themselves.
  void check_views(const shop::books& books) {
    const auto differences = [&](const char* law, const std::vector<std::string>& d) {
      world_.require(d.empty(), law, d.empty() ? "" : d.front());
    };
    differences("the sales report says what the books say",
                shop::compare_sales(books.sales(), from_json<shop::sales_report>(get("/reports/sales")).value(), shop::match::exact));
    differences("the stock report says what the books say",
                shop::compare_stock(books.stock(), from_json<shop::stock_report>(get("/reports/stock")).value(), true));
  }

  simulation& world_;
  std::vector<std::unique_ptr<persistent_client>> clients_;
  std::map<std::string, std::int64_t> acknowledged_;
  std::map<std::string, position> received_;  // acknowledged receipts, with the position that the answer had
  int open_ = 0;
};

inline void run_shop(simulation& world, const workload& orders) {
  configure_logging({.level = log_level::off});  // of hundreds of runs, nobody reads what went wrong on purpose
  shop_run run{world};
  run.fill_shelves();
  for (auto i : orders) run.order(i);
  world.run_for(55s);
  world.heal();
  world.run_for(30s);
  world.require(world.run_until_idle(120s, 500ms), "the shop comes to rest");
  run.check();
}

// The same shop on three nodes, which call each other over the network and share a journal.
inline void run_shop_apart(simulation& world, const workload& orders) {
  world.add("front", forgetful_shop(), {"gateway", "orders", "customers"});
  world.add("stock", forgetful_shop(), {"inventory"});
  world.add("goods", forgetful_shop(), {"catalog"});
  run_shop(world, orders);
}

inline simulate_options shop_plan_apart(std::uint64_t seeds) {
  return {.seeds = seeds,
          .operations = 200,
          .faults = {.nodes = {"front", "stock", "goods"}, .count = 24, .within = 50s},
          .world = {.network = {1ms, 10ms}, .shared_journal = true, .patience = 12s}};
}

inline simulate_options shop_plan(std::uint64_t seeds) {
  return {.seeds = seeds,
          .operations = 200,
          .faults = {.nodes = {"shop"}, .count = 18, .within = 50s},
          .world = {.network = {1ms, 10ms}, .patience = 12s}};
}

}  // namespace shop_test
