// Many threads at once on the engines that have threads.
#include <tests/conformance/journal_calls.hpp>
#include <tests/conformance/journal_engines.hpp>

#include <atomic>
#include <map>
#include <set>
#include <thread>

using namespace journal_test;

TEST_CASE("With writers on several threads positions have no gap and a polling reader never misses an event") {
  on_every_engine([](journal& j) {
    constexpr int writers = 4, appends = 100, in_flight = 10;
    std::atomic<bool> failed{false};
    std::atomic<int> running{writers};

    std::vector<position> seen;
    std::thread reader{[&] {
      for (position last = 0; last < 2 * writers * appends;) {
        const auto events = read_all(j, {.after = last, .limit = 50});
        if (!events) return;
        for (const auto& e : *events) seen.push_back(last = e.position);
        if (events->empty() && running == 0 && info(j).value().head == last) return;
      }
    }};
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
      threads.emplace_back([&, w] {
        const auto stream = "writer-" + std::to_string(w);
        for (int i = 0; i < appends; i += in_flight) {
          std::vector<std::promise<bool>> done(in_flight);
          for (int k = 0; k < in_flight; ++k) {
            const auto n = static_cast<std::uint64_t>(2 * (w * appends + i + k) + 1);
            j.append(to(stream, expected::exact(2 * (i + k)), {event(n), event(n + 1)}),
                     [&p = done[static_cast<std::size_t>(k)]](result<append_result> r) { p.set_value(r.has_value()); });
          }
          for (auto& p : done) {
            if (!p.get_future().get()) failed = true;
          }
        }
        --running;
      });
    }
    for (auto& t : threads) t.join();
    reader.join();
    CHECK_FALSE(failed);
    REQUIRE(seen.size() == 2 * writers * appends);
    for (std::size_t i = 0; i < seen.size(); ++i) REQUIRE(seen[i] == static_cast<position>(i + 1));
    for (int w = 0; w < writers; ++w) CHECK(load(j, {.stream = "writer-" + std::to_string(w)}).value().version == 2 * appends);
  });
}

TEST_CASE("Of several threads that expect the same version exactly one wins each round") {
  on_every_engine([](journal& j) {
    constexpr int rivals = 4, rounds = 50;
    std::vector<std::thread> threads;
    std::atomic<int> wins{0};
    for (int t = 0; t < rivals; ++t) {
      threads.emplace_back([&, t] {
        for (int v = 0; v < rounds;) {
          const auto n = static_cast<std::uint64_t>(t * rounds + v + 1);
          const auto r = append(j, to("contended", expected::exact(v), {event(n)}));
          if (r) ++wins;
          v = r ? v + 1 : static_cast<int>(load(j, {.stream = "contended"}).value().version);
        }
      });
    }
    for (auto& t : threads) t.join();
    CHECK(wins == rounds);
    CHECK(load(j, {.stream = "contended"}).value().version == rounds);
  });
}

TEST_CASE("A watcher is never called twice at once and hears rising heads, while watchers come and go") {
  on_every_engine([](journal& j) {
    std::atomic<int> inside{0};
    std::atomic<bool> wrong{false};
    std::atomic<position> last{0};
    auto steady = j.on_commit([&](position head) {
      if (++inside != 1 || head <= last) wrong = true;
      --inside;
      last = head;
      last.notify_all();
    });
    std::thread coming_and_going{[&] {
      for (int i = 0; i < 200; ++i) {
        std::atomic<bool> gone{false};
        auto brief = j.on_commit([&](position) {
          if (gone) wrong = true;
        });
        brief.reset();
        gone = true;
      }
    }};
    std::vector<std::thread> writers;
    for (int w = 0; w < 3; ++w) {
      writers.emplace_back([&, w] {
        for (int i = 0; i < 50; ++i)
          append(j, to("w" + std::to_string(w), expected::any(), {event(static_cast<std::uint64_t>(w * 50 + i + 1))})).value();
      });
    }
    for (auto& t : writers) t.join();
    coming_and_going.join();
    for (auto heard = last.load(); heard != 150; heard = last.load()) last.wait(heard);  // the hint may come after the answer
    steady.reset();
    CHECK_FALSE(wrong);
  });
}
