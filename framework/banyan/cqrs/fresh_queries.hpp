// Queries waiting for the view to reach a position. Bounded in number, and in time by each query's deadline. Pure:
// time is passed in.
//
// Use it behind a view (projection_progress does), only for positions known to be written; it does not wait for
// events to happen.
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

// The result of a query's wait for a position.
enum class freshness : std::uint8_t {
  fresh,      // the view has applied the position
  timeout,    // it has not, by the deadline
  parked,     // it has passed the position, but that stream is blocked by an event it could not apply
};
BOOST_DESCRIBE_ENUM(freshness, fresh, timeout, parked)

class fresh_queries {
 public:
  using ticket = std::uint64_t;                          // chosen by the caller, unique among waiting queries

  struct wanted {
    position at = 0;
    monotonic deadline{};
    std::string stream = {};                             // the stream written, if known
  };
  struct released {
    ticket query = 0;
    freshness answer = freshness::fresh;
    friend bool operator==(const released&, const released&) = default;
  };

  explicit fresh_queries(std::size_t bound = 10'000) : bound_{bound} {}

  // Errors: exhausted (retry_after 100 ms) when full; invalid_argument when that ticket is waiting already.
  result<void> wait(ticket query, wanted what);

  // The view has applied everything up to `applied` except what `held` matches. Returns these queries as `fresh` or
  // `parked`, by position; also those whose deadline has passed without a call of expire().
  std::vector<released> release(position applied, const std::function<bool(const wanted&)>& held);

  // Returns the queries with a deadline at or before `now` as `timeout`, by deadline.
  std::vector<released> expire(monotonic now);
  std::optional<monotonic> next_deadline() const;

  bool cancel(ticket query);                             // the caller is gone; false: not waiting
  std::size_t size() const { return waiting_.size(); }

 private:
  void remove(ticket query, const wanted& what);

  std::size_t bound_;
  std::unordered_map<ticket, wanted> waiting_;
  std::set<std::pair<position, ticket>> by_position_;
  std::set<std::pair<monotonic, ticket>> by_deadline_;
};

}  // namespace banyan
