// Decides which kinds of reads are executed on the caller's thread: those whose last reads were all quick. Handing a
// read to a reader thread and its answer back costs more than a look-up by key; slow reads belong on a reader thread,
// where they block no other work. A kind starts on reader threads, and returns there after its first slow read.
//
//   bool on_this_thread = quick.is_quick(&kind);
//   quick.took(&kind, 12us);                        // any thread
#pragma once

#include <banyan/core/time.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace banyan::sqlite {

class quick_reads {
 public:
  static constexpr std::chrono::microseconds slow{100};
  static constexpr int proof = 32;  // quick reads in a row that qualify a kind

  bool is_quick(const void* kind) const { return kind && in_a_row(kind).load(std::memory_order_relaxed) >= proof; }
  void took(const void* kind, nanoseconds time) {
    if (!kind) return;
    auto& n = in_a_row(kind);
    const auto now = n.load(std::memory_order_relaxed);
    if (time >= slow)
      n.store(0, std::memory_order_relaxed);
    else if (now < proof)
      n.store(now + 1, std::memory_order_relaxed);  // a lost increment does no harm
  }

 private:
  // Two kinds with the same hash share a counter: the slower one decides.
  static std::size_t place_of(const void* kind) {
    return (reinterpret_cast<std::uintptr_t>(kind) * 0x9e3779b97f4a7c15u) >> 58;  // multiplicative hashing (Knuth)
  }
  std::atomic<int>& in_a_row(const void* kind) { return in_a_row_[place_of(kind)]; }
  const std::atomic<int>& in_a_row(const void* kind) const { return in_a_row_[place_of(kind)]; }
  std::array<std::atomic<int>, 64> in_a_row_{};
};

}  // namespace banyan::sqlite
