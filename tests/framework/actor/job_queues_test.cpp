#include <banyan/actor/job_queues.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <barrier>
#include <thread>

using namespace banyan;

namespace {

struct job {
  int number = 0;
  std::atomic<int> runs{0};
};
using queues_of_jobs = job_queues<job>;

job end_of_worker;  // who takes it leaves
constexpr std::chrono::hours never{1};  // a job whose wake-up was lost ends the test's time

// A thread per worker. `run` is called with the worker's number and the job that it took.
template <class Run>
class worker_threads {
 public:
  worker_threads(std::size_t workers, Run run, std::chrono::nanoseconds look_around = never,
                 std::size_t inline_queues = 0)
      : queues{workers, look_around, inline_queues}, run_{std::move(run)} {
    for (std::size_t w = 0; w < workers; ++w)
      threads_.emplace_back([this, w] {
        while (auto* j = queues.take(w)) {
          if (j == &end_of_worker) return;
          run_(queues, w, *j);
        }
      });
  }
  ~worker_threads() { end(); }
  void end() {
    for (std::size_t w = 0; w < threads_.size(); ++w) queues.push(&end_of_worker);
    for (auto& t : threads_) t.join();
    threads_.clear();
  }
  queues_of_jobs queues;

 private:
  Run run_;
  std::vector<std::thread> threads_;
};

std::vector<job> numbered(std::size_t n) {
  std::vector<job> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i].number = static_cast<int>(i);
  return all;
}

}  // namespace

TEST_CASE("a worker takes the job that it pushed last itself, then all others, oldest first",
          "[job_queues]") {
  queues_of_jobs queues{1};
  auto jobs = numbered(6);
  queues.push(&jobs[0]);
  queues.push(&jobs[1]);
  queues.push_next(0, &jobs[2]);
  queues.push_next(0, &jobs[3]);
  queues.push_last(0, &jobs[4]);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) order.push_back(queues.take(0)->number);
  CHECK(order == std::vector<int>{3, 0, 1, 2, 4});
}

TEST_CASE("what a worker pushes while it runs a job is what it takes next", "[job_queues]") {
  job first, second;
  job_queues<job> queues{4};
  queues.push(&first);
  job* taken = queues.take(0);
  queues.push_next(0, &second);
  CHECK(taken == &first);
  CHECK(queues.take(0) == &second);
}

TEST_CASE("a worker without jobs takes the older half of those of another one, oldest first", "[job_queues]") {
  queues_of_jobs queues{2};
  auto jobs = numbered(5);
  for (auto& j : jobs) queues.push_next(0, &j);
  CHECK(queues.take(1)->number == 0);
  CHECK(queues.take(0)->number == 4);
  CHECK(queues.take(1)->number == 1);
  CHECK(queues.take(1)->number == 2);
  CHECK(queues.take(1)->number == 3);
}

TEST_CASE("two jobs that push each other do not keep a third one waiting, however many come after it",
          "[job_queues]") {
  queues_of_jobs queues{1};
  auto jobs = numbered(3), others = numbered(100);
  queues.push_last(0, &jobs[2]);
  queues.push_next(0, &jobs[0]);
  unsigned takes = 0;
  for (job* j = nullptr; (j = queues.take(0)) != &jobs[2]; ++takes) {
    REQUIRE(takes < 2 * queues_of_jobs::takes_per_oldest);
    if (takes % 7 == 0) queues.push(&others[takes / 7]);
    if (j == &jobs[0] || j == &jobs[1]) queues.push_next(0, j == &jobs[0] ? &jobs[1] : &jobs[0]);
  }
}

TEST_CASE("what is left at the end can be drained", "[job_queues]") {
  queues_of_jobs queues{2};
  auto jobs = numbered(7);
  for (auto& j : jobs) queues.push(&j);
  std::size_t drained = 0;
  for (std::size_t w = 0; w < 2; ++w)
    while (queues.drain(w)) ++drained;
  CHECK(drained == jobs.size());
}

// No wake-up is lost: each round ends only when a worker that may be about to park has taken the job.
TEST_CASE("a job from outside is taken at once, however the workers park", "[job_queues]") {
  const auto workers = GENERATE(1, 2, 4);
  std::atomic<int> taken{0};
  worker_threads all{static_cast<std::size_t>(workers), [&](auto&, std::size_t, job&) {
             ++taken;
             taken.notify_one();
           }};
  job j;
  for (int round = 1; round <= 20'000; ++round) {
    all.queues.push(&j);
    for (auto seen = taken.load(); seen < round; seen = taken.load()) taken.wait(seen);
  }
  CHECK(taken == 20'000);
}

TEST_CASE("each job is run once, whoever pushes it and whoever takes it", "[job_queues]") {
  constexpr std::size_t from_outside = 20'000, children = 3;
  auto jobs = numbered(from_outside * (1 + children));
  std::atomic<std::size_t> runs{0};
  worker_threads all{4, [&](queues_of_jobs& queues, std::size_t w, job& j) {
             ++j.runs;
             const auto n = static_cast<std::size_t>(j.number);
             if (n < from_outside)
               for (std::size_t c = 0; c < children; ++c) {
                 auto& child = jobs[from_outside + n * children + c];
                 c == 1 ? queues.push_last(w, &child) : queues.push_next(w, &child);
               }
             if (++runs == jobs.size()) runs.notify_all();
           }};
  std::array<std::thread, 3> pushers;
  for (std::size_t p = 0; p < pushers.size(); ++p)
    pushers[p] = std::thread{[&, p] {
      for (std::size_t n = p; n < from_outside; n += pushers.size()) {
        all.queues.push(&jobs[n]);
        if (n % 64 == p) std::this_thread::yield();
      }
    }};
  for (auto& p : pushers) p.join();
  for (auto seen = runs.load(); seen < jobs.size(); seen = runs.load()) runs.wait(seen);
  all.end();
  CHECK(std::all_of(jobs.begin(), jobs.end(), [](const job& j) { return j.runs == 1; }));
}

TEST_CASE("a job behind one that takes long is run by another worker", "[job_queues]") {
  std::atomic<int> seconds{0};
  std::atomic<int> firsts{0};
  auto jobs = numbered(2);
  worker_threads all{2,
           [&](queues_of_jobs& queues, std::size_t w, job& j) {
             if (&j == &jobs[1]) {
               ++seconds;
               seconds.notify_all();
               return;
             }
             const auto before = seconds.load();
             queues.push_next(w, &jobs[1]);  // wakes nobody: the queue is short
             seconds.wait(before);
             ++firsts;
             firsts.notify_all();
           },
           std::chrono::milliseconds{1}};
  // In most rounds the other worker is parked by then.
  for (int round = 1; round <= 50; ++round) {
    all.queues.push(&jobs[0]);
    for (auto seen = firsts.load(); seen < round; seen = firsts.load()) firsts.wait(seen);
  }
  CHECK(seconds == 50);
}

TEST_CASE("a job that was left to a worker that searched is run by another one when that one has found its own",
          "[job_queues]") {
  std::barrier both{2};
  std::atomic<int> runs{0};
  worker_threads all{2, [&](auto&, std::size_t, job&) {
             both.arrive_and_wait();  // each needs the other one to run
             ++runs;
             runs.notify_one();
           }};
  auto jobs = numbered(2);
  for (int round = 1; round <= 5'000; ++round) {
    for (auto& j : jobs) all.queues.push(&j);
    for (auto seen = runs.load(); seen < 2 * round; seen = runs.load()) runs.wait(seen);
  }
  CHECK(runs == 10'000);
}

TEST_CASE("jobs of an inline queue are left to its thread, and nothing from outside gets there",
          "[job_queues]") {
  queues_of_jobs queues{1, never, 2};
  REQUIRE(queues.inline_queues() == 2);
  auto jobs = numbered(10);
  for (std::size_t n = 0; n < 3; ++n) queues.push_next(queues.inline_queue(1), &jobs[n]);
  for (std::size_t n = 3; n < 10; ++n) queues.push(&jobs[n]);
  CHECK(queues.try_take(queues.inline_queue(0)) == nullptr);
  for (int n = 3; n < 10; ++n) CHECK(queues.take(0)->number == n);
  for (int n : {2, 0, 1}) CHECK(queues.try_take(queues.inline_queue(1))->number == n);
  CHECK(queues.try_take(queues.inline_queue(1)) == nullptr);
}

TEST_CASE("jobs of an inline queue whose thread is kept busy are run by a worker", "[job_queues]") {
  std::atomic<int> runs{0};
  worker_threads all{2,
                     [&](queues_of_jobs&, std::size_t, job&) {
                       ++runs;
                       runs.notify_one();
                     },
                     std::chrono::milliseconds{1}, 1};
  auto jobs = numbered(40);
  for (auto& j : jobs) all.queues.push_next(all.queues.inline_queue(0), &j);
  for (auto seen = runs.load(); seen < 40; seen = runs.load()) runs.wait(seen);
  CHECK(all.queues.try_take(all.queues.inline_queue(0)) == nullptr);
}

TEST_CASE("a worker that always has jobs takes those of an inline queue whose thread is kept busy, too",
          "[job_queues]") {
  queues_of_jobs queues{1, never, 1};
  auto jobs = numbered(2);
  queues.push(&jobs[0]);
  queues.push_next(queues.inline_queue(0), &jobs[1]);
  unsigned takes = 0;
  while (queues.take(0) != &jobs[1]) {
    REQUIRE(++takes < 3 * queues_of_jobs::takes_per_oldest);
    queues.push_next(0, &jobs[0]);
  }
}
