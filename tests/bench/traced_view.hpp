// A projection on SQLite that follows a journal in memory, and what it applies per second: with events whose traces are
// recorded, or not. Spans are taken as an exporter does, without encoding them.
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/cqrs/projection_actor.hpp>
#include <banyan/engines/memory/memory_journal.hpp>
#include <banyan/engines/sqlite/view_store.hpp>

#include <tests/bench/contest.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace banyan::bench {

class traced_view {
 public:
  traced_view(bool records, std::string trace) : trace_{std::move(trace)} {
    folder_ = (std::filesystem::temp_directory_path() / "banyan-bench-XXXXXX").string();
    if (!::mkdtemp(folder_.data())) throw std::runtime_error{"no folder"};
    store_ = open_sqlite_view_store({.view = {.name = "numbers"}, .folder = folder_}).value();
    spec_.view = "numbers";
    spec_.of = {"numbers"};
    spec_.event_types = {"numbers.added"};
    spec_.create = [](view_writer& v) { v.run("create table numbers(stream text primary key, n integer not null)"); };
    spec_.apply = [](view_writer& v, const recorded_event& e) -> result<done> {
      v.run("insert into numbers(stream, n) values (?1, 1) on conflict do update set n = n + 1", e.stream);
      return done{};
    };
    if (records) system_->tracer().record({.capacity = 65'000});
    projection_ = system_->spawn(
        [this] {
          return std::make_unique<projection_actor>(spec_, journal_, *store_, std::make_shared<view_progress>());
        },
        {.name = "projection"});
    await(0);
  }
  ~traced_view() {
    system_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Events per second.
  double apply(int count) {
    std::atomic<bool> enough{false};
    std::thread taker{[&] {
      while (!enough)
        if (system_->tracer().take(512).empty()) std::this_thread::yield();
    }};
    const auto from = stopwatch::now();
    position last = 0;
    for (int appended = 0; appended < count;) {
      append_request r;
      for (int i = 0; i < in_append && appended < count; ++i, ++appended) {
        new_event e{system_random_uuid(), "numbers.added", 1, R"({"n":1,"of":"a number that is added"})", {}};
        e.metadata.trace = trace_;
        r.writes.push_back({"numbers-" + std::to_string(appended % 1'000), expected::any(), {std::move(e)}});
      }
      journal_.append(std::move(r), [&](result<append_result> done) { last = done.value().last; });
    }
    await(last);
    const auto per_second = rate(count, from);
    enough = true;
    taker.join();
    return per_second;
  }

 private:
  static constexpr int in_append = 100;
  static uuid system_random_uuid() { return uuid_v7(system_clock().now(), system_random()); }

  void await(position at) {
    auto reached = std::make_shared<std::promise<void>>();
    auto wait = reached->get_future();
    system_->ask(projection_, projection_actor::await_position{at}, std::chrono::minutes{2},
                 [reached](result<freshness>) { reached->set_value(); });
    wait.get();
  }

  std::string trace_, folder_;
  memory_journal journal_;
  std::unique_ptr<view_store> store_;
  projection_spec spec_;
  std::unique_ptr<actor_system> system_ = std::make_unique<actor_system>(actor_system_options{.threads = 2});
  address projection_;
};

}  // namespace banyan::bench
