#include <services/acquirer/writer.hpp>

#include "an_acquirer.hpp"

#include <future>

using namespace acquirer;
using namespace acquirer::test;

namespace {

const instant then{std::chrono::seconds{1'800'000'000}};

// A promise kept by a completion.
std::pair<std::future<result<void>>, banyan::completion<void>> awaited() {
  auto promise = std::make_shared<std::promise<result<void>>>();
  auto future = promise->get_future();
  return {std::move(future), banyan::completion<void>{[promise](result<void> r) { promise->set_value(std::move(r)); }}};
}

writer::work adds(const std::string& key) {
  return [key](book& b) -> result<void> {
    if (auto made = b.add_charge(key, {"o", {100, "GBP"}, "tok_ok"}, then, nullptr); !made) return made.error();
    return {};
  };
}

// Says that it has begun, and ends when it may go.
writer::work waits(std::promise<void>& begun, std::promise<void>& go) {
  return [&begun, gate = go.get_future().share()](book&) -> result<void> {
    begun.set_value();
    gate.wait();
    return {};
  };
}

}  // namespace

TEST_CASE("work that fails takes its batch along, and the next batch is done", "[acquirer][book]") {
  temporary_folder folder;
  writer w{book::open(folder.path()).value()};
  std::promise<void> go, begun;
  auto [first, first_done] = awaited();
  w.submit(waits(begun, go), std::move(first_done));
  begun.get_future().wait();
  auto [good, good_done] = awaited();
  auto [bad, bad_done] = awaited();
  w.submit(adds("k1"), std::move(good_done));
  w.submit(
      [](book&) -> result<void> {
        return banyan::error{banyan::code::exhausted, "the disk is full"};
      },
      std::move(bad_done));
  go.set_value();
  CHECK(first.get().has_value());
  const auto rolled_back = good.get();
  REQUIRE_FALSE(rolled_back);
  CHECK(rolled_back.error().code == banyan::code::exhausted);
  CHECK(rolled_back.error().outcome == banyan::outcome::not_applied);
  CHECK_FALSE(bad.get());
  auto [again, again_done] = awaited();
  w.submit(adds("k1"), std::move(again_done));
  CHECK(again.get().has_value());
}

TEST_CASE("what is queued at the end is done, what comes after is refused", "[acquirer][book]") {
  temporary_folder folder;
  std::vector<std::future<result<void>>> all;
  {
    writer w{book::open(folder.path()).value()};
    for (int n = 0; n < 100; ++n) {
      auto [future, done] = awaited();
      w.submit(adds("k" + std::to_string(n)), std::move(done));
      all.push_back(std::move(future));
    }
    w.close();
    auto [late, done] = awaited();
    w.submit(adds("late"), std::move(done));
    CHECK(late.get().error().code == banyan::code::unavailable);
  }
  for (auto& f : all) CHECK(f.get().has_value());
  CHECK(book::open(folder.path())->totals()->charges == 100);
}

TEST_CASE("the queue is bounded", "[acquirer][book]") {
  temporary_folder folder;
  writer w{book::open(folder.path()).value(), {.max_queue = 2, .max_batch = 1}};
  std::promise<void> go, begun;
  w.submit(waits(begun, go), {});
  begun.get_future().wait();
  w.submit(adds("k1"), {});
  w.submit(adds("k2"), {});
  auto [third, done] = awaited();
  w.submit(adds("k3"), std::move(done));
  const auto refused = third.get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "overloaded");
  CHECK(refused.error().retry_after.has_value());
  go.set_value();
}
