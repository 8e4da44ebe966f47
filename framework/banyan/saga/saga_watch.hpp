// What a node knows of a kind of sagas from its index: counted by saga_clock, read by health, metrics and the
// operations port. Thread-safe.
#pragma once

#include <banyan/saga/saga_index.hpp>

#include <mutex>
#include <utility>

namespace banyan {

class saga_watch {
 public:
  void set(saga_load load) {
    const std::lock_guard guard{lock_};
    load_ = std::move(load);
  }
  saga_load get() const {
    const std::lock_guard guard{lock_};
    return load_;
  }

 private:
  mutable std::mutex lock_;
  saga_load load_;
};

}  // namespace banyan
