// The newest events read from a journal's partition, up to a limit, shared by all followers. Pure: answers reads
// within its range as the journal would.
//
//   feed_ring ring;
//   ring.restart(checkpoint);                          // empty, continues after the checkpoint
//   ring.append(page);                                 // read_all({.after = ring.ends()})
//   if (auto found = ring.find(request)) ...           // none: the request begins outside its range
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
    std::size_t bytes = 32u << 20;  // of payloads; one event is kept whatever its size
  };
  struct shared_page {
    std::vector<std::shared_ptr<const recorded_event>> events;
    position looked_to = 0;
  };

  feed_ring() : feed_ring{limits{}} {}
  explicit feed_ring(limits l) : limits_{l} {}

  // The ring knows every event after `begins` up to `ends`.
  position begins() const { return begins_; }
  position ends() const { return ends_; }
  std::size_t held() const { return events_.size(); }

  // Drops all events and continues after `at`.
  void restart(position at);
  // Adds an unfiltered page read after ends(); the oldest events are dropped.
  void append(read_page page);

  // The matching events and the position searched to; none when the request begins outside the ring. Forwards only.
  // An empty page when it begins exactly at the end.
  std::optional<shared_page> find(const read_all_request& request) const;

 private:
  limits limits_;
  position begins_ = 0, ends_ = 0;
  std::size_t bytes_ = 0;
  std::deque<std::shared_ptr<const recorded_event>> events_;  // by position, which may have gaps
};

}  // namespace banyan
