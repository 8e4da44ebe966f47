// What the shop goes through in simulation: customers who order, pay, cancel and ask again until somebody answers,
// goods that come in, an acquirer that fails by seed and calls back late or twice, faults of every kind meanwhile; and
// the laws that hold afterwards whatever the seed.
#pragma once

#include <tests/services/the_shop.hpp>
#include <tests/simulation/shop_faults.hpp>

#include <services/cart/api.hpp>
#include <services/payments/api.hpp>
#include <services/payments/signature.hpp>

#include <shop/books.hpp>
#include <shop/reconcile.hpp>

#include <banyan/core/json.hpp>
#include <banyan/journal/position_token.hpp>
#include <banyan/observability/log.hpp>
#include <banyan/simulation/persistent_clients.hpp>
#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulate.hpp>

#include <boost/json.hpp>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shop_test {

using namespace banyan;
using namespace std::chrono_literals;

// The shop with little memory: entities go to sleep soon and take snapshots often, or a minute would not see either.
inline const application& forgetful_shop() {
  static const application app = [] {
    application a{"shop", shop_services()};
    for (auto [path, value] :
         std::vector<std::pair<const char*, const char*>>{{"orders.sharded.order.passivate_after", "5s"},
                                                          {"orders.sharded.order.shards", "8"},
                                                          {"orders.event_sourced.order.snapshot_every", "2"},
                                                          {"payments.sharded.payment.passivate_after", "4s"},
                                                          {"payments.sharded.payment.shards", "8"},
                                                          {"payments.event_sourced.payment.snapshot_every", "2"},
                                                          {"inventory.sharded.stock_item.passivate_after", "3s"},
                                                          {"inventory.sharded.stock_item.shards", "8"},
                                                          {"inventory.event_sourced.stock_item.snapshot_every", "10"}})
      find_option(a, path)->set(value, "simulation").value();
    return a;
  }();
  return app;
}

// Also checks that an answer belongs to its call.
inline persistent_clients::again_function asks_again(simulation& world) {
  return [&world](const result<http_response>& r) {
    world.require(!r || r->body.find("the answer is a ") == std::string::npos,
                  "an answer belongs to the call that it is given to", r ? r->body : std::string{});
    return persistent_clients::is_retryable(r);
  };
}

class shop_run {
 public:
  static constexpr int skus = 5, opening = 250;

  explicit shop_run(simulation& w) : world_{w}, clients_{w, asks_again(w)} {
    setenv("SHOP_ACQUIRER_SECRET", secret, 1);
    acquirer_.fault = [this, seed = w.random().next()](const std::string& what, const std::string& key, int attempt) {
      return fault_of(seed, what, key, attempt);
    };
    acquirer_.made = [this](const shop::payments::settlement& s) { call_back(s); };
  }
  // From now on the acquirer does as it is asked.
  void mend_acquirer() { acquirer_.fault = {}; }
  const acquirer_book& acquirer() const { return acquirer_; }

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
    if (i % 11 == 5) return order_by_cart(i, random);
    const bool is_declined = i % 9 == 4;
    const auto body =
        R"({"id":")" + id + R"(","lines":[)" + lines + "]" + (is_declined ? R"(,"payment":"tok_declined"})" : "}");
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

  // A cart is filled, one thing is taken out of it again, and it is checked out, twice when the answer is late.
  void order_by_cart(std::size_t i, seeded_random& random) {
    const auto id = "o" + std::to_string(i), cart = "/carts/c" + std::to_string(i);
    const nanoseconds when = 500ms + between(random, 0ns, 40s);
    const auto quantity = std::to_string(1 + below(random, 4));
    ask(when, "PUT", cart + "/lines/SKU1", R"({"quantity":)" + quantity + "}", 200,
        [this, id, cart](const http_response&) {
          ask(10ms, "PUT", cart + "/lines/SKU2", R"({"quantity":1})", 200, [this, id, cart](const http_response&) {
            ask(10ms, "DELETE", cart + "/lines/SKU2", {}, 200, [this, id, cart](const http_response&) {
              const auto body = R"({"order":")" + id + "\"}";
              ask(10ms, "POST", cart + "/checkout", body, 201, [this, id, cart, body](const http_response& first) {
                acknowledged_[id] = parse_json(first.body).value().at("total").at("minor").as_int64();
                carts_.push_back(cart);
                ask(300ms, "POST", cart + "/checkout", body, 201,
                    [this, reply = first.body](const http_response& again) {
                      world_.require(again.body == reply, "the same checkout is answered the same",
                                     reply + " and then " + again.body);
                    });
              });
            });
          });
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

  // What holds at the end, and of the journal also meanwhile.
  std::vector<law> laws() {
    using found = std::optional<std::string>;
    const auto none_of = [](auto n, const std::string& what) {
      return n == 0 ? found{} : found{std::to_string(n) + " " + what};
    };
    return {
        {"an order is placed once", [this](simulation&) { return read().placed_twice; }, 1s},
        {"every client is answered in the end",
         [=, this](simulation&) { return none_of(clients_.unanswered(), "are not"); }},
        {"an acknowledged receipt is stored once",
         [this](simulation&) -> found {
           for (const auto& [id, told] : received_)
             if (read().received[id] != 1) return id;
           return {};
         }},
        {"whoever presents the position of his write sees it",
         [this](simulation&) -> found {
           for (const auto& [id, told] : received_)
             if (told != 0 && told < read().received_at[id])
               return id + ": told " + std::to_string(told) + ", stored at " + std::to_string(read().received_at[id]);
           return {};
         }},
        {"an acknowledged order is stored once",
         [this](simulation&) -> found {
           for (const auto& [id, pence] : acknowledged_)
             if (read().placed["orders-" + id] != 1) return id;
           return {};
         }},
        {"every stored order was acknowledged in the end",
         [this](simulation&) -> found {
           if (read().placed.size() == acknowledged_.size()) return {};
           return std::to_string(read().placed.size()) + " are stored, " + std::to_string(acknowledged_.size()) +
                  " acknowledged";
         }},
        {"the books are in order", [this](simulation&) { return first_of(read().books.faults()); }},
        {"every order is filled or cancelled",
         [=, this](simulation&) { return none_of(read().books.open_orders(), "are open"); }},
        {"an order is charged once",
         [this](simulation&) -> found {
           for (const auto& [id, n] : acquirer_.charges_per_order())
             if (n > 1) return id + ": " + std::to_string(n) + " charges";
           return {};
         },
         1s},
        {"an order is confirmed when the acquirer has its money, and not before",
         [this](simulation&) -> found {
           const auto kept = acquirer_.kept();
           for (const auto& id : read().confirmed)
             if (const auto at = kept.find(id); at == kept.end())
               return id + " is confirmed, and the acquirer has never charged it";
           return {};
         },
         1s},
        {"the acquirer keeps what the confirmed orders cost, and nothing else",
         [this](simulation&) -> found {
           auto ours = read().books.kept_money(), theirs = acquirer_.kept();
           std::erase_if(ours, [](const auto& e) { return e.second == 0; });
           std::erase_if(theirs, [](const auto& e) { return e.second == 0; });
           for (const auto& [id, pence] : theirs)
             if (!ours.contains(id)) return id + ": " + std::to_string(pence) + " pence are kept there, and none here";
           for (const auto& [id, pence] : ours)
             if (theirs[id] != pence)
               return id + ": " + std::to_string(pence) + " pence here, " + std::to_string(theirs[id]) + " there";
           return {};
         }},
        {"the payments report says what the books say",
         [this](simulation&) -> found {
           const auto report = get<shop::payments::payments_report>("/reports/payments");
           const auto& ours = read().books.payments();
           if (report.waiting != 0) return std::to_string(report.waiting) + " payments wait";
           if (report.refunded != ours.refunded || report.declined != ours.declined)
             return "it counts " + to_json(report);
           const auto kept = report.taken.minor - report.paid_back.minor;
           if (ours.mismatched == 0 && kept != ours.taken - ours.paid_back) return "it keeps " + std::to_string(kept);
           return {};
         }},
        {"a cart that was ordered is empty",
         [this](simulation&) -> found {
           for (const auto& cart : carts_)
             if (const auto c = get<shop::cart::cart_view>(cart); !c.lines.empty() || c.checking_out)
               return cart + ": " + to_json(c);
           return {};
         }},
        // Sums that are added up by the services themselves.
        {"the sales report says what the books say",
         [this](simulation&) {
           return first_of(shop::compare_sales(read().books.sales(), get<shop::sales_report>("/reports/sales"),
                                               shop::match::exact));
         }},
        {"the stock report says what the books say",
         [this](simulation&) {
           return first_of(shop::compare_stock(read().books.stock(), get<shop::stock_report>("/reports/stock"), true));
         }},
    };
  }

 private:
  void ask(nanoseconds when, std::string method, std::string target, std::string body, int expected,
           std::function<void(const http_response&)> then = {}) {
    const auto what = method + " " + target;
    clients_.send(when, std::move(method), std::move(target), std::move(body),
                  [this, what, expected, then = std::move(then)](const http_response& r) {
                    const bool too_late =
                        r.status == 422 && r.body.find("order_cancelled") != std::string::npos;  // no stock left
                    world_.require(r.status == expected || too_late, "a client gets the answer that is due",
                                   what + ": " + std::to_string(r.status) + " " + r.body);
                    if (then) then(r);
                  });
  }

  template <class Reply>
  Reply get(const std::string& target) {
    std::optional<http_response> answer;
    world_.request("GET", target, {}, [&](result<http_response> r) { answer = std::move(r).value(); });
    while (!answer && world_.step()) {
    }
    return from_json<Reply>(answer.value().body).value();
  }
  static std::optional<std::string> first_of(const std::vector<std::string>& faults) {
    return faults.empty() ? std::nullopt : std::optional{faults.front()};
  }

  // What the journal says.
  struct record {
    shop::books books;
    std::map<std::string, int> placed, received;
    std::map<std::string, position> received_at;
    std::vector<std::string> confirmed;
    std::optional<std::string> placed_twice;
  };
  record& read() {
    const auto& all = world_.stored();
    for (; events_read_ < all.size(); ++events_read_) {
      const auto& e = all[events_read_];
      record_.books.apply(e);
      if (e.type == "orders.confirmed")
        record_.confirmed.push_back(e.stream.substr(std::string_view{"orders-"}.size()));
      if (e.type == "orders.placed" && ++record_.placed[e.stream] > 1) record_.placed_twice = e.stream;
      if (e.type == "inventory.stock_received") {
        const std::string id{parse_json(e.payload).value().at("id").as_string()};
        ++record_.received[id];
        record_.received_at[id] = e.position;
      }
    }
    return record_;
  }

  // By the seed and by what is asked, so that a run with fewer orders fails in the same places. For ten seconds the
  // acquirer is down.
  acquirer_fault fault_of(std::uint64_t seed, const std::string& what, const std::string& key, int attempt) const {
    const auto time = world_.now().time_since_epoch() % 60s;
    if (time > 20s && time < 30s) return acquirer_fault::unavailable;
    seeded_random random{seed, what + "/" + key + "/" + std::to_string(attempt)};
    switch (below(random, 20)) {
      case 0: return acquirer_fault::unavailable;
      case 1: case 2: return acquirer_fault::lost_request;
      case 3: case 4: case 5: return acquirer_fault::lost_answer;
      case 6: return below(random, 4) == 0 && what != "refund" ? acquirer_fault::wrong_currency : acquirer_fault::none;
      default: return acquirer_fault::none;
    }
  }

  // Signed when it is sent first; sometimes late, sometimes twice.
  void call_back(const shop::payments::settlement& s) {
    seeded_random random{0, s.event_id};
    const auto late = below(random, 4) == 0 ? between(random, 1s, 15s) : between(random, 1ms, 200ms);
    const int times = below(random, 3) == 0 ? 2 : 1;
    for (int n = 0; n < times; ++n) {
      http_request r;
      r.method = "POST";
      r.target = "/payments/settlements";
      r.body = to_json(s);
      r.headers.add("Content-Type", "application/json");
      r.headers.add("X-Acquirer-Signature", shop::payments::sign(secret, r.body, world_.now()));
      clients_.send(late + n * 50ms, std::move(r), [this](const http_response& answer) {
        // The shop's clock may have jumped since it was signed; then the payment is concluded by its own question.
        const bool is_of_another_time = answer.body.find("signature_expired") != std::string::npos;
        world_.require(answer.status == 200 || is_of_another_time, "a settlement is taken",
                       std::to_string(answer.status) + " " + answer.body);
      });
    }
  }

  static constexpr const char* secret = "whsec_simulation";
  simulation& world_;
  persistent_clients clients_;
  acquirer_book acquirer_;
  std::vector<std::string> carts_;
  record record_;
  std::size_t events_read_ = 0;
  std::map<std::string, std::int64_t> acknowledged_;
  std::map<std::string, position> received_;  // acknowledged receipts, with the position that the answer had
};

inline void run_shop(simulation& world, const workload& orders) {
  configure_logging({.level = log_level::off});  // of hundreds of runs, nobody reads what went wrong on purpose
  shop_run run{world};
  run.fill_shelves();
  for (auto i : orders) run.order(i);
  const checked_laws laws{world, run.laws()};
  world.run_for(55s);
  world.heal();
  run.mend_acquirer();
  world.run_for(30s);
  world.require(world.run_until_idle(120s, 500ms), "the shop comes to rest");
  laws.check();
}

// The same shop on several nodes, which call each other over the network and share a journal; the acquirer is on one of
// its own.
inline void run_shop_apart(simulation& world, const workload& orders) {
  world.add("front", forgetful_shop(), {"gateway", "orders", "customers", "cart"});
  world.add("stock", forgetful_shop(), {"inventory"});
  world.add("till", forgetful_shop(), {"payments"});
  world.add("bank", forgetful_shop(), {"acquirer"});
  world.add("goods", forgetful_shop(), {"catalog"});
  run_shop(world, orders);
}

inline simulate_options shop_plan_apart(std::uint64_t seeds) {
  return {.seeds = seeds,
          .operations = 200,
          .faults = {.nodes = {"front", "stock", "till", "goods"}, .count = 24, .within = 50s, .kinds = faults_of_a_shop()},
          .world = {.network = {1ms, 10ms}, .shared_journal = true, .patience = 12s}};
}

inline simulate_options shop_plan(std::uint64_t seeds) {
  return {.seeds = seeds,
          .operations = 200,
          .faults = {.nodes = {"shop"}, .count = 18, .within = 50s, .kinds = faults_of_a_shop()},
          .world = {.network = {1ms, 10ms}, .patience = 12s}};
}

}  // namespace shop_test
