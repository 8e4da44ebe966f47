// A subscription whose handler does as the event says: refuses, throws whatever it likes, at once or later, or never ends.
#pragma once

#include <tests/framework/observability/captured_log.hpp>
#include <tests/framework/pub_sub/subscription_world.hpp>

#include <banyan/engines/sqlite/delivery_tables.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>

namespace banyan::test {

struct counted_while {
  counted_while(int& n, int& most) : n_{n} { most = std::max(most, ++n_); }
  ~counted_while() { --n_; }
  counted_while(const counted_while&) = delete;
  counted_while& operator=(const counted_while&) = delete;

 private:
  int& n_;
};

// "refuse", "corrupt", "throw", "throw 7" (no std::exception), "throw later", "nap", "wait", "hang"; all else is acknowledged.
struct scripted_world : subscription_world {
  explicit scripted_world(memory_view_disk& d, std::unique_ptr<delivery_store> s)
      : subscription_world{*s}, disk{d}, owned{std::move(s)} {
    spec.handle_within = std::chrono::hours{2};
  }
  explicit scripted_world(memory_view_disk& d) : scripted_world{d, open_memory_delivery_store(d, numbers).value()} {}

  task<result<done>> handle(actor_host& host, const recorded_event& e) override {
    began.push_back(e.stream + ":" + e.payload);
    const counted_while here{now, most};
    deadlines.push_back(host.deadline() - host.steady());
    if (e.payload == mended) co_return done{};
    if (e.payload == "nap") co_await host.sleep(std::chrono::seconds{20});
    if (e.payload == "wait") co_await host.sleep(std::chrono::hours{1});
    if (e.payload == "hang") co_await host.sleep(std::chrono::hours{1000});
    if (e.payload.starts_with("undecodable"))
      co_return error{code::corrupt, "event numbers.added does not decode: no number"}.because(std::string{undecodable});
    if (e.payload == "corrupt") co_return error{code::corrupt, "a stream has a hole"};
    if (e.payload == "throw later") co_await host.sleep(std::chrono::milliseconds{1});
    if (e.payload.starts_with("throw 7")) throw 7;
    if (e.payload.starts_with("throw")) throw std::runtime_error{"no luck"};
    if (e.payload == "refuse") co_return error{code::unavailable, "not today"};
    co_return done{};
  }
  void start() { who = s.system.spawn(factory(), {.name = "subscription"}); }
  std::size_t times(const std::string& what) const { return static_cast<std::size_t>(std::count(began.begin(), began.end(), what)); }
  // What is stored, looked at without taking the store over.
  std::vector<delivery_counts::row> counts() {
    std::vector<delivery_counts::row> rows;
    open_memory_view_store(disk, {.name = delivery_store_name(numbers)})
        .value()
        ->read([&](view_reader& v) { rows = sqlite::delivery_tables::counts(v, 0); },
               [](result<position> r) { (void)r.value(); });
    return rows;
  }

  result<delivered_again> replay(position at) {
    std::optional<result<delivered_again>> answer;
    s.system.ask(who, replay_dead_letter{at}, std::chrono::minutes{10}, [&](result<delivered_again> r) { answer = std::move(r); });
    for (int i = 0; i < 100 && !answer; ++i) s.advance(std::chrono::seconds{1});
    return answer.value();
  }

  int now = 0, most = 0;  // handlers that run
  std::vector<nanoseconds> deadlines;  // that each of them had
  std::string mended;     // handled, whatever it did before
  memory_view_disk& disk;
  std::unique_ptr<delivery_store> owned;
  address who;
  captured_log log{log_level::error};
  stepped s;
};

}  // namespace banyan::test
