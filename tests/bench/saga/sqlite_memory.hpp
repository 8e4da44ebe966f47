// How much memory SQLite has: the page caches of the journal and of the views. Its own count is switched off by the
// engines, since it takes a lock with each allocation.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>

namespace saga_bench {

class sqlite_memory {
 public:
  // Before SQLite is used.
  static void count() {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own_);
    auto counted = own_;
    counted.xMalloc = [](int bytes) { return added(own_.xMalloc(bytes)); };
    counted.xFree = [](void* p) {
      in_use_ -= size_of(p);
      own_.xFree(p);
    };
    counted.xRealloc = [](void* p, int bytes) {
      const auto before = size_of(p);
      auto* grown = own_.xRealloc(p, bytes);
      if (grown) in_use_ += size_of(grown) - before;
      return grown;
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &counted);
  }
  // Bytes, as malloc counts them.
  static double in_use() { return static_cast<double>(in_use_.load()); }

 private:
  static constexpr std::int64_t overhead = 16;  // malloc's and SQLite's, of each block
  static std::int64_t size_of(void* p) { return p ? own_.xSize(p) + overhead : 0; }
  static void* added(void* p) {
    in_use_ += size_of(p);
    return p;
  }
  static inline sqlite3_mem_methods own_{};
  static inline std::atomic<std::int64_t> in_use_{0};
};

}  // namespace saga_bench
