// How far a view has come, for readiness, metrics and its queries. Written by the projection, read by anybody, from any thread.
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

  std::atomic<position> applied{-1};    // -1: the view is not open yet, or is opened anew
  std::atomic<position> head{0};        // of the journal, as last seen or told
  std::atomic<position> anew_to{0};     // the view is built anew, and is of no use before it has applied this
  std::atomic<std::int64_t> parked{0};  // streams held back by an event that can not be applied
  std::atomic<std::int64_t> held{0};    // events of these streams
  std::atomic<bool> stalled{false};     // no more events may be held: the view stands still until streams are replayed

  // Events that it is behind; never negative.
  position lag() const { return std::max<position>(0, head.load() - std::max<position>(0, applied.load())); }

  // The journal told of it, or it was read: also while the view itself can not go on.
  void head_is_at_least(position p) {
    for (auto known = head.load(); known < p && !head.compare_exchange_weak(known, p);) {
    }
  }

  // Some of the parked streams, each by its first held event, at most `listed` of them.
  std::vector<blocked_event> parked_streams() const {
    std::scoped_lock guard{lock_};
    return first_;
  }
  // Why the view stands still and waits, for its journal or for its store; empty while it waits for neither.
  std::string trouble() const {
    std::scoped_lock guard{lock_};
    return trouble_;
  }
  void tell_trouble(std::string sentence) {
    std::scoped_lock guard{lock_};
    trouble_ = std::move(sentence);
  }
  // Goes before `applied`: a query that finds its position applied must find its stream parked.
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
