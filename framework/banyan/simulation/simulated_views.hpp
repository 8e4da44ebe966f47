// The views and delivery stores of a simulated node: in-memory SQLite whose writes take disk time, so that the power
// can fail during a write. Then the queued writes are executed in part, in order, and pending completions report
// outcome unknown. Reads are answered at once.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/cqrs/view_store.hpp>
#include <banyan/engines/sqlite/delivery_store.hpp>
#include <banyan/engines/sqlite/view_store.hpp>

#include <deque>
#include <functional>
#include <memory>

namespace banyan {

class random_source;

class simulated_views {
 public:
  // Runs a step after the disk's delay.
  using disk = std::function<void(std::function<void()> step)>;
  simulated_views(const clock& c, disk later);
  ~simulated_views();

  result<std::unique_ptr<view_store>> open(const view_options& view);
  result<std::unique_ptr<delivery_store>> open(const delivery_options& of);
  std::size_t pending() const { return queue_.size(); }  // queued writes
  void crash(random_source& random);
  void lose_queued();  // drops requests made while the power is off

 private:
  class slow_view_store;
  class slow_delivery_store;
  // Dropped without being done, it says that its outcome is unknown.
  struct write {
    virtual ~write() = default;
    virtual void perform(bool is_answered) = 0;
  };
  template <class T, class Work>
  void enqueue(Work work, completion<T> done);
  void step();

  memory_view_disk disk_;
  disk later_;
  std::deque<std::unique_ptr<write>> queue_;
};

}  // namespace banyan
