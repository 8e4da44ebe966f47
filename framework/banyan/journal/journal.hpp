// The journal port: the append-only event store, the source of truth. Engines: memory (simulation), SQLite (embedded
// default). All pass tests/conformance/journal_conformance.
//
// Guarantees of every engine (semantics after EventStoreDB and Akka Persistence):
//   - an append is atomic over all its writes and its command record, and durable before it is acknowledged;
//   - expected versions are checked in the same transaction;
//   - positions are strictly increasing in commit order and gap-free for readers: whoever has read up to p never
//     misses an event that commits later;
//   - appending the same event ids again changes nothing and returns the original positions, even when the expectation
//     no longer holds; a partial overlap, or the same id in another stream, is a conflict;
//   - a fence is checked in the same transaction: once `seal` has answered, nothing is stored under an older token
//     of that scope.
//
// A stream belongs to a category, the part of its name before the first dash (category.hpp), as in EventStoreDB.
// Reads are filtered by category and event type.
//
// Answers arrive through completions, on a thread of the engine or on the caller's own before the call returns, and
// IN ANY ORDER: a refusal (a full queue, a malformed request) overtakes all that is queued, and an engine may answer
// a later request before an earlier one. A caller with several requests in flight numbers them, and captures the
// number in the completion. Requests of one caller are usually executed in the order of acceptance, which makes
// pipelining fast, but correctness must not depend on it: express order by expected versions. Bounded: a full queue
// answers `exhausted`.
#pragma once

#include <banyan/core/completion.hpp>
#include <banyan/journal/event.hpp>
#include <banyan/journal/journal_history.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banyan {

enum class expected_kind : std::uint8_t { any, no_stream, stream_exists, exact, after };

// The condition on a stream for an append to be accepted.
//
// A version says how many events a stream has, not which. That suffices for a caller who has read the stream up to
// it. A pipelining caller, who appends before the append ahead is answered, needs `after`: it names the last event's
// id too, because another writer may have stored its events at these versions. Event ids are unique, so a stream
// that ends with that id is the expected one.
struct expected {
  expected_kind kind = expected_kind::any;
  banyan::version at = 0;        // for `exact` and `after`; 0 equals no_stream
  uuid last = {};                // for `after`: id of the event of version `at`; nil for version 0
  static expected any() { return {}; }
  static expected no_stream() { return {expected_kind::no_stream, 0}; }
  static expected stream_exists() { return {expected_kind::stream_exists, 0}; }
  static expected exact(banyan::version v) { return {expected_kind::exact, v}; }
  static expected after(banyan::version v, const uuid& event) { return {expected_kind::after, v, event}; }
};

struct stream_write {
  std::string stream;
  expected condition;
  std::vector<new_event> events;  // empty: only a condition on the stream
};

// The command answered by an append, stored in the same transaction, for deduplication of retries.
struct command_record {
  std::string stream;             // commands are remembered per stream
  uuid id;
  std::uint64_t fingerprint = 0;  // stable_hash of name and payload: another one under the same id is a conflict
  std::string reply;              // JSON: {"ok": reply} or {"error": refusal}
};

// A fencing token: the right to write for a scope ("shard orders/17", "task sweeper"), held by the largest token the
// journal has seen for it. A new holder gets a larger token, seals the journal with it, then reads, then acts; from
// the seal on, appends of the former holder are refused, however late they arrive. Only tokens of the same scope are
// compared.
struct fence {
  std::string scope;       // 1 to 255 bytes of UTF-8
  std::int64_t token = 0;  // 0 and up; 0 for a scope never used
};

struct append_request {
  std::vector<stream_write> writes;         // 0 to 1,000 streams; 0 with a command records a refusal
  std::optional<command_record> command;
  // Checked first, so that a former holder learns of its replacement by any append. A larger token than the stored
  // one is stored with the append, unless the append is refused or repeated.
  std::optional<fence> under = {};
  partition part = 0;
};

struct append_result {
  struct written {
    std::string stream;
    banyan::version version = 0;            // of the stream's last event after this append
    std::vector<banyan::position> positions;  // one per event
  };
  std::vector<written> streams;             // in the order of the request
  banyan::position last = 0;                // highest position of this append; without events the journal's head
  bool repeated = false;                    // the events (or the command) had been stored before
  std::optional<command_record> stored_command;  // set when the command id is a repeat: the first answer
};
// Errors of append: conflict with reason "wrong_version" (the message has stream, expected and actual version),
// "event_id_reused", "command_id_reused", "fenced" (the message has scope and both tokens; nothing is changed;
// outcome `applied` when an earlier attempt had stored the same); invalid_argument (no stream name, payload over 1
// MiB, empty type; reason "no_such_partition"); exhausted (queue or disk full, retry_after); unavailable with
// outcome unknown (the engine stopped before it could answer).

struct sealed {
  banyan::position head = 0;  // of the partition: all events under older tokens are at or before it
};

struct snapshot {
  std::string stream;
  banyan::version version = 0;
  std::string key;                // layout hash and fold version; snapshots with another key are ignored
  std::string state;              // JSON
};

struct load_request {
  std::string stream;
  std::string snapshot_key = {};  // empty: without snapshot
  std::size_t commands = 1000;    // newest command records to return; at most 10,000 and 8 MiB of replies
  std::size_t events = 1000;      // events to return, 1 to 10,000
};

// The data to activate an entity, read at one point in time. Bounded: for a long stream without a recent snapshot
// `events` are only the first ones and end before `version`. Continue with read_stream; streams only grow, so later
// reads continue the loaded state.
struct loaded_stream {
  std::optional<banyan::snapshot> snapshot;
  std::vector<recorded_event> events;       // after the snapshot, ascending; fewer than requested only at `version`
  std::vector<command_record> commands;     // newest first
  banyan::version version = 0;  // of the stream's last event, like the id and position; it may not be in `events`
  uuid last_event;
  banyan::position position = 0;
};

struct read_stream_request {
  std::string stream;
  banyan::version from = 1;       // inclusive; backwards: 0 is the end
  std::size_t limit = 1000;       // at most 10,000; see read_all_request
  bool backwards = false;
};

// A page may have fewer events than requested: a read returns at most 8 MiB of payloads (at least one event), and a
// filtered one examines a bounded number of events. So an empty page does not mean the end; continue from read_page:
//
//   do {
//     page = read_all({.after = at, .categories = {"orders"}, .types = {"orders.placed", "orders.paid"}});
//     at = page.looked_to;
//   } while (!page.at_end);
struct read_all_request {
  banyan::position after = 0;     // exclusive
  std::size_t limit = 1000;       // events, at most 10,000
  bool backwards = false;         // events before `after` (0: from the head), descending
  // Filters: categories of streams and types of events; empty: all. At most 1,000 each.
  std::vector<std::string> categories = {};
  std::vector<std::string> types = {};  // stored names, any schema version
  partition part = 0;
};

struct read_page {
  std::vector<recorded_event> events;
  // The page has every matching event between `after` and this position (inclusive): continue after it.
  banyan::position looked_to = 0;
  bool at_end = false;  // no events beyond `looked_to` at the time of the read
};
// Errors of read_all: invalid_argument (limit; an invalid category; reason "no_such_partition"); corrupt with reason
// "event_missing", also when the missing event might not have matched.

struct journal_info {
  uuid incarnation;               // made with the journal; a copy has the same
  banyan::position head = 0;      // position of the last event
  std::int64_t streams = 0;       // streams ever written to, by events or command records
  journal_history history;        // epochs of all openings; the last is the current one
  std::string incomplete = {};    // for a copy: what could not be read, as a sentence
  std::map<std::string, std::string> facts = {};  // by `declare`
  partition partitions = 1;       // numbered from 0
};

// How long answers to commands are remembered. A record may be forgotten, by the next forget_commands, when it is
// older than `age` or not among the newest `per_stream` of its stream. (Not only when both hold: most streams have
// few commands and would never forget any.) A forgotten command that is repeated is decided as a new one.
struct command_horizon {
  timespan age = std::chrono::hours{7 * 24};  // more than 0
  std::size_t per_stream = 1000;              // at least 1
};

// A bounded step of forgetting, so that appends do not wait long. Repeat with `next` until it is empty.
struct forget_request {
  std::string category = {};  // category of the streams; empty: all
  command_horizon horizon = {};
  std::string from = {};      // `next` of the step before; empty: the first stream
};
struct forgotten {
  std::int64_t commands = 0;  // in this step
  std::string next = {};      // opaque; empty: all streams are done
};

// The status of an engine, known without disk access. Counters are since it was opened.
struct journal_status {
  std::optional<error> trouble;  // why appends fail; empty: they succeed or were not tried. `corrupt` is permanent
  std::uint64_t appends = 0;     // acknowledged
  std::uint64_t batches = 0;     // transactions with appends: appends / batches is the size of a group commit
  std::uint64_t failed = 0;      // appends that failed with their batch; without refused ones
  std::uint64_t queued = 0;      // now: accepted and not answered
  nanoseconds ahead{};  // last event's time minus the clock, if set back; meanwhile events get the last event's time
  position head = 0;             // last event stored or being stored: no reader is beyond it
  std::string warning = {};      // a problem for the operator while appends still succeed; a sentence
};

struct stream_info {
  std::string name;
  banyan::version version = 0;
  instant last_at;
};

class journal {
 public:
  struct options {};  // none: a node has one journal, opened by its URL
  virtual ~journal() = default;

  virtual void append(append_request request, completion<append_result> done) = 0;
  virtual void load(load_request request, completion<loaded_stream> done) = 0;
  virtual void read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) = 0;
  virtual void read_all(read_all_request request, completion<read_page> done) = 0;
  virtual void save_snapshot(snapshot s, completion<bool> done) = 0;      // best effort; false: dropped under load
  virtual void list_streams(std::string prefix, std::string after, std::size_t limit, completion<std::vector<stream_info>> done) = 0;
  virtual void info(completion<journal_info> done) = 0;

  // Raises the token of a scope durably; repeating the same token is allowed. Afterwards no append under an older
  // one is stored. Errors: conflict with reason "fenced" when a larger token holds.
  virtual void seal(partition part, fence f, completion<sealed> done) = 0;
  // The current token of a scope; 0: none. A new holder needs a larger one.
  virtual void read_token(partition part, std::string scope, completion<std::int64_t> done) = 0;

  // Declares an immutable fact about the journal's streams, such as the number of shards ("shards/orders" = "64").
  // The first declaration is stored; the same value again changes nothing (false). Errors: conflict with reason
  // "declared_otherwise" for another value (the message has both); exhausted beyond 1,000 facts. Key and value are 1
  // to 255 bytes of UTF-8.
  virtual void declare(std::string key, std::string value, completion<bool> done) = 0;

  virtual void forget_commands(forget_request request, completion<forgotten> done) = 0;
  virtual journal_status status() const { return {}; }  // does not block; thread-safe; default: empty

  // Calls `notify(head)`, for partition 0, after every commit with events, on a thread of the engine, never
  // concurrently for one watcher, until the returned guard is destroyed (which waits for a call in progress). It is
  // only a hint to read: a subscriber reads from its own checkpoint (read_all), which makes the transition from
  // catching up to live safe.
  class watch {
   public:
    virtual ~watch() = default;
  };
  virtual std::unique_ptr<watch> on_commit(std::function<void(banyan::position head)> notify) = 0;
};

}  // namespace banyan
