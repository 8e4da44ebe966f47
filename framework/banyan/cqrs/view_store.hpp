// The port for view tables: a projection writes its rows and its checkpoint in one transaction, queries read them. Engine: SQLite
// (engines/sqlite/view_store.hpp), on threads of its own, or in memory and at once for simulation and unit tests.
//
// Use it for what can be rebuilt from a journal: tables, counters, full-text indexes (FTS5). Do not use it for what can
// not: a view is dropped when its version or its journal changes or its file is damaged, and a power cut may take it
// back to an older checkpoint. What a subscription knows has a port of its own (pub_sub/delivery_store.hpp).
//
// SQL text is always the programmer's; data is always bound (`?1`, `?2`), never pasted:
//
//   store.open({info.history, info.head},
//              [](view_writer& v) { v.execute("create table sales(month text primary key, pence integer)", {}); }, ...);
//   store.write([=](view_writer& v) {
//     v.run("insert into sales values (?1, ?2) on conflict do update set pence = pence + excluded.pence", month, pence);
//   }, event.position, [](result<position> stored) { ... });
//   store.read([](view_reader& v) { auto all = v.query<sales_row>("select month, pence from sales order by month"); ... }, ...);
#pragma once

#include <banyan/core/cancellation.hpp>
#include <banyan/core/completion.hpp>
#include <banyan/core/time.hpp>
#include <banyan/journal/journal_history.hpp>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace banyan {

using sql_value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;
using sql_row = std::vector<sql_value>;

// Bounds of one statement. A query that may find more asks for it page by page.
struct view_limits {
  static constexpr std::size_t rows = 10'000;
  static constexpr std::size_t bytes = 64 << 20;          // of all its rows, or of one argument
  static constexpr std::chrono::seconds run_time{5};      // then it is interrupted: deadline_exceeded
};

// Thrown by the members of view_reader and view_writer when the database refuses (a wrong statement, a full disk): the projection's
// transaction is rolled back and the error ends in its supervisor. `get()` says which statement.
class view_error : public result_error {
 public:
  using result_error::result_error;
};

class view_reader {
 public:
  virtual ~view_reader() = default;
  // Runs a query. It is an error (internal, reason "too_many_rows") when it finds more than view_limits::rows, unless `first` is given:
  // then that many rows are enough. A column that holds a blob is an error too: select hex(column).
  virtual std::vector<sql_row> rows(std::string_view sql, const std::vector<sql_value>& args, std::size_t first = 0) = 0;

  // The same with arguments as they are and rows as described structs, columns in member order; or as single values, when Row is
  // none. What converts to what is in view_store_rows.hpp.
  template <class Row, class... Args>
  std::vector<Row> query(std::string_view sql, const Args&... args);
  // The first row, if any.
  template <class Row, class... Args>
  std::optional<Row> first(std::string_view sql, const Args&... args);
};

class view_writer : public view_reader {
 public:
  virtual void execute(std::string_view sql, const std::vector<sql_value>& args) = 0;
  template <class... Args>
  void run(std::string_view sql, const Args&... args);
};

struct view_options;

// For whom a read is done. Both bounds are looked at before it begins and while a statement runs: a read that is due or cancelled in the
// queue is dropped, one that is running is interrupted.
struct read_limits {
  monotonic deadline = monotonic::max();  // by the clock that the store was opened with
  cancellation_ptr cancelled = {};        // null: the asker stays
  // Reads of one kind take about the same time: the address of what describes them. An engine may do those that have proved to be quick
  // at once. Null: of no kind.
  const void* kind = nullptr;
};

// What a store knows of itself, without asking its disk. Counts are since it was opened.
struct view_store_status {
  std::optional<error> trouble = {};  // `corrupt`: its file is damaged. The view is made anew when it is opened next
  std::size_t waiting = 0;          // reads accepted and not yet begun
  nanoseconds longest_wait{};       // of those, now
  nanoseconds silent{};             // how long no read has ended while some waited
  std::uint64_t reads = 0;          // done, whatever their answer
  std::uint64_t dropped = 0;        // due or cancelled before they began
  std::uint64_t refused = 0;        // the queue was full, or overloaded
  std::uint64_t rebuilt = 0;        // times that a damaged file was deleted
};

// One view: its tables and its checkpoint, alone in a database of its own (so that a rebuild can stand beside it).
//
// Answers come on a thread of the engine (in memory, and of quick reads: at once, on the caller's). A full queue answers `exhausted`, and so does one whose
// oldest read has waited for too long (reason "overloaded"); a store that is being destroyed answers `unavailable`; in these cases nothing
// was done. A store is not destroyed or opened from within one of its own bodies or answers.
//
// Damage. A store that finds its file damaged answers writes with `corrupt` and reads with `unavailable`, reason "view_damaged", until it
// is opened again: then it begins with an empty file at checkpoint 0.
class view_store {
 public:
  using options = view_options;
  virtual ~view_store() = default;

  // Runs `body` in one transaction and stores the checkpoint in it: both or neither. `body` throwing rolls back and is reported as
  // the error (std::bad_alloc as `exhausted`: the next time there may be memory). `body` runs on the view's writer thread (in simulation: at
  // once). The checkpoint may stay, and never goes back. A body can not end the transaction, change a pragma or attach a file.
  virtual void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) = 0;
  // Runs `body` on one of the reader threads, on a consistent snapshot that includes at least every write acknowledged before, and answers
  // the snapshot's checkpoint. deadline_exceeded when it was due (reason "cancelled": when nobody waits for it any more).
  virtual void read(std::function<void(view_reader&)> body, completion<position> done, read_limits limits = {}) = 0;
  // The journal that a view is opened for, as its journal_info tells. The checkpoints written from then on are of this history.
  struct source {
    journal_history history;
    position head = 0;
  };
  struct state {
    position checkpoint = 0;               // that is stored; 0 when the view is new
    std::optional<epoch_position> dropped = {};  // the checkpoint of another history, if that was found: the view is empty now
  };
  // Comes before the first write. Creates the tables when the view is new. When its checkpoint is of another history
  // than the journal (it is beyond the head, or another epoch wrote it), everything is dropped and created anew.
  // Whoever opens a view takes it over: a write of an earlier owner (a crashed node that is not quite dead, a second
  // process) is a conflict with reason "view_taken". On a full disk a view that needs no change is opened all the same,
  // so that it can be read; it is taken over by the first write that succeeds.
  virtual void open(source of, std::function<void(view_writer&)> create_tables, completion<state> done) = 0;
  virtual view_store_status status() const { return {}; }  // at once, from any thread; an engine may know nothing
};

// Files are named after views.
constexpr bool is_view_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), is_allowed);
}

struct view_options {
  std::string name;      // "sales_by_month": 1 to 100 letters, digits, _ and -
  int version = 1;       // another version is another database
  int readers = 2;       // reader threads (query replicas), 1 to 64
};

}  // namespace banyan
#include <banyan/cqrs/view_store_rows.hpp>
