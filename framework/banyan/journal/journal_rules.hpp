// The rules shared by all journal engines: validity of requests, expected versions, and messages of refusals, so
// that every engine reports a conflict in the same words. Pure.
//
//   if (auto size = check(request); !size) return done(size.error());
//   if (!holds(write.condition, version, last)) return done(wrong_version(write.stream, write.condition, version, last));
#pragma once

#include <banyan/journal/journal.hpp>

#include <cstddef>

namespace banyan {

// Limits of one request. Store larger data elsewhere and put its address into the event.
struct journal_limits {
  static constexpr std::size_t streams = 1'000;             // writes of one append
  static constexpr std::size_t events = 10'000;             // of one append in total
  static constexpr std::size_t payload = 1 << 20;           // bytes of an event's payload, and of a command's reply
  static constexpr std::size_t append_bytes = 16 << 20;     // bytes of one append in total
  static constexpr std::size_t name = 1'024;                // bytes of stream, type, actor, trace, snapshot key
  static constexpr std::size_t state = 16 << 20;            // bytes of a snapshot's state
  static constexpr std::size_t scope = 255;                 // bytes of a fence's scope, and of a fact's key and value
  static constexpr std::size_t facts = 1'000;               // of a journal
  static constexpr std::size_t filter = 1'000;              // categories, and types, of one read
  static constexpr std::size_t looked_at = 10'000;          // events examined by a filtered read
  static constexpr std::size_t forgetting = 1'000;          // streams examined and commands forgotten in one step
  static constexpr std::size_t read = 10'000;               // events, streams or commands per read
  static constexpr std::size_t read_bytes = 8 << 20;        // payloads or replies per read; the first one always fits
};

// The remaining entries and bytes of a read.
class read_budget {
 public:
  explicit read_budget(std::size_t entries) : entries_{entries} {}
  bool is_spent() const { return entries_ == 0 || bytes_ >= journal_limits::read_bytes; }
  void take(std::size_t bytes) {
    --entries_;
    bytes_ += bytes;
  }

 private:
  std::size_t entries_;
  std::size_t bytes_ = 0;
};

// The size of the request in bytes (for the limit of a queue). Errors: invalid_argument with the field.
result<std::size_t> check(const append_request& request, partition partitions = 1);
result<std::size_t> check(const snapshot& s);
result<void> check(const load_request& request);
result<void> check(const read_all_request& request, partition partitions = 1);
result<void> check(const fence& f, std::string_view field = "under");
result<void> check(const forget_request& request);
result<void> check_fact(std::string_view key, std::string_view value);
result<void> check_scope(std::string_view scope, std::string field = "scope");
result<void> check_partition(partition part, partition partitions = 1);    // invalid_argument: no such partition
result<void> check_limit(std::size_t limit, std::string field = "limit");  // of a read

// Whether the condition holds for a stream at version `actual` with last event `last`; 0 and nil when it has none.
bool holds(const expected& condition, version actual, const uuid& last);

// Whether an event matches the read's filter.
bool matches(const read_all_request& filter, std::string_view stream, std::string_view type);
bool is_filtered(const read_all_request& request);
// The initial read_page::looked_to of a page.
position first_looked_to(const read_all_request& request, position head);

// The number of a stream's oldest commands that are beyond the horizon, at most `most`. `remembered` commands,
// oldest first; `stored_at(i)`, the time of the i-th, does not decrease and is called at most once more than the
// result.
template <class StoredAt>
std::size_t beyond(const command_horizon& horizon, instant now, std::size_t remembered, std::size_t most,
                   StoredAt stored_at) {
  std::size_t n = 0;
  while (n < most && n < remembered && (remembered - n > horizon.per_stream || now - stored_at(n) > horizon.age)) ++n;
  return n;
}

error wrong_version(std::string_view stream, const expected& condition, version actual, const uuid& last);
error event_id_reused(const uuid& id, std::string_view stream);
error partly_appended(const uuid& missing);                // reason "event_id_reused"
error command_id_reused(const uuid& id, std::string_view stream);
error fenced(const fence& older, std::int64_t holds, outcome of_the_request = outcome::not_applied);
error declared_otherwise(std::string_view key, std::string_view stored, std::string_view declared);
error too_many_facts();
error queue_is_full();
error append_is_too_large();

// Whether the error is about the journal's state and not about the request: a full disk or queue, lost or damaged
// files. Decided by code and reason, which survive forwarding.
bool is_about_journal(const error& why);

}  // namespace banyan
