// The journal port: the append-only store of events that everything else can be rebuilt from. Engines: memory
// (simulation), SQLite (embedded default). All pass tests/conformance/journal_conformance.
//
// Guarantees every engine gives (semantics after EventStoreDB and the Akka persistence journal):
//   - an append is atomic over all its writes and its command record, and durable before it is acknowledged;
//   - expected versions are really checked, inside the same transaction;
//   - positions are strictly increasing in commit order and gap-free for readers: whoever has read up to p never misses an
//     event that commits later;
//   - appending the same event ids again changes nothing and returns the original positions, even when the expectation
//     no longer holds; a partial overlap, or the same id in another stream, is a conflict;
//   - a fence is checked inside the same transaction, too: once `seal` has answered, nothing is stored under an older
//   token of that scope.
//
// A stream belongs to a category: what stands before the first dash of its name (category.hpp), as in EventStoreDB.
// Categories and types are what reads are filtered by.
//
// Answers arrive through completions on a thread of the engine, or on the caller's own before the call returns, and IN
// ANY ORDER: a refusal (a full queue, a request that is not well formed) is told at once, ahead of all that waits, and
// an engine may answer a later request before an earlier one. Whoever has several under way gives each a number of its
// own and lets the completion carry it. Requests of one caller are usually performed in the order in which they were
// accepted, which makes pipelining fast; nobody's truth may rest on it: what must come after something else says so by
// its expected version. Bounded: an engine with a full queue answers `exhausted`.
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

// What must be true of a stream for an append to be accepted.
//
// A version counts events and says nothing of which they are. That is enough for whoever has read the stream up to it; whoever sends an
// append before the one ahead of it is answered has read nothing, and another's events may have taken the place of his. `after` names
// the event as well: since an event's id is used once, the stream that ends with it is the one that was meant.
struct expected {
  expected_kind kind = expected_kind::any;
  banyan::version at = 0;        // for `exact` and `after`; 0 equals no_stream
  uuid last = {};                // for `after`: the event of version `at`; nil for version 0
  static expected any() { return {}; }
  static expected no_stream() { return {expected_kind::no_stream, 0}; }
  static expected stream_exists() { return {expected_kind::stream_exists, 0}; }
  static expected exact(banyan::version v) { return {expected_kind::exact, v}; }
  static expected after(banyan::version v, const uuid& event) { return {expected_kind::after, v, event}; }
};

struct stream_write {
  std::string stream;
  expected condition;
  std::vector<new_event> events;  // may be empty: then it is a condition on a stream that is not written
};

// The command that an append answers, stored in the same transaction (deduplication of retries).
struct command_record {
  std::string stream;             // commands are remembered per stream
  uuid id;
  std::uint64_t fingerprint = 0;  // stable_hash of the command's name and payload: the same id with another payload is a conflict
  std::string reply;              // JSON: {"ok": reply} or {"error": refusal}
};

// Who may act on a scope ("shard orders/17", "task sweeper"): whoever holds the largest token that the journal has seen
// for it. One that takes the scope over gets a larger token, seals the journal with it, then reads, then acts; appends
// of the holder before it are refused from the seal on, however late they arrive. Tokens of a scope are compared with
// each other only.
struct fence {
  std::string scope;       // 1 to 255 bytes of UTF-8
  std::int64_t token = 0;  // 0 and up; a scope that nobody has sealed or appended under stands at 0
};

struct append_request {
  std::vector<stream_write> writes;         // 0 to 1,000 streams; 0 with a command records a refusal
  std::optional<command_record> command;
  // Checked before anything else, so that a holder that was replaced learns it with whatever it appends. A larger token
  // than the stored one is stored with the append; an append that is refused or repeated stores none.
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
  banyan::position last = 0;                // highest position of this append; for an append without events, the journal's head
  bool repeated = false;                    // the events (or the command) were there already
  std::optional<command_record> stored_command;  // set when `repeated` because of the command id: what was answered then
};
// Errors of append: conflict with reason "wrong_version" (message names stream, expected and actual version),
// "event_id_reused", "command_id_reused", "fenced" (message names scope and both tokens; nothing is changed. When what
// was asked is stored already, because an earlier attempt had succeeded, the outcome of the error is `applied`);
// invalid_argument (no stream name, over 1 MiB payload, type empty; reason "no_such_partition"); exhausted (queue or
// disk full, retry_after); unavailable with outcome unknown (the engine stopped before it could tell).

struct sealed {
  banyan::position head = 0;  // of the partition: everything that was stored under an older token is at or before it
};

struct snapshot {
  std::string stream;
  banyan::version version = 0;
  std::string key;                // layout of the state plus the declared fold version; another key is ignored
  std::string state;              // JSON
};

struct load_request {
  std::string stream;
  std::string snapshot_key = {};  // empty: do not use a snapshot
  std::size_t commands = 1000;    // how many of the newest command records to return, at most 10,000 and 8 MiB of replies
  std::size_t events = 1000;      // how many events to return, 1 to 10,000
};

// What an entity needs to wake up, read at one point in time. Bounded, as every read is: of a long stream without a fresh snapshot `events`
// are the first ones, and the last of them has not reached `version`. Read on with read_stream from there; a stream only grows, so what is read
// later continues what was loaded.
struct loaded_stream {
  std::optional<banyan::snapshot> snapshot;
  std::vector<recorded_event> events;       // after the snapshot, ascending; fewer than asked only when they reach `version`
  std::vector<command_record> commands;     // newest first
  banyan::version version = 0;              // of the stream's last event, with its id and position: also when it is not among `events`
  uuid last_event;
  banyan::position position = 0;
};

struct read_stream_request {
  std::string stream;
  banyan::version from = 1;       // inclusive; backwards: 0 means from the end
  std::size_t limit = 1000;       // at most 10,000; see read_all_request
  bool backwards = false;
};

// Fewer events than asked may be answered: one read gives at most 8 MiB of payloads, or one event; a filtered one looks
// at a bounded number of events, whether they match or not. So an empty page does not mean that there is no more:
// read_page says where to go on.
//
//   do {
//     page = read_all({.after = at, .categories = {"orders"}, .types = {"orders.placed", "orders.paid"}});
//     at = page.looked_to;
//   } while (!page.at_end);
struct read_all_request {
  banyan::position after = 0;     // exclusive
  std::size_t limit = 1000;       // events, at most 10,000
  bool backwards = false;         // then events before `after` (0: from the head), descending
  // Only events of streams of one of these categories, and of one of these types; empty: all. At most 1,000 each.
  std::vector<std::string> categories = {};
  std::vector<std::string> types = {};  // stored names, of every schema
  partition part = 0;
};

struct read_page {
  std::vector<recorded_event> events;
  // Every matching event between `after` and here (inclusive) is in the page: go on after it.
  banyan::position looked_to = 0;
  bool at_end = false;  // nothing was beyond `looked_to` when this was read (backwards: it is the first position)
};
// Errors of read_all: invalid_argument (limit; a category that no stream can have; reason "no_such_partition"); corrupt
// with reason "event_missing", also when it is not known whether the missing event would have matched.

struct journal_info {
  uuid incarnation;               // made when the journal was created; a copy of it has the same
  banyan::position head = 0;      // position of the last event
  std::int64_t streams = 0;       // that were ever written to: an event, or the answer to a command (also forgotten)
  journal_history history;        // which opening wrote what; that of the asked journal is the last, before it has written anything, too
  std::string incomplete = {};    // of a copy: what of it could not be read, as a sentence
  std::map<std::string, std::string> facts = {};  // declared ones
  partition partitions = 1;       // numbered from 0
};

// How long answers to commands are remembered. One is kept as long as it is both young enough and among the newest of
// its stream; when either bound is passed it may be forgotten, at the next call of forget_commands. (By both together
// next to nothing would ever be forgotten: most streams have few commands.) A command that is forgotten and comes again
// is decided afresh.
struct command_horizon {
  timespan age = std::chrono::hours{7 * 24};  // more than 0
  std::size_t per_stream = 1000;              // at least 1
};

// One step of forgetting: bounded, so that appends do not wait for long. Go on with `next` until it is empty.
struct forget_request {
  std::string category = {};  // of the streams whose commands are forgotten; empty: of all streams
  command_horizon horizon = {};
  std::string from = {};      // where to go on, as the step before answered; empty: with the first stream
};
struct forgotten {
  std::int64_t commands = 0;  // in this step
  std::string next = {};      // means something to the engine alone; empty: all streams were looked at
};

// What an engine knows of itself, without asking its disk. Counts are since it was opened.
struct journal_status {
  std::optional<error> trouble;  // why nothing can be stored; nothing when it can, or was not tried. `corrupt` stays
  std::uint64_t appends = 0;     // acknowledged
  std::uint64_t batches = 0;     // transactions that stored at least one: appends / batches is the size of a group commit
  std::uint64_t failed = 0;      // appends lost with their batch; a refused one is none
  std::uint64_t queued = 0;      // accepted and not yet answered, now
  nanoseconds ahead{};           // of the clock, which was put back: the time of the last event. Until it gets there, events get that time
  position head = 0;             // of the last event that is stored or being stored: nobody has read beyond it
  std::string warning = {};      // what its operator should mend although everything is stored; a sentence
};

struct stream_info {
  std::string name;
  banyan::version version = 0;
  instant last_at;
};

class journal {
 public:
  struct options {};  // of the port: a node has one journal, opened by its URL
  virtual ~journal() = default;

  virtual void append(append_request request, completion<append_result> done) = 0;
  virtual void load(load_request request, completion<loaded_stream> done) = 0;
  virtual void read_stream(read_stream_request request, completion<std::vector<recorded_event>> done) = 0;
  virtual void read_all(read_all_request request, completion<read_page> done) = 0;
  virtual void save_snapshot(snapshot s, completion<bool> done) = 0;      // best effort, may be dropped under load (false)
  virtual void list_streams(std::string prefix, std::string after, std::size_t limit, completion<std::vector<stream_info>> done) = 0;
  virtual void info(completion<journal_info> done) = 0;

  // Raises the token of a scope, durably; the same token again is fine. From its answer on no append under an older one
  // is stored. conflict with reason "fenced" when a larger one holds.
  virtual void seal(partition part, fence f, completion<sealed> done) = 0;
  // The token that holds for a scope; 0 when there is none. Whoever is to take it over needs a larger one.
  virtual void read_token(partition part, std::string scope, completion<std::int64_t> done) = 0;

  // Facts about how a journal's streams are made, which must not change once there are some: the number of shards, say
  // ("shards/orders" = "64"). The first declaration is stored; the same again changes nothing (false); another value is
  // a conflict with reason "declared_otherwise", whose message has both. Key and value are 1 to 255 bytes of UTF-8; at
  // most 1,000 facts, one more is `exhausted`.
  virtual void declare(std::string key, std::string value, completion<bool> done) = 0;

  virtual void forget_commands(forget_request request, completion<forgotten> done) = 0;
  virtual journal_status status() const { return {}; }  // at once, from any thread; an engine may know nothing

  // Calls `notify(head)`, of partition 0, after every commit that adds events, on a thread of the engine, never twice
  // at once for one watcher, until the returned guard is destroyed (which waits for a call under way). This is a hint
  // that there is something to read: a subscriber reads from its own checkpoint (read_all), which is what makes the
  // seam between catching up and live safe by construction.
  class watch {
   public:
    virtual ~watch() = default;
  };
  virtual std::unique_ptr<watch> on_commit(std::function<void(banyan::position head)> notify) = 0;
};

}  // namespace banyan
