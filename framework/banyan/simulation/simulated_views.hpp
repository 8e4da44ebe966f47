// The views of a simulated node: in-memory SQLite whose writes take disk time, so that the power can fail during a
// write. Then the queued writes are executed in part, in order, and pending completions report outcome unknown.
// Reads are answered at once.
#pragma once

#include <banyan/cqrs/view_store.hpp>
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
  std::size_t pending() const { return queue_.size(); }  // queued writes
  void crash(random_source& random);
  void lose_queued();  // drops requests made while the power is off

 private:
  class store;
  struct write {
    std::shared_ptr<view_store> to;  // keeps the store of an ended owner alive
    std::function<void(view_writer&)> body;
    position checkpoint;
    completion<position> done;
  };
  void enqueue(write w);
  void step();

  memory_view_disk disk_;
  disk later_;
  std::deque<write> queue_;
};

}  // namespace banyan
