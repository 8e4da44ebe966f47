// What a checkout goes through in simulation: customers who order and cancel at any moment, an operator who stops
// sagas, an acquirer that fails by seed, and power cuts between any two steps; and the laws that hold afterwards.
//
// The laws of the sagas are read from their records alone, without the machine that made them; besides, each turn is
// replayed from the start as soon as it is stored.
#pragma once

#include <tests/services/the_shop.hpp>
#include <tests/simulation/shop_faults.hpp>

#include <services/orders/checkout.hpp>
#include <services/orders/service.hpp>

#include <shop/books.hpp>

#include <banyan/observability/log.hpp>
#include <banyan/saga/hears.hpp>
#include <banyan/saga/rebuild.hpp>
#include <banyan/saga/saga.hpp>
#include <banyan/simulation/persistent_clients.hpp>
#include <banyan/simulation/seeded_random.hpp>
#include <banyan/simulation/simulate.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace checkout_test {

using namespace banyan;
using namespace std::chrono_literals;
using shop::orders::check_out;
using shop::orders::order_placed;
using shop_test::acquirer_fault;

// --- an operator, who stops one checkout in four: cancels it, or has it undone from its record

inline std::uint64_t& operators_seed() {
  static std::uint64_t seed = 0;
  return seed;
}

inline task<result<done>> stop_checkout(actor_host& host, const service_scope& scope, std::string id) {
  seeded_random random{operators_seed(), "operator/" + id};
  if (below(random, 4) != 0) co_return done{};
  const auto pause = between(random, 0ns, below(random, 3) == 0 ? nanoseconds{4s} : nanoseconds{60ms});
  co_await host.sleep(pause);
  const auto what = below(random, 2) == 0 ? saga_command::abort : saga_command::cancel;
  saga_order order{.what = what, .id = id, .because = "the test", .by = "operator"};
  auto stopped = co_await give_saga_order(host, scope, make_message<saga_order_for<check_out>>(std::move(order)));
  if (stopped || stopped.error().code == code::conflict) co_return done{};  // too late, or stopped before
  co_return stopped;
}

struct operator_of_checkouts {
  void contribute(plan& p) const {
    saga_feed feed{"orders.placed", "operator", order_placed::stored, &shape_of<order_placed>, from_start};
    feed.max_attempts = 1000;
    add_saga_feed(p, std::move(feed), [](actor_host& host, const service_scope& scope, const recorded_event& e) {
      return stop_checkout(host, scope, from_json<order_placed>(e.payload).value().id);
    });
  }
};

// The shop, whose sagas leave memory soon and are given up after `patience`; 0s: never.
inline application shop_with_operator(const char* patience) {
  application a{"shop", shop_test::shop_services()};
  for (auto& p : a.services)
    if (p.service() == "orders") operator_of_checkouts{}.contribute(p);
  for (auto [path, value] :
       std::vector<std::pair<const char*, const char*>>{{"orders.saga.orders.checkout.give_up_after", patience},
                                                        {"orders.saga.orders.checkout.passivate_after", "3s"},
                                                        {"orders.saga.orders.checkout.shards", "4"},
                                                        {"orders.saga.orders.take_back.passivate_after", "3s"},
                                                        {"orders.saga.orders.take_back.shards", "4"},
                                                        {"orders.sharded.order.shards", "4"},
                                                        {"payments.sharded.payment.shards", "4"},
                                                        {"inventory.sharded.stock_item.shards", "4"}})
    find_option(a, path)->set(value, "simulation").value();
  return a;
}

// --- what a record of a saga must hold

class saga_record {
 public:
  std::vector<std::string> payloads;
  std::string last;  // what the last turn asked for: "payments.charge", "undo payments.refund", "timer"
  bool ended = false, failed = false;

  // What the turn breaks, by the record alone.
  std::optional<std::string> add(const std::string& payload) {
    const auto turn = from_json<saga_turned>(payload).value();
    payloads.push_back(payload);
    if (ended) return "a turn after the end";
    if (turn.because.kind == saga_notice::answered) answered(turn.because);
    for (const auto& r : turn.then) {
      if (r.kind == saga_wish::step && !r.refused) steps_.emplace(r.number, step{r, {}, 0});
      if (r.kind == saga_wish::pivot) pivoted_ = true;
      if (r.kind == saga_wish::undo)
        if (auto wrong = undone(r)) return wrong;
      if (r.kind == saga_wish::step) last = r.name;
      if (r.kind == saga_wish::undo) last = "undo " + r.name;
      if (r.kind == saga_wish::timer) last = "timer";
    }
    return turn.end ? at_end(*turn.end) : std::nullopt;
  }

 private:
  struct step {
    saga_request asked;
    std::optional<bool> applied;  // none: not known yet
    int undone = 0;
  };
  void answered(const saga_notification& n) {
    const auto at = steps_.find(n.number);
    if (at == steps_.end()) return;
    const auto why = error_in(n.payload);
    at->second.applied = !why || why->outcome == outcome::applied;
  }
  std::optional<std::string> undone(const saga_request& r) {
    if (pivoted_) return r.name + " is undone behind the pivot";
    for (const auto& [number, s] : steps_)
      if (!s.applied) return r.name + " is undone before the outcome of " + s.asked.name + " is known";
    auto& of = steps_.at(r.of);
    if (!*of.applied) return of.asked.name + " was refused, and is undone";
    if (++of.undone > 1) return of.asked.name + " is undone twice";
    return std::nullopt;
  }
  std::optional<std::string> at_end(const saga_ending& end) {
    ended = true;
    failed = end.how != saga_outcome::done;
    if (end.how == saga_outcome::attention || end.how == saga_outcome::abandoned)
      return "it needs a person: " + end.result.text;
    for (const auto& [number, s] : steps_) {
      if (!s.applied) return "it ended, and the outcome of " + s.asked.name + " is not known";
      const bool must_be_undone = failed && s.asked.undo && *s.applied;
      if (must_be_undone && s.undone == 0) return s.asked.name + " was applied, and is not undone";
      if (!failed && s.undone > 0) return s.asked.name + " is undone, although the saga is done";
    }
    return std::nullopt;
  }
  std::map<int, step> steps_;
  bool pivoted_ = false;
};

class checkout_run {
 public:
  static constexpr int skus = 3, opening = 9;

  // `met` counts at which moments the power was cut, over many runs.
  checkout_run(simulation& w, std::map<std::string, int>& met)
      : world_{w}, met_{met}, salt_{w.random().next()}, clients_{w} {
    operators_seed() = salt_;
    acquirer_.fault = [this](const std::string& what, const std::string& key, int attempt) {
      return fault_of(what, key, attempt);
    };
    watch_ = w.after_each_step([this] { read(); });
  }
  void mend_acquirer() { acquirer_.fault = {}; }

  void fill_shelves() {
    for (int i = 0; i < skus; ++i) {
      const auto sku = "SKU" + std::to_string(i);
      send(0ms, "PUT", "/products/" + sku, R"({"name":"thing","price":{"minor":100,"currency":"GBP"}})");
      send(0ms, "POST", "/stock/" + sku + "/movements",
           R"({"id":"opening","kind":"opening","quantity":)" + std::to_string(opening) + "}");
    }
    world_.run_until_idle(20s, 100ms);
  }

  // One in four cards is declined, one order in two is cancelled by its customer; goods run out.
  void order(std::size_t i) {
    seeded_random random{salt_, "order " + std::to_string(i)};
    const auto id = "o" + std::to_string(i);
    std::string lines;
    for (std::uint64_t l = 0, n = 1 + below(random, 3); l < n; ++l)
      lines += (l ? "," : "") + std::string{R"({"line":)"} + std::to_string(l) + R"(,"sku":"SKU)" +
               std::to_string(below(random, skus)) + R"(","quantity":)" + std::to_string(1 + below(random, 3)) + "}";
    const bool is_declined = below(random, 4) == 0;
    const auto when = between(random, 0ns, 500ms);
    send(when, "POST", "/orders",
         R"({"id":")" + id + R"(","lines":[)" + lines + "]" +
             (is_declined ? R"(,"payment":"tok_declined"})" : "}"));
    if (below(random, 2) == 0) return;
    const auto pause = between(random, 0ns, below(random, 3) == 0 ? nanoseconds{6s} : nanoseconds{80ms});
    send(when + pause, "POST", "/orders/" + id + "/cancel", R"({"reason":"customer"})");
  }

  // Cuts the power of a node so many stored events from now, and so many messages later, one to four times.
  void cut_power(const std::vector<std::string>& nodes) {
    const auto cuts = 1 + below(world_.random(), 4);
    for (std::uint64_t n = 0; n < cuts; ++n) {
      const auto enough = world_.stored().size() + below(world_.random(), 25);
      const auto until = world_.steady() + 5s;
      while (world_.stored().size() < enough && world_.steady() < until && world_.step(until)) {
      }
      for (auto more = below(world_.random(), 8); more > 0; --more) world_.step(until);
      for (const auto& [stream, record] : records_)
        if (!record.ended) ++met_[record.last];
      const auto& node = nodes[below(world_.random(), nodes.size())];
      const auto pause = between(world_.random(), 1ms, 500ms);
      world_.inject({.kind = fault_kind::crash, .node = node, .lasts = pause});
    }
  }

  bool is_open() const {
    const auto lives = [](const auto& r) { return !r.second.ended; };
    return books_.open_orders() > 0 || std::any_of(records_.begin(), records_.end(), lives);
  }
  std::vector<law> laws() {
    using found = std::optional<std::string>;
    return {
        {"every client is answered",
         [this](simulation&) -> found {
           if (clients_.unanswered() == 0) return {};
           return std::to_string(clients_.unanswered()) + " are not";
         }},
        {"the books are in order, and every order is confirmed or cancelled",
         [this](simulation&) -> found {
           if (const auto faults = books_.faults(); !faults.empty()) return faults.front();
           if (books_.open_orders() == 0) return {};
           return std::to_string(books_.open_orders()) + " orders are open";
         }},
        {"an order has one charge and one confirmation, or its charge is paid back and nothing is reserved",
         [this](simulation&) { return wrong_order(); }},
        {"every saga ends",
         [this](simulation&) -> found {
           for (const auto& [stream, r] : records_)
             if (!r.ended) return stream + " after " + std::to_string(r.payloads.size()) + " turns: " + r.last;
           return {};
         }},
    };
  }

 private:
  void send(nanoseconds when, std::string method, std::string target, std::string body) {
    clients_.send(when, std::move(method), std::move(target), std::move(body));
  }

  // What was stored since the last step. A turn is replayed with all before it.
  void read() {
    const auto& all = world_.stored();
    for (; read_ < all.size(); ++read_) {
      const auto& e = all[read_];
      books_.apply(e);
      if (e.type == "orders.confirmed") ++confirmed_[e.stream];
      if (e.type != saga_turned::stored.type) continue;
      auto& record = records_[e.stream];
      if (auto wrong = record.add(e.payload)) throw broken_law{"a saga keeps its laws", e.stream + ": " + *wrong};
      const auto& code = e.stream.starts_with("orders.checkout-") ? checkout_ : return_;
      const auto rebuilt = rebuild_saga(&code, record.payloads, {.payload = 2u << 20, .undo = 20'000});
      if (!rebuilt) throw broken_law{"every turn replays", e.stream + ": " + rebuilt.error().message};
    }
  }

  std::optional<std::string> wrong_order() const {
    const auto kept = acquirer_.kept();
    const auto charges = acquirer_.charges_per_order();
    std::optional<std::string> wrong;
    books_.for_each_order([&](const shop::order_in_books& o) {
      const auto theirs = kept.contains(o.id) ? kept.at(o.id) : 0;
      const auto times = charges.contains(o.id) ? charges.at(o.id) : 0;
      const auto confirmed = confirmed_.find("orders-" + o.id);
      const int confirmations = confirmed == confirmed_.end() ? 0 : confirmed->second;
      const auto held = o.reserved - o.given_back;
      const bool stands = o.stage == shop::order_stage::confirmed;
      const bool is_right = stands ? times == 1 && confirmations == 1 && theirs == o.total && held == o.sold
                                   : times <= 1 && confirmations <= 1 && theirs == 0 && held == 0;
      if (!is_right)
        wrong = o.id + (stands ? ", confirmed: " : ", cancelled: ") + std::to_string(times) + " charges, " +
                std::to_string(confirmations) + " confirmations, " + std::to_string(theirs) + " of " +
                std::to_string(o.total) + " pence kept, " + std::to_string(held) + " of " + std::to_string(o.sold) +
                " pieces out of stock";
    });
    return wrong;
  }

  acquirer_fault fault_of(const std::string& what, const std::string& key, int attempt) const {
    seeded_random random{salt_, what + "/" + key + "/" + std::to_string(attempt)};
    switch (below(random, 12)) {
      case 0: return acquirer_fault::unavailable;
      case 1: case 2: return acquirer_fault::lost_request;
      case 3: case 4: return acquirer_fault::lost_answer;
      case 5: return below(random, 6) == 0 && what == "charge" ? acquirer_fault::wrong_currency : acquirer_fault::none;
      default: return acquirer_fault::none;
    }
  }

  simulation& world_;
  std::map<std::string, int>& met_;
  std::uint64_t salt_;
  persistent_clients clients_;
  shop_test::acquirer_book acquirer_;
  const saga_code checkout_ = saga_code_of<check_out>("orders.checkout");
  const saga_code return_ = saga_code_of<shop::orders::take_back>("orders.take_back");
  shop::books books_;
  std::map<std::string, saga_record> records_;
  std::map<std::string, int> confirmed_;
  std::size_t read_ = 0;
  std::shared_ptr<void> watch_;
};

inline void run_checkouts(simulation& world, const workload& orders, const std::vector<std::string>& nodes,
                          std::map<std::string, int>& met) {
  configure_logging({.level = log_level::off});
  checkout_run run{world, met};
  run.fill_shelves();
  for (auto i : orders) run.order(i);
  run.cut_power(nodes);
  world.run_for(8s);
  world.heal();
  run.mend_acquirer();
  world.run_for(30s);
  // An event whose process died again and again while it was handled is tried at instants that are drawn, from a time
  // that grows to trial_limits::longest_wait.
  for (int i = 0; i < 120 && run.is_open(); ++i) world.run_for(10s);
  world.require(world.run_until_idle(120s, 500ms), "the shop comes to rest");
  checked_laws{world, run.laws()}.check();
}

}  // namespace checkout_test
