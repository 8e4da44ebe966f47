// The examples of the headers with which actors are written, in one program that compiles: tests/examples/check compares them.
#include <banyan/actor/system.hpp>
#include <banyan/core/money.hpp>

#include <functional>
#include <memory>
#include <string>

namespace examples {

using namespace banyan;
using namespace std::chrono_literals;

// --- actor/actor.hpp

struct bump {
  int by = 0;
};

class counter : public actor {
  behavior make_behavior() override { return behavior{}.on<bump>([this](const bump& b) { return n_ += b.by; }); }
  int n_ = 0;
};

address start_counting(actor_system& system) {
  address a = system.spawn([] { return std::make_unique<counter>(); }, {.name = "counter"});
  return a;
}

struct stock_level {};
struct get_stock {
  using reply = stock_level;
  std::string sku;
};
struct get_price {
  using reply = money;
  std::string sku;
};
struct get_card {
  using reply = std::string;
  std::string customer;
};

struct asker : actor {
  behavior make_behavior() override { return {}; }
  task<result<done>> ask_both(std::string sku) {
    auto stock = self().ask<get_stock>(inventory_, 1s, sku);
    auto price = self().ask<get_price>(catalog_, 1s, sku);
    result<stock_level> s = co_await stock;
    result<money> p = co_await price;
    if (!s) co_return s.error();
    if (!p) co_return p.error();
    co_return done{};
  }

  // --- actor/task.hpp

  task<result<std::string>> card_of(std::string customer) {
    co_return co_await self().ask<get_card>(vault_, 1s, customer);
  }

  address inventory_, catalog_, vault_;
};

// --- actor/behavior.hpp

struct deposit {
  std::int64_t amount = 0;
};
struct get_balance {};
struct withdraw {
  std::int64_t amount = 0;
};
struct transfer {
  address to;
  std::int64_t amount = 0;
};

class account : public actor {
  behavior make_behavior() override {
    return behavior{}
        .on<deposit>([this](const deposit& d) { balance_ += d.amount; })
        .on<get_balance>([this](const get_balance&) { return balance_; })
        .on<withdraw>([this](const withdraw& w) -> result<std::int64_t> { return take(w.amount); })
        .on<transfer>([this](const transfer& t) { return move_to(t.to, t.amount); });
  }
  result<std::int64_t> take(std::int64_t amount) { return balance_ -= amount; }
  task<result<done>> move_to(address to, std::int64_t amount) {
    balance_ -= amount;
    self().send(to, deposit{amount});
    co_return done{};
  }
  std::int64_t balance_ = 0;
};

// --- core/cancellation.hpp

struct job {
  cancellation_ptr cancelled;
};

void start_and_cancel(const std::function<void(job)>& start) {
  auto flag = std::make_shared<cancellation>();
  start(job{.cancelled = flag});
  flag->cancel();
}
void perform(const job& job) {
  if (is_cancelled(job.cancelled)) return;
}

// --- core/time.hpp

struct wait_options {
  timespan limit = timespan::max();
};
monotonic end_of_wait(const banyan::clock& clock, const wait_options& options) {
  monotonic until = add_saturating(clock.steady(), options.limit);
  return until;
}

}  // namespace examples
