// A liveness probe of the actor system: sends a message to an actor that does nothing else. The time limit is kept by
// a separate thread, because no deadline of an actor's call would pass while all workers are blocked or deadlocked.
//
//   heartbeat check{system, 2s};
//   check.ask([](result<done> alive) { ... });   // done, or deadline_exceeded; on any thread
#pragma once

#include <banyan/actor/system.hpp>
#include <banyan/core/completion.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace banyan {

class heartbeat {
 public:
  heartbeat(actor_system& system, timespan limit);
  ~heartbeat();  // open probes are answered with an error
  heartbeat(const heartbeat&) = delete;
  heartbeat& operator=(const heartbeat&) = delete;

  void ask(completion<done> answer);
  timespan limit() const { return limit_; }

 private:
  // An open probe, completed once: by the actor or at the time limit.
  class question {
   public:
    question(monotonic due, completion<done> answer) : due_{due}, answer_{std::move(answer)} {}
    monotonic due() const { return due_; }
    void settle(result<done> r);

   private:
    const monotonic due_;
    std::mutex lock_;
    completion<done> answer_;
  };
  void keep_time();

  actor_system& system_;
  const timespan limit_;
  address responder_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<question>> open_;  // by due time; including settled ones
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace banyan
