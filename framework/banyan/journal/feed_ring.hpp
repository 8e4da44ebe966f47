// The newest events that were read of a journal's partition, shared by all who follow it, up to a bound. Pure: it knows
// which positions it has looked at, and answers reads between them as the journal would.
//
//   feed_ring ring;
//   ring.restart(checkpoint);                          // nothing yet: it follows what is after the checkpoint
//   ring.append(page);                                 // read_all({.after = ring.ends()})
//   if (auto found = ring.find(request)) ...           // none: the request begins before what it holds, or after
//
// Not thread-safe; see journal_feed.hpp for the ring that a node reads through.
#pragma once

#include <banyan/journal/journal.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace banyan {

class feed_ring {
 public:
  struct limits {
    std::size_t events = 10'000;    // at least 1
    std::size_t bytes = 32u << 20;  // of payloads; one event is held whatever its size
  };
  struct shared_page {
    std::vector<std::shared_ptr<const recorded_event>> events;
    position looked_to = 0;
  };

  feed_ring() : feed_ring{limits{}} {}
  explicit feed_ring(limits l) : limits_{l} {}

  // It knows every event after `begins` up to `ends`.
  position begins() const { return begins_; }
  position ends() const { return ends_; }
  std::size_t held() const { return events_.size(); }

  // Forgets everything, and goes on after `at`.
  void restart(position at);
  // What was read after ends(), without a filter. The oldest events make room.
  void append(read_page page);

  // The events that the request asks for, and how far that is; none when the request begins before what is held, or
  // after it. Forwards only. Nothing is found, and nothing looked at, when it begins exactly at the end.
  std::optional<shared_page> find(const read_all_request& request) const;

 private:
  limits limits_;
  position begins_ = 0, ends_ = 0;
  std::size_t bytes_ = 0;
  std::deque<std::shared_ptr<const recorded_event>> events_;  // by position; some may be missing in between
};

}  // namespace banyan
