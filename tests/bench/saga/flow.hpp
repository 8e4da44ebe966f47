// What bench_saga compares: a saga that reserves some lines one after the other, and the same written by hand: an
// aggregate with an event for each step, and handlers that ask.
#pragma once

#include <banyan/event_sourcing/aggregate.hpp>
#include <banyan/plan/plan.hpp>
#include <banyan/saga/context.hpp>
#include <banyan/saga/saga_code.hpp>
#include <banyan/service/context.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace saga_bench {

using namespace banyan;
using moment = std::chrono::steady_clock::time_point;

// --- the service that is asked

struct item_reserved {
  std::string sku;
  std::int64_t left = 0;
};
BOOST_DESCRIBE_STRUCT(item_reserved, (), (sku, left))
struct reserve_item {
  using reply = item_reserved;
  std::string order;
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(reserve_item, (), (order, line, sku, quantity))
struct release_item {
  using reply = item_reserved;
  std::string order;
  int line = 0;
  std::string sku;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(release_item, (), (order, line, sku, quantity))
struct stock_api {
  static constexpr std::string_view name = "stock";
  using operations = banyan::operations<op<reserve_item, idempotent::by_key>, op<release_item, idempotent::by_key>>;
};

inline constexpr const char* sku = "85123A";
inline constexpr int pieces = 6;

// When requests for lines of an order came: a step lasts from one to the next.
class arrivals {
 public:
  struct one {
    int line;
    moment at;
  };
  // Of orders whose id begins so; empty: of none.
  void watch(std::string prefix) {
    std::lock_guard held{lock_};
    prefix_ = std::move(prefix);
    all_.clear();
    watches_ = !prefix_.empty();
  }
  void note(const std::string& order, int line) {
    if (!watches_.load(std::memory_order_relaxed)) return;
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard held{lock_};
    if (order.starts_with(prefix_)) all_.push_back({line, now});
  }
  std::vector<one> take() {
    std::lock_guard held{lock_};
    return std::exchange(all_, {});
  }

 private:
  std::mutex lock_;
  std::atomic<bool> watches_{false};
  std::string prefix_;
  std::vector<one> all_;
};
inline arrivals came;

inline item_reserved reserved_for(const reserve_item& r) {
  came.note(r.order, r.line);
  return {r.sku, 1234};
}

// --- sagas

struct flow_state {
  std::string id;
  int lines = 0;
};
BOOST_DESCRIBE_STRUCT(flow_state, (), (id, lines))
struct run_flow {
  using reply = flow_state;
  std::string id;
  int lines = 0;
};
BOOST_DESCRIBE_STRUCT(run_flow, (), (id, lines))
struct sleep_long {
  using reply = flow_state;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(sleep_long, (), (id))
struct sleep_until {
  using reply = flow_state;
  std::string id;
  std::int64_t due = 0;  // nanoseconds since 1970
};
BOOST_DESCRIBE_STRUCT(sleep_until, (), (id, due))
struct listen {
  using reply = flow_state;
  std::string id;
  int lines = 0;
};
BOOST_DESCRIBE_STRUCT(listen, (), (id, lines))

inline durable<result<flow_state>> flow(saga_context<stock_api> ctx, const run_flow& f) {
  for (int i = 1; i <= f.lines; ++i) {
    auto one = co_await ctx.ask<stock_api, reserve_item>(f.id, i, sku, pieces)
                   .undone_by<stock_api, release_item>(f.id, i, sku, pieces);
    if (!one) co_return one.error();
  }
  flow_state end{f.id, f.lines};
  co_return end;
}
// Steps, and then a wait for an event that does not come.
inline durable<result<flow_state>> flow_that_waits(saga_context<stock_api> ctx, const run_flow& f) {
  for (int i = 1; i <= f.lines; ++i) {
    auto one = co_await ctx.ask<stock_api, reserve_item>(f.id, i, sku, pieces)
                   .undone_by<stock_api, release_item>(f.id, i, sku, pieces);
    if (!one) co_return one.error();
  }
  auto more = co_await ctx.event<item_reserved>("more");
  if (!more) co_return more.error();
  flow_state end{f.id, f.lines};
  co_return end;
}
inline durable<result<flow_state>> listener(saga_context<stock_api> ctx, const listen& l) {
  for (int i = 1; i <= l.lines; ++i) {
    auto one = co_await ctx.event<item_reserved>("more");
    if (!one) co_return one.error();
  }
  flow_state end{l.id, l.lines};
  co_return end;
}
inline durable<result<flow_state>> sleeper(saga_context<stock_api> ctx, const sleep_long& s) {
  auto more = ctx.event<item_reserved>("more");
  auto deadline = ctx.timer(std::chrono::hours{720});
  co_await ctx.first(more, deadline);
  flow_state end{s.id, 0};
  co_return end;
}
inline durable<result<flow_state>> timed(saga_context<stock_api> ctx, const sleep_until& s) {
  const instant due{nanoseconds{s.due}};
  co_await ctx.timer_at(due);
  flow_state end{s.id, 0};
  co_return end;
}
inline std::string flow_id(const run_flow& f) { return f.id; }
inline std::string sleeper_id(const sleep_long& f) { return f.id; }
inline std::string timed_id(const sleep_until& f) { return f.id; }

// --- the same by hand. Its events have what those of the saga have: the answer, and what is asked next.

struct process_begun {
  static constexpr stored_as stored{"processes.begun", 1};
  std::string id;
  int lines = 0;
  reserve_item next;
};
BOOST_DESCRIBE_STRUCT(process_begun, (), (id, lines, next))
struct line_answered {
  static constexpr stored_as stored{"processes.line_answered", 1};
  std::string id;
  int line = 0;
  item_reserved answer;
  std::optional<reserve_item> next;
};
BOOST_DESCRIBE_STRUCT(line_answered, (), (id, line, answer, next))

struct begin_process {
  using reply = flow_state;
  std::string id;
  int lines = 0;
};
BOOST_DESCRIBE_STRUCT(begin_process, (), (id, lines))
struct note_answer {
  using reply = flow_state;
  std::string id;
  int line = 0;
  item_reserved answer;
};
BOOST_DESCRIBE_STRUCT(note_answer, (), (id, line, answer))

struct process {
  using command = std::variant<begin_process, note_answer>;
  using event = std::variant<process_begun, line_answered>;
  struct state {
    int lines = 0, answered = 0;
    std::int64_t left = 0;
  };
  static reserve_item line_of(const std::string& id, int line) { return {id, line, sku, pieces}; }
  static decision<process> decide(const state& s, const command& c, const decision_context&) {
    if (auto* b = std::get_if<begin_process>(&c)) {
      if (s.lines != 0) return refuse("begun", "it has begun");
      return accept<process>({process_begun{b->id, b->lines, line_of(b->id, 1)}}, flow_state{b->id, 0});
    }
    const auto& n = std::get<note_answer>(c);
    if (n.line != s.answered + 1) return refuse("answered", "another line is asked for");
    line_answered e{n.id, n.line, n.answer, std::nullopt};
    if (n.line < s.lines) e.next = line_of(n.id, n.line + 1);
    return accept<process>({std::move(e)}, flow_state{n.id, n.line});
  }
  static void evolve(state& s, const process_begun& e) { s.lines = e.lines; }
  static void evolve(state& s, const line_answered& e) {
    s.answered = e.line;
    s.left += e.answer.left;
  }
};
BOOST_DESCRIBE_STRUCT(process::state, (), (lines, answered, left))
inline std::string process_id(const process::command& c) {
  return std::visit([](auto& x) { return x.id; }, c);
}

}  // namespace saga_bench
