// Random sagas: a program of steps, timers, events, races, pivots and functions, and a saga that runs it. The program
// is the saga's input.
#pragma once

#include "driven.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace saga_tests {

enum class action {
  step,
  unawaited,
  together,
  event,
  race,
  both,
  peek,
  sleep,
  call,
  remember,
  status,
  pivot,
  refuse,
  again
};
BOOST_DESCRIBE_ENUM(action, step, unawaited, together, event, race, both, peek, sleep, call, remember, status, pivot,
                    refuse, again)

struct instruction {
  action what = action::step;
  std::string name = {};
  int count = 1;
  bool undone = true;     // its steps have an undo action
  bool tolerant = false;  // goes on when a step is refused
  std::vector<instruction> body = {};
};
BOOST_DESCRIBE_STRUCT(instruction, (), (what, name, count, undone, tolerant, body))

struct program {
  std::vector<instruction> body;
};
BOOST_DESCRIBE_STRUCT(program, (), (body))

// Published whenever an event is taken, so that the record says which were.
struct taken {
  static constexpr stored_as stored{"tests.taken", 1};
  std::string event;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(taken, (), (event, text))

class program_generator {
 public:
  explicit program_generator(std::uint64_t seed) : random_{seed} {}

  program make() { return {body(1 + below(9), 2)}; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::vector<instruction> body(std::uint64_t size, int depth) {
    std::vector<instruction> all;
    for (std::uint64_t i = 0; i < size; ++i) all.push_back(one(depth));
    return all;
  }
  instruction one(int depth) {
    static constexpr action common[] = {
        action::step, action::step, action::step, action::unawaited, action::together, action::event, action::race,
        action::race, action::both, action::peek, action::sleep,     action::remember, action::status};
    static constexpr action rare[] = {action::call, action::call, action::pivot, action::refuse, action::again};
    instruction i;
    i.what = below(4) == 0 ? rare[below(std::size(rare))] : common[below(std::size(common))];
    i.name = std::string(1, static_cast<char>('a' + below(3)));
    i.count = static_cast<int>(below(4));
    i.undone = below(4) != 0;
    i.tolerant = below(3) == 0;
    if (i.what == action::call) {
      if (depth > 0)
        i.body = body(below(4), depth - 1);
      else
        i.what = action::step;
    }
    return i;
  }
  std::mt19937_64 random_;
};

inline saga_step<booked, bookings_api> ask_for(ctx_t& ctx, const instruction& i, const std::string& name) {
  auto asked = ctx.ask<bookings_api, book>(name);
  if (i.undone) (void)asked.undone_by<bookings_api, unbook>(name);
  return asked;
}

inline void take(ctx_t& ctx, const std::string& name, const text_message& event) {
  ctx.publish<taken>(name, event.text);
}

inline durable<result<std::string>> run_steps(ctx_t& ctx, const instruction& i) {
  std::vector<pending<booked>> asked;
  for (int n = 0; n < i.count; ++n) asked.push_back(ask_for(ctx, i, i.name + std::to_string(n)));
  auto all = co_await ctx.all(asked);
  for (auto& one : all)
    if (!one && !i.tolerant) co_return one.error();
  co_return i.name;
}

inline durable<result<std::string>> run_events(ctx_t& ctx, const instruction& i) {
  auto first = ctx.event<text_message>(i.name);
  if (i.what == action::peek) {
    if (!first.is_ready()) co_return i.name;
  } else if (i.what == action::race) {
    auto other = ctx.event<text_message>("c");
    auto deadline = ctx.timer(std::chrono::seconds{10 * i.count});
    const auto which = co_await ctx.first(first, other, deadline);
    if (which == 2)
      co_return deadline.get() ? result<std::string>{i.name} : result<std::string>{deadline.get().error()};
    if (i.tolerant) deadline.drop();
    auto got = which == 0 ? first.get() : other.get();
    if (!got) co_return got.error();
    take(ctx, which == 0 ? i.name : "c", *got);
    co_return i.name;
  } else if (i.what == action::both) {
    auto second = ctx.event<text_message>("b");
    auto [a, b] = co_await ctx.all(first, second);
    if (a) take(ctx, i.name, *a);
    if (b) take(ctx, "b", *b);
    if (!a || !b) co_return refused("cancelled");
    co_return i.name;
  }
  auto got = co_await first;
  if (!got) co_return got.error();
  take(ctx, i.name, *got);
  co_return i.name;
}

// `rest` gets the program of a new run, when an instruction asks for one.
inline durable<result<std::string>> run_all(ctx_t& ctx, const std::vector<instruction>& body,
                                            std::vector<instruction>& rest) {
  for (std::size_t at = 0; at < body.size(); ++at) {
    const auto& i = body[at];
    result<std::string> done = i.name;
    switch (i.what) {
      case action::step: {
        auto one = co_await ask_for(ctx, i, i.name);
        if (!one && !i.tolerant) done = one.error();
        break;
      }
      case action::unawaited: (void)ask_for(ctx, i, i.name); break;
      case action::together: {
        auto all = co_await run_steps(ctx, i);
        done = all;
        break;
      }
      case action::event:
      case action::race:
      case action::both:
      case action::peek: {
        auto all = co_await run_events(ctx, i);
        done = all;
        break;
      }
      case action::sleep: {
        auto woken = co_await ctx.timer(std::chrono::seconds{i.count});
        if (!woken) done = woken.error();
        break;
      }
      case action::call: {
        auto all = co_await run_all(ctx, i.body, rest);
        done = all;
        break;
      }
      case action::remember: (void)ctx.remember(i.name, [&] { return i.count; }); break;
      case action::status: ctx.status(i.name); break;
      case action::pivot:
        if (auto stands = ctx.pivot(); !stands) done = stands.error();
        break;
      case action::refuse: done = refused("by_the_program"); break;
      case action::again: rest.assign(body.begin() + static_cast<std::ptrdiff_t>(at) + 1, body.end()); break;
    }
    if (!done || !rest.empty()) co_return done;
  }
  co_return std::string{};
}

inline durable<result<booked>> run_program(ctx_t ctx, const program& p) {
  program next;
  auto done = co_await run_all(ctx, p.body, next.body);
  if (!done) co_return done.error();
  if (!next.body.empty()) co_return ctx.again(next);
  co_return booked{std::to_string(ctx.run())};
}

}  // namespace saga_tests
