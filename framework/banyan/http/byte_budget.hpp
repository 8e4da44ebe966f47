// A limit on the bytes held by all connections of a server together; internal to http/. Each holder has a share,
// returned when it is destroyed.
//
//   byte_budget budget;
//   budget_share share{budget};
//   if (!share.grow_to(body.size(), limit)) return refuse();   // all shares together would be above the limit
//
// Thread-safe; a share has one holder at a time. The budget must outlive its shares.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace banyan {

class byte_budget {
 public:
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  bool take(std::size_t n, std::size_t limit) {
    auto used = used_.load(std::memory_order_relaxed);
    do {
      if (used > limit || n > limit - used) return false;
    } while (!used_.compare_exchange_weak(used, used + n, std::memory_order_relaxed));
    return true;
  }
  void take(std::size_t n) { used_.fetch_add(n, std::memory_order_relaxed); }
  void give_back(std::size_t n) { used_.fetch_sub(n, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> used_{0};
};

class budget_share {
 public:
  explicit budget_share(byte_budget& of) : of_{&of} {}
  budget_share(budget_share&& other) noexcept : of_{other.of_}, bytes_{std::exchange(other.bytes_, 0)} {}
  budget_share& operator=(budget_share&&) = delete;
  ~budget_share() { clear(); }

  std::size_t bytes() const { return bytes_; }
  // False, and unchanged, when there is no room. Never shrinks.
  bool grow_to(std::size_t bytes, std::size_t limit) {
    if (bytes <= bytes_) return true;
    if (!of_->take(bytes - bytes_, limit)) return false;
    bytes_ = bytes;
    return true;
  }
  // For small amounts, also when there is no room.
  void grow_to(std::size_t bytes) {
    if (bytes <= bytes_) return;
    of_->take(bytes - bytes_);
    bytes_ = bytes;
  }
  void clear() {
    if (bytes_ != 0) of_->give_back(std::exchange(bytes_, 0));  // a moved-from share may outlive the budget
  }

 private:
  byte_budget* of_;
  std::size_t bytes_ = 0;
};

}  // namespace banyan
