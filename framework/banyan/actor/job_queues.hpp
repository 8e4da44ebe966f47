// The run queues of a fixed number of workers, with work stealing: each worker has a queue, runs its own newest job
// first, and steals the older half of another worker's jobs when it has none. A worker that finds no job parks on a
// condition variable instead of polling. As in the schedulers of Go and Tokio, a job wakes at most one parked worker,
// and none while a worker is searching; and the newest job of a worker has a slot of its own, without a lock.
//
//   job_queues<job> queues{4};
//   queues.push(&first);                // any thread
//   job* taken = queues.take(0);        // worker 0; waits for a job
//   queues.push_next(0, &second);       // worker 0, while it runs `taken`: what it takes next
//
// A thread that is no worker may have a queue too (`inline_queues`), for jobs that it runs itself. It waits for none
// and steals none, and all its jobs are left to it like a newest job.
//
// A worker's own pushes wake another one only when its queue is long (`long_queue`): a burst of jobs is mostly done
// before another worker is awake, and a job that changes workers moves its data from one cache to the other. Jobs that
// wait behind a long one are stolen by the worker that has been parked longest: it looks around every `look_around`,
// less often when all has been quiet for long. A newest job is left to its worker unless that has taken no job between
// two looks.
#pragma once

#include <boost/circular_buffer.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace banyan {

template <class Job>
class job_queues {
 public:
  // Fairness: one of so many takes is the queue's oldest job, so that two jobs that push each other can not starve the
  // rest.
  static constexpr unsigned takes_per_oldest = 61;
  static constexpr std::size_t long_queue = 128;  // jobs

  explicit job_queues(std::size_t workers, std::chrono::nanoseconds look_around = std::chrono::milliseconds{1},
                      std::size_t inline_queues = 0)
      : look_around_{look_around}, waiting_workers_{std::max<std::size_t>(workers, 1)} {
    for (std::size_t i = 0; i < waiting_workers_; ++i) workers_.push_back(std::make_unique<worker>(usual_capacity));
    for (std::size_t i = 0; i < inline_queues; ++i) workers_.push_back(std::make_unique<worker>(usual_inline_capacity));
  }

  std::size_t inline_queues() const { return workers_.size() - waiting_workers_; }
  std::size_t inline_queue(std::size_t i) const { return waiting_workers_ + i; }  // its number as a worker

  void push(Job* job) {
    const auto to = next_.fetch_add(1, std::memory_order_relaxed) % waiting_workers_;
    add(*workers_[to], job, end::oldest);
    wake_one();
  }
  void push_next(std::size_t by, Job* job) {
    auto& self = *workers_[by];
    if (auto* newest = self.newest.exchange(job, std::memory_order_acq_rel))
      if (add(self, newest, end::newest) > long_queue) wake_one();
  }
  void push_last(std::size_t by, Job* job) {
    if (add(*workers_[by], job, end::oldest) > long_queue) wake_one();
  }

  // On this worker's thread only.
  Job* take(std::size_t by) {
    auto& self = *workers_[by];
    const bool fair = count_take(self) % takes_per_oldest == 0;
    if (fair) take_from_stuck(self);
    if (auto* job = fair ? pop(self, end::oldest) : pop_newest(self)) return job;
    searching_.fetch_add(1);
    for (;;) {
      if (auto* job = search(by)) {
        stop_searching();
        return job;
      }
      park(self);
    }
  }

  // The newest job of this queue; null: none. For inline queues.
  Job* try_take(std::size_t by) {
    count_take(*workers_[by]);
    return pop_newest(*workers_[by]);
  }

  // Removes a job left in this worker's queue; null: none.
  Job* drain(std::size_t of) { return pop_newest(*workers_[of]); }

 private:
  static constexpr std::size_t usual_capacity = 512, usual_inline_capacity = 16;
  enum class end { newest, oldest };
  struct alignas(64) worker {
    explicit worker(std::size_t capacity) : usual{capacity} {}
    const std::size_t usual;  // capacity
    std::mutex lock;
    boost::circular_buffer<Job*> jobs{usual};  // newest first
    std::atomic<std::size_t> size{0};       // size of `jobs`, read without the lock
    std::atomic<Job*> newest{nullptr};      // newer than `jobs`
    std::atomic<unsigned> takes{0};         // counted by this worker only
    std::atomic<unsigned> takes_at_last_look{0};
    // Parking. Separate from the list of parked workers, so that a woken worker contends with no other.
    std::mutex sleep_lock;
    std::condition_variable woken;
    bool is_woken = false, looks_around = false;
  };

  std::size_t add(worker& to, Job* job, end where) {
    const std::lock_guard guard{to.lock};
    if (to.jobs.full()) to.jobs.set_capacity(to.jobs.capacity() * 2);
    if (where == end::newest)
      to.jobs.push_front(job);
    else
      to.jobs.push_back(job);
    to.size.store(to.jobs.size());  // before wake_one() reads searching_
    return to.jobs.size();
  }

  Job* pop(worker& from, end where) {
    if (from.size.load() == 0) return nullptr;
    const std::lock_guard guard{from.lock};
    if (from.jobs.empty()) return nullptr;
    auto* job = where == end::newest ? from.jobs.front() : from.jobs.back();
    if (where == end::newest)
      from.jobs.pop_front();
    else
      from.jobs.pop_back();
    shrunk(from);
    return job;
  }

  // Of a worker itself. The slot first.
  Job* pop_newest(worker& self) {
    if (self.newest.load(std::memory_order_relaxed))
      if (auto* job = self.newest.exchange(nullptr, std::memory_order_acq_rel)) return job;
    return pop(self, end::newest);
  }

  static unsigned count_take(worker& self) {
    const auto takes = self.takes.load(std::memory_order_relaxed) + 1;
    self.takes.store(takes, std::memory_order_relaxed);
    return takes;
  }

  // After jobs were taken, under the queue's lock. The memory of a burst is given back.
  static void shrunk(worker& w) {
    if (w.jobs.empty() && w.jobs.capacity() > w.usual) w.jobs.set_capacity(w.usual);
    w.size.store(w.jobs.size());
  }

  Job* search(std::size_t by) {
    auto& self = *workers_[by];
    if (auto* job = pop_newest(self)) return job;
    for (std::size_t i = 1; i < waiting_workers_; ++i)
      if (auto* job = steal(*workers_[(by + i) % waiting_workers_], self)) return job;
    return nullptr;
  }

  // Moves jobs of workers that are kept busy to this worker. False: there are none.
  bool take_from_stuck(worker& self) {
    bool any = false;
    for (auto& w : workers_) {
      if (w.get() == &self || (w->size.load() == 0 && !w->newest.load(std::memory_order_relaxed))) continue;
      const auto takes = w->takes.load(std::memory_order_relaxed);
      if (w->takes_at_last_look.exchange(takes, std::memory_order_relaxed) != takes) continue;
      for (auto* job : {w->newest.exchange(nullptr, std::memory_order_acq_rel), steal(*w, self)}) {
        if (!job) continue;
        add(self, job, end::newest);
        any = true;
      }
    }
    return any;
  }

  // Half of the victim's jobs, so that a burst of jobs costs few steals: the oldest is returned, the others are taken
  // after it, in their order.
  Job* steal(worker& from, worker& to) {
    if (from.size.load() == 0) return nullptr;
    std::array<Job*, 32> stolen;
    std::size_t n = 0;
    {
      const std::lock_guard guard{from.lock};
      const auto half = std::min((from.jobs.size() + 1) / 2, stolen.size());
      for (; n < half; ++n) {
        stolen[n] = from.jobs.back();
        from.jobs.pop_back();
      }
      shrunk(from);
    }
    if (n == 0) return nullptr;
    for (auto i = n; --i > 0;) add(to, stolen[i], end::newest);
    return stolen[0];
  }

  bool has_jobs() const {
    const auto end = workers_.begin() + static_cast<std::ptrdiff_t>(waiting_workers_);
    return std::any_of(workers_.begin(), end, [](const auto& w) { return w->size.load() > 0; });
  }

  // A push during a search woke no worker: jobs that the last searcher leaves need another one.
  void stop_searching() {
    if (searching_.fetch_sub(1) == 1 && has_jobs()) wake_one();
  }

  // No lost wake-up: all these accesses are sequentially consistent. A push stores its job before it reads the number
  // of searchers here; a worker in park() leaves that number before it checks the queues once more.
  void wake_one() {
    if (searching_.load() > 0 || parked_count_.load() == 0) return;
    worker* who = nullptr;
    {
      const std::lock_guard guard{parking_};
      if (parked_.empty()) return;
      who = parked_.back();  // parked last: its memory is most likely in the caches
      unpark(*who);
    }
    notify(*who, &worker::is_woken);
  }

  void park(worker& self) {
    {
      const std::lock_guard guard{self.sleep_lock};
      self.is_woken = self.looks_around = false;
    }
    bool is_first = false;
    {
      const std::lock_guard guard{parking_};
      is_first = parked_.empty();
      parked_.push_back(&self);
      parked_count_.store(parked_.size());
      searching_.fetch_sub(1);
    }
    if (has_jobs() && leave(self)) return;
    constexpr int often = 100;  // looks
    int looks = 0;
    for (std::unique_lock guard{self.sleep_lock}; !self.is_woken;) {
      if (!is_first && !self.looks_around) {
        self.woken.wait(guard);
        continue;
      }
      // The worker parked longest checks periodically for jobs whose own workers stay busy.
      const auto until_next = ++looks <= often ? look_around_ : 10 * look_around_;
      if (self.woken.wait_for(guard, until_next) == std::cv_status::timeout && !self.is_woken &&
          (take_from_stuck(self) || has_jobs())) {
        guard.unlock();
        if (leave(self)) return;
        guard.lock();
      }
    }
  }

  // False: another thread is about to wake it.
  bool leave(worker& self) {
    worker* next = nullptr;
    {
      const std::lock_guard guard{parking_};
      if (std::find(parked_.begin(), parked_.end(), &self) == parked_.end()) return false;
      const bool was_first = parked_.front() == &self;
      unpark(self);
      if (was_first && !parked_.empty()) next = parked_.front();
    }
    if (next) notify(*next, &worker::looks_around);
    return true;
  }

  void unpark(worker& who) {
    parked_.erase(std::find(parked_.begin(), parked_.end(), &who));
    parked_count_.store(parked_.size());
    searching_.fetch_add(1);  // counted before it runs, so that no second worker is woken meanwhile
  }

  void notify(worker& who, bool worker::*what) {
    {
      const std::lock_guard guard{who.sleep_lock};
      who.*what = true;
    }
    who.woken.notify_one();
  }

  const std::chrono::nanoseconds look_around_;
  const std::size_t waiting_workers_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> searching_{0};
  std::atomic<std::size_t> parked_count_{0};
  std::mutex parking_;
  std::vector<worker*> parked_;  // in parking order
};

}  // namespace banyan
