// The jobs of a fixed number of workers, with work stealing: each worker has a queue, runs its own newest job first, and takes the oldest
// one of another when it has none. A worker that finds nothing parks: it sleeps on a condition variable until a job comes, instead of
// polling. As in the schedulers of Go and Tokio, a job wakes at most one parked worker, and none while another one is searching.
//
//   job_queues<job> queues{4};
//   queues.push(j);                          // any thread
//   while (auto* j = queues.take(0)) ...     // worker 0; waits for a job
//   queues.push_next(0, k);                  // worker 0, while it runs j: k is what it takes next
//
// A job that is pushed as the next one and is alone in its queue wakes nobody, since its worker is about to take it: handing it to another
// one would cost more than most jobs take. Should that worker be busy for long, the job is stolen within `look_around`.
#pragma once

#include <boost/circular_buffer.hpp>

#include <algorithm>
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
  // Takes of a worker, of which one is of its oldest job: two jobs that push each other can not keep the others waiting.
  static constexpr unsigned takes_per_oldest = 61;

  explicit job_queues(std::size_t workers, std::chrono::nanoseconds look_around = std::chrono::milliseconds{10})
      : look_around_{look_around} {
    for (std::size_t i = 0; i < std::max<std::size_t>(workers, 1); ++i) workers_.push_back(std::make_unique<worker>());
  }

  void push(Job* job) {
    const auto to = next_.fetch_add(1, std::memory_order_relaxed) % workers_.size();
    add(*workers_[to], job, end::oldest);
    wake_one();
  }
  void push_next(std::size_t by, Job* job) {
    if (add(*workers_[by], job, end::newest) > 1) wake_one();
  }
  void push_last(std::size_t by, Job* job) {
    if (add(*workers_[by], job, end::oldest) > 1) wake_one();
  }

  // By this worker's thread alone.
  Job* take(std::size_t by) {
    auto& self = *workers_[by];
    const bool fair = ++self.takes % takes_per_oldest == 0;
    if (auto* job = pop(self, fair ? end::oldest : end::newest)) return job;
    searching_.fetch_add(1);
    for (;;) {
      if (auto* job = search(by)) {
        stop_searching();
        return job;
      }
      park(self);
    }
  }

  // What is left in this worker's queue, one by one; null: nothing.
  Job* drain(std::size_t of) { return pop(*workers_[of], end::newest); }

 private:
  enum class end { newest, oldest };
  struct alignas(64) worker {
    std::mutex lock;
    boost::circular_buffer<Job*> jobs{16};  // newest first
    std::atomic<std::size_t> size{0};       // of it, for those who only look
    unsigned takes = 0;                     // by itself
    // Its sleep. Apart from the list of those who are parked, so that who is woken meets none of the others.
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
    to.size.store(to.jobs.size());  // before wake_one() counts those who search
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
    from.size.store(from.jobs.size());
    return job;
  }

  Job* search(std::size_t by) {
    for (std::size_t i = 0; i < workers_.size(); ++i)
      if (auto* job = pop(*workers_[(by + i) % workers_.size()], i == 0 ? end::newest : end::oldest)) return job;
    return nullptr;
  }

  bool has_jobs() const {
    return std::any_of(workers_.begin(), workers_.end(), [](const auto& w) { return w->size.load() > 0; });
  }

  // A push that found somebody searching woke nobody: what that one leaves behind is for another.
  void stop_searching() {
    if (searching_.fetch_sub(1) == 1 && has_jobs()) wake_one();
  }

  // The order of these two looks and of those in park() is what loses no job: all are sequentially consistent. A job is in its queue before
  // the searchers are counted here, and a worker has ceased to be counted before it looks into the queues once more.
  void wake_one() {
    if (searching_.load() > 0 || parked_count_.load() == 0) return;
    worker* who = nullptr;
    {
      const std::lock_guard guard{parking_};
      if (parked_.empty()) return;
      who = parked_.back();  // the one that parked last, whose memory is still in the caches
      unpark(*who);
    }
    tell(*who, &worker::is_woken);
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
    for (std::unique_lock guard{self.sleep_lock}; !self.is_woken;) {
      // The one that has been parked longest looks around for jobs whose workers do not come to them.
      if (!is_first && !self.looks_around) {
        self.woken.wait(guard);
      } else if (self.woken.wait_for(guard, look_around_) == std::cv_status::timeout && !self.is_woken && has_jobs()) {
        guard.unlock();
        if (leave(self)) return;
        guard.lock();
      }
    }
  }

  // False: somebody is about to wake it.
  bool leave(worker& self) {
    worker* next = nullptr;
    {
      const std::lock_guard guard{parking_};
      if (std::find(parked_.begin(), parked_.end(), &self) == parked_.end()) return false;
      const bool was_first = parked_.front() == &self;
      unpark(self);
      if (was_first && !parked_.empty()) next = parked_.front();
    }
    if (next) tell(*next, &worker::looks_around);
    return true;
  }

  void unpark(worker& who) {
    parked_.erase(std::find(parked_.begin(), parked_.end(), &who));
    parked_count_.store(parked_.size());
    searching_.fetch_add(1);  // on its behalf, so that no second one is woken before it has had its turn
  }

  void tell(worker& who, bool worker::*what) {
    {
      const std::lock_guard guard{who.sleep_lock};
      who.*what = true;
    }
    who.woken.notify_one();
  }

  const std::chrono::nanoseconds look_around_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> searching_{0};
  std::atomic<std::size_t> parked_count_{0};
  std::mutex parking_;
  std::vector<worker*> parked_;  // in the order in which they parked
};

}  // namespace banyan
