#include <banyan/observability/log_folding.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace banyan;
using namespace std::chrono_literals;

namespace {
monotonic at(std::chrono::nanoseconds t) { return monotonic{t}; }
using folded = log_folding::folded;
}  // namespace

TEST_CASE("of a kind one line per interval is due, and it says how many were held back") {
  log_folding f{{.every = 1s}};
  CHECK(f.admit("a", at(10s)) == 0);
  for (int i = 0; i < 9'000; ++i) CHECK_FALSE(f.admit("a", at(10s + i * 1us)));
  CHECK_FALSE(f.admit("a", at(11s - 1ns)));
  CHECK(f.admit("a", at(11s)) == 9'001);
  CHECK_FALSE(f.admit("a", at(11s)));
  CHECK(f.admit("a", at(13s)) == 1);
  CHECK(f.admit("a", at(20s)) == 0);
}

TEST_CASE("kinds do not hold each other back") {
  log_folding f;
  CHECK(f.admit("a", at(1s)) == 0);
  CHECK(f.admit("b", at(1s)) == 0);
  CHECK_FALSE(f.admit("a", at(1s)));
  CHECK(f.admit("a", at(2s)) == 1);
  CHECK(f.admit("b", at(2s)) == 0);
}

TEST_CASE("what was held back is told once when no further line of its kind comes") {
  log_folding f{{.every = 1s}};
  f.admit("a", at(1s));
  f.admit("b", at(1s));
  f.admit("a", at(1500ms));
  f.admit("b", at(1900ms));
  f.admit("b", at(1950ms));
  CHECK(f.overdue(at(1999ms)).empty());
  CHECK(f.overdue(at(2s)) == std::vector<folded>{{"a", 1}, {"b", 2}});
  CHECK(f.overdue(at(2s)).empty());
  CHECK_FALSE(f.admit("a", at(2500ms)));  // that was a line too
  CHECK(f.overdue(at(3s)) == std::vector<folded>{{"a", 1}});
  CHECK(f.overdue(at(30s)).empty());
}

TEST_CASE("more kinds than it may know share one") {
  log_folding f{{.every = 1s, .kinds = 2}};
  CHECK(f.admit("a", at(1s)) == 0);
  CHECK(f.admit("b", at(1s)) == 0);
  CHECK(f.admit("c", at(1s)) == 0);
  for (int i = 0; i < 100; ++i) CHECK_FALSE(f.admit("d" + std::to_string(i), at(1s)));
  CHECK(f.overdue(at(2s)) == std::vector<folded>{{"other", 100}});
}

TEST_CASE("no line is lost from the count when several threads log") {
  log_folding f{{.every = 1s}};
  f.admit("a", at(1s));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&f] {
      for (int i = 0; i < 1'000; ++i) f.admit("a", at(1s));
    });
  for (auto& t : threads) t.join();
  CHECK(f.overdue(at(2s)) == std::vector<folded>{{"a", 4'000}});
}
