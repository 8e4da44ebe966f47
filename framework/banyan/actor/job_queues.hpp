// The run queues of a fixed number of workers (threads), with work stealing, as in the schedulers of Go and Tokio. Each
// worker has a queue, first in, first out, and before it a lock-free slot for the job that it has pushed last itself
// (push_next): it takes that one next, while its data is in the cache. A worker without jobs searches the queues of the
// others and steals the older half of one, at most 32 jobs. If it finds none, it parks: it waits on a condition
// variable instead of polling. A pushed job wakes at most one parked worker, and none while another worker is searching.
//
//   job_queues<job> queues{4};
//   queues.push(&first);                // any thread
//   job* taken = queues.take(0);        // worker 0; waits for a job
//   queues.push_next(0, &second);       // worker 0, while it runs `taken`: what it takes next
//
// A push by a worker to its own queue wakes another worker only when the queue is long (`long_queue`): a burst of jobs
// is mostly done before another worker is awake, and a job that changes workers moves its data from one cache to
// another. So that jobs do not wait behind a long-running one, the worker that has been parked longest checks all
// queues every `look_around` (ten times less often after 100 checks that found nothing), and takes what it finds. It
// takes the job in a worker's slot only if that worker is stuck: it has taken no job since the last check. Workers that
// are never idle check for stuck workers too, at every `takes_per_oldest`-th take.
//
// Inline queues (`inline_queues`) are for threads that are not workers and run jobs themselves, without waiting
// (try_take). Such a thread never steals, and workers take its jobs only while it is stuck.
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
  // Fairness: every n-th take passes the slot over, so that two jobs that keep pushing each other do not occupy the
  // worker for ever: each job in the queue gets its turn.
  static constexpr unsigned takes_per_oldest = 61;
  static constexpr std::size_t long_queue = 128;  // jobs; see above

  explicit job_queues(std::size_t workers, std::chrono::nanoseconds look_around = std::chrono::milliseconds{1},
                      std::size_t inline_queues = 0)
      : look_around_{look_around}, waiting_workers_{std::max<std::size_t>(workers, 1)} {
    for (std::size_t i = 0; i < waiting_workers_; ++i) workers_.push_back(std::make_unique<worker>(usual_capacity));
    for (std::size_t i = 0; i < inline_queues; ++i) workers_.push_back(std::make_unique<worker>(usual_inline_capacity));
  }

  std::size_t inline_queues() const { return workers_.size() - waiting_workers_; }
  std::size_t inline_queue(std::size_t i) const { return waiting_workers_ + i; }  // its number, for `by`

  // From any thread: into a worker's queue, the workers in turn.
  void push(Job* job) {
    const auto to = next_.fetch_add(1, std::memory_order_relaxed) % waiting_workers_;
    add(*workers_[to], job);
    wake_one();
  }
  // On the thread of worker `by`: its next job. The one that was to be the next goes into its queue.
  void push_next(std::size_t by, Job* job) {
    if (auto* displaced = workers_[by]->next.exchange(job, std::memory_order_acq_rel)) push_last(by, displaced);
  }
  // The same, but after all others in its queue.
  void push_last(std::size_t by, Job* job) {
    if (add(*workers_[by], job) > long_queue) wake_one();
  }

  // The next job; waits for one. On this worker's thread only.
  Job* take(std::size_t by) {
    auto& self = *workers_[by];
    const bool fair = count_take(self) % takes_per_oldest == 0;
    if (fair) take_from_stuck(self);
    if (auto* job = fair ? pop_oldest(self) : pop_next(self)) return job;
    searching_.fetch_add(1);
    for (;;) {
      if (auto* job = search(by)) {
        stop_searching();
        return job;
      }
      park(self);
    }
  }

  // The next job of an inline queue, without waiting; null: none. On the queue's thread only.
  Job* try_take(std::size_t by) {
    count_take(*workers_[by]);
    return pop_next(*workers_[by]);
  }

  // Removes a job that is left in this worker's queue after its thread has ended; null: none.
  Job* drain(std::size_t of) { return pop_next(*workers_[of]); }

 private:
  static constexpr std::size_t usual_capacity = 512, usual_inline_capacity = 16;
  struct alignas(64) worker {
    explicit worker(std::size_t capacity) : usual{capacity} {}
    const std::size_t usual;  // capacity
    std::mutex lock;
    boost::circular_buffer<Job*> jobs{usual};  // the oldest in front
    std::atomic<std::size_t> size{0};       // size of `jobs`, read without the lock
    std::atomic<Job*> next{nullptr};        // the slot
    std::atomic<unsigned> takes{0};         // number of takes; written by this worker only
    std::atomic<unsigned> takes_at_last_look{0};  // `takes` at the last check by another worker
    // Parking. With a lock of its own, so that a woken worker does not contend for the list of parked workers.
    std::mutex sleep_lock;
    std::condition_variable woken;
    bool is_woken = false, looks_around = false;
  };

  // Returns the length of the queue.
  std::size_t add(worker& to, Job* job) {
    const std::lock_guard guard{to.lock};
    if (to.jobs.full()) to.jobs.set_capacity(to.jobs.capacity() * 2);
    to.jobs.push_back(job);
    to.size.store(to.jobs.size());  // must precede the read of searching_ in wake_one()
    return to.jobs.size();
  }

  Job* pop_oldest(worker& from) {
    if (from.size.load() == 0) return nullptr;
    const std::lock_guard guard{from.lock};
    if (from.jobs.empty()) return nullptr;
    auto* job = from.jobs.front();
    from.jobs.pop_front();
    shrunk(from);
    return job;
  }

  // The job in the calling worker's slot, else the oldest of its queue.
  Job* pop_next(worker& self) {
    if (self.next.load(std::memory_order_relaxed))
      if (auto* job = self.next.exchange(nullptr, std::memory_order_acq_rel)) return job;
    return pop_oldest(self);
  }

  static unsigned count_take(worker& self) {
    const auto takes = self.takes.load(std::memory_order_relaxed) + 1;
    self.takes.store(takes, std::memory_order_relaxed);
    return takes;
  }

  // Call after removing jobs, while holding the queue's lock. Frees memory that a burst has left.
  static void shrunk(worker& w) {
    if (w.jobs.empty() && w.jobs.capacity() > w.usual) w.jobs.set_capacity(w.usual);
    w.size.store(w.jobs.size());
  }

  Job* search(std::size_t by) {
    auto& self = *workers_[by];
    if (auto* job = pop_next(self)) return job;
    for (std::size_t i = 1; i < waiting_workers_; ++i)
      if (auto* job = steal(*workers_[(by + i) % waiting_workers_], self)) return job;
    return nullptr;
  }

  // Moves jobs of stuck workers (no take since the last check) to this worker. False: there were none.
  bool take_from_stuck(worker& self) {
    bool any = false;
    for (auto& w : workers_) {
      if (w.get() == &self || (w->size.load() == 0 && !w->next.load(std::memory_order_relaxed))) continue;
      const auto takes = w->takes.load(std::memory_order_relaxed);
      if (w->takes_at_last_look.exchange(takes, std::memory_order_relaxed) != takes) continue;
      for (auto* job : {w->next.exchange(nullptr, std::memory_order_acq_rel), steal(*w, self)}) {
        if (!job) continue;
        add(self, job);
        any = true;
      }
    }
    return any;
  }

  // Steals the older half of a worker's jobs (not the slot), so that a burst takes few steals to spread. Returns the
  // oldest; the others go into the thief's queue, in their order.
  Job* steal(worker& from, worker& to) {
    if (from.size.load() == 0) return nullptr;
    std::array<Job*, 32> stolen;
    std::size_t n = 0;
    {
      const std::lock_guard guard{from.lock};
      const auto half = std::min((from.jobs.size() + 1) / 2, stolen.size());
      for (; n < half; ++n) {
        stolen[n] = from.jobs.front();
        from.jobs.pop_front();
      }
      shrunk(from);
    }
    if (n == 0) return nullptr;
    for (std::size_t i = 1; i < n; ++i) add(to, stolen[i]);
    return stolen[0];
  }

  bool has_jobs() const {
    const auto end = workers_.begin() + static_cast<std::ptrdiff_t>(waiting_workers_);
    return std::any_of(workers_.begin(), end, [](const auto& w) { return w->size.load() > 0; });
  }

  // A push during a search wakes no worker, so the last worker to stop searching wakes one if jobs are left.
  void stop_searching() {
    if (searching_.fetch_sub(1) == 1 && has_jobs()) wake_one();
  }

  // No wake-up is lost, because all these accesses are sequentially consistent: a push stores its job before it reads
  // searching_ here, and a worker in park() decrements searching_ before it checks the queues once more.
  void wake_one() {
    if (searching_.load() > 0 || parked_count_.load() == 0) return;
    worker* who = nullptr;
    {
      const std::lock_guard guard{parking_};
      if (parked_.empty()) return;
      who = parked_.back();  // parked last: its data is most likely still in a cache
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
    constexpr int often = 100;  // checks at the short interval
    int looks = 0;
    for (std::unique_lock guard{self.sleep_lock}; !self.is_woken;) {
      if (!is_first && !self.looks_around) {
        self.woken.wait(guard);
        continue;
      }
      // The worker parked longest checks periodically for jobs that wait behind a long-running one.
      const auto until_next = ++looks <= often ? look_around_ : 10 * look_around_;
      if (self.woken.wait_for(guard, until_next) == std::cv_status::timeout && !self.is_woken &&
          (take_from_stuck(self) || has_jobs())) {
        guard.unlock();
        if (leave(self)) return;
        guard.lock();
      }
    }
  }

  // Removes the worker from the list of parked ones. False: another thread has removed it and is about to wake it.
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
    searching_.fetch_add(1);  // already now, before it runs, so that no second worker is woken meanwhile
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
  std::vector<worker*> parked_;  // in the order of parking, longest first
};

}  // namespace banyan
