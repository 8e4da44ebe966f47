// The address of an actor (an ActorRef in Akka). Copying costs one reference count. It stays valid over restarts; a
// request to a stopped actor is answered with an error. Ordered and compared by identity.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace banyan {

class address {
 public:
  address() = default;
  address(const address& other) noexcept : block_{other.block_} {
    if (block_) retain(block_);
  }
  address(address&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
  address& operator=(address other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~address() {
    if (block_) release(block_);
  }

  explicit operator bool() const noexcept { return block_ != nullptr; }
  std::uint64_t id() const noexcept;  // unique in the process, never reused; 0: null
  friend bool operator==(const address& a, const address& b) noexcept { return a.block_ == b.block_; }
  friend bool operator<(const address& a, const address& b) noexcept { return a.id() < b.id(); }

 private:
  friend struct address_access;
  static void retain(void* block) noexcept;
  static void release(void* block) noexcept;
  void* block_ = nullptr;  // CAF's control block of the actor
};

}  // namespace banyan

template <>
struct std::hash<banyan::address> {
  std::size_t operator()(const banyan::address& a) const noexcept { return static_cast<std::size_t>(a.id()); }
};
