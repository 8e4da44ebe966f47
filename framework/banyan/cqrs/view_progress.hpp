// The progress of a view, for readiness, metrics and its queries. Written by the projection, read from any thread.
#pragma once

#include <banyan/cqrs/projection_progress.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace banyan {

class view_progress {
 public:
  static constexpr std::size_t listed = 20;

  std::atomic<position> applied{-1};    // -1: the view is not open
  std::atomic<position> head{0};        // the journal's head as last known
  std::atomic<position> anew_to{0};     // a rebuild: the view is not usable before it has applied this position
  std::atomic<std::int64_t> parked{0};  // streams held back by an event that can not be applied
  std::atomic<std::int64_t> held{0};    // events of these streams
  std::atomic<bool> stalled{false};     // the limit of held events is reached: no progress until streams are replayed

  // Events behind the head; never negative.
  position lag() const { return std::max<position>(0, head.load() - std::max<position>(0, applied.load())); }

  // Called on a commit or a read, also while the view itself is stopped.
  void head_is_at_least(position p) {
    for (auto known = head.load(); known < p && !head.compare_exchange_weak(known, p);) {
    }
  }

  // The parked streams, each by its first held event, at most `listed`.
  std::vector<blocked_event> parked_streams() const {
    std::scoped_lock guard{lock_};
    return first_;
  }
  // Why the view is waiting for its journal or store; empty when it is not.
  std::string trouble() const {
    std::scoped_lock guard{lock_};
    return trouble_;
  }
  void tell_trouble(std::string sentence) {
    std::scoped_lock guard{lock_};
    trouble_ = std::move(sentence);
  }
  // Call before setting `applied`: a query that finds its position applied must find its stream parked.
  void tell_parked(std::vector<blocked_event> streams, std::size_t events) {
    parked = static_cast<std::int64_t>(streams.size());
    held = static_cast<std::int64_t>(events);
    streams.resize(std::min(streams.size(), listed));
    std::scoped_lock guard{lock_};
    first_ = std::move(streams);
  }

 private:
  mutable std::mutex lock_;
  std::vector<blocked_event> first_;
  std::string trouble_;
};

}  // namespace banyan
