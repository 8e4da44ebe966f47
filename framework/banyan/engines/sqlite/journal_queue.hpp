// A bounded multi-producer queue, drained all at once or one by one. After `close()` it accepts nothing; consumers get
// what is left, then nothing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace banyan::sqlite {

enum class push_result { accepted, full, closed };

template <class T>
class work_queue {
 public:
  // `most` limits the queue's length; the item is moved from only when accepted.
  push_result push(T& item, std::size_t most) {
    bool wake;
    {
      const auto lock = std::lock_guard{mutex_};
      if (closed_) return push_result::closed;
      if (items_.size() >= most) return push_result::full;
      items_.push_back(std::move(item));
      wake = waiting_ > 0;
    }
    if (wake) ready_.notify_one();
    return push_result::accepted;
  }

  // Waits for items, for at most `at_most` if given; empty: time-out, or closed and empty. Once there is an item,
  // waits until there are `hoped_for`, at most for `patience`.
  std::deque<T> take_all(std::size_t hoped_for = 1, std::chrono::microseconds patience = {},
                         std::optional<std::chrono::milliseconds> at_most = {}) {
    auto lock = std::unique_lock{mutex_};
    if (at_most) {
      ++waiting_;
      const bool there = ready_.wait_for(lock, *at_most, [&] { return closed_ || !items_.empty(); });
      --waiting_;
      if (!there) return {};
    } else {
      wait(lock);
    }
    for (const auto end = std::chrono::steady_clock::now() + patience;
         items_.size() < hoped_for && !closed_ && std::chrono::steady_clock::now() < end;) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
    return std::exchange(items_, {});
  }

  std::optional<T> take_one() {
    auto lock = std::unique_lock{mutex_};
    wait(lock);
    if (items_.empty()) return std::nullopt;
    auto item = std::optional<T>{std::move(items_.front())};
    items_.pop_front();
    return item;
  }

  bool is_closed() {
    const auto lock = std::lock_guard{mutex_};
    return closed_;
  }

  // Closed and empty.
  bool is_finished() {
    const auto lock = std::lock_guard{mutex_};
    return closed_ && items_.empty();
  }

  void close() {
    {
      const auto lock = std::lock_guard{mutex_};
      closed_ = true;
    }
    ready_.notify_all();
  }

 private:
  void wait(std::unique_lock<std::mutex>& lock) {
    ++waiting_;
    ready_.wait(lock, [&] { return closed_ || !items_.empty(); });
    --waiting_;
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<T> items_;
  int waiting_ = 0;
  bool closed_ = false;
};

}  // namespace banyan::sqlite
