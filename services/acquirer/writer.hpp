// The thread that owns the book: takes work from a bounded queue, does what is queued in one transaction, commits, and
// only then tells those who wait. So an answer is durable, and one sync serves many requests.
//
//   writer w{std::move(*opened)};
//   w.submit([=](book& b) { return b.find_charge(key)...; }, [](result<void> committed) { ... });
//
// Work that fails (an error of the store: a full disk) rolls its whole batch back: all of it ends with that error,
// outcome not_applied. A commit that fails has outcome unknown: the log may have reached the disk. The next batch is
// tried anew, so service goes on when there is space again.
#pragma once

#include <services/acquirer/book.hpp>

#include <banyan/core/completion.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace acquirer {

struct writer_options {
  std::size_t max_queue = 16'384;  // beyond: unavailable, reason "overloaded"
  std::size_t max_batch = 1'024;   // pieces of work in one transaction
};

class writer {
 public:
  using work = std::function<banyan::result<void>(book&)>;

  explicit writer(book b, writer_options options = {});
  ~writer();  // does what is queued

  // Thread-safe. `committed` is called on the writer's thread, or here when the queue is full or closed.
  void submit(work what, banyan::completion<void> committed);
  void close();  // does what is queued, takes no more

 private:
  struct job {
    work what;
    banyan::completion<void> committed;
  };
  void run();
  banyan::result<void> commit_all(std::deque<job>& batch);

  book book_;
  writer_options options_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<job> queue_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace acquirer
