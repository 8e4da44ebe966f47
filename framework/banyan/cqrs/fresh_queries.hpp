// Queries waiting for the view to reach the position that they presented. Bounded in number and, through
// each query's deadline, in time; time is passed in, so nothing here waits by itself.
//
// Use it behind a view (projection_progress does). Do not use it to wait for an event to happen: a position is known to be written.
//
//   fresh_queries waiting;
//   waiting.wait(7, {.at = 1234, .deadline = now + 2s});
//   for (auto& r : waiting.release(1300, held)) answer(r.query, r.answer);       // after each commit of the view
//   for (auto& r : waiting.expire(now)) answer(r.query, r.answer);               // a timer at next_deadline()
#pragma once

#include <banyan/core/time.hpp>
#include <banyan/journal/event.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace banyan {

// What a query that asked for its own writes is told.
enum class freshness : std::uint8_t {
  fresh,      // the view has applied the position
  timeout,    // it has not, within the time given
  parked,     // it has passed the position, but holds that stream back because of an event it could not apply
};
BOOST_DESCRIBE_ENUM(freshness, fresh, timeout, parked)

class fresh_queries {
 public:
  using ticket = std::uint64_t;                          // given by the caller, unique among the waiting

  struct wanted {
    position at = 0;
    monotonic deadline{};
    std::string stream = {};                             // whose write it was, when the query knows it
  };
  struct released {
    ticket query = 0;
    freshness answer = freshness::fresh;
    friend bool operator==(const released&, const released&) = default;
  };

  explicit fresh_queries(std::size_t bound = 10'000) : bound_{bound} {}

  // exhausted (retry_after 100 ms) when the room is full; invalid_argument when that ticket waits already.
  result<void> wait(ticket query, wanted what);

  // The view has applied everything up to `applied`, but what `held` says: these queries are `fresh` or `parked`, in order of their
  // positions. A query whose deadline passed without `expire` being called is still given the better answer.
  std::vector<released> release(position applied, const std::function<bool(const wanted&)>& held);

  // These are `timeout`: their deadline is at or before `now`. In order of their deadlines.
  std::vector<released> expire(monotonic now);
  std::optional<monotonic> next_deadline() const;

  bool cancel(ticket query);                             // the asker is gone; false when it does not wait
  std::size_t size() const { return waiting_.size(); }

 private:
  void remove(ticket query, const wanted& what);

  std::size_t bound_;
  std::unordered_map<ticket, wanted> waiting_;
  std::set<std::pair<position, ticket>> by_position_;
  std::set<std::pair<monotonic, ticket>> by_deadline_;
};

}  // namespace banyan
