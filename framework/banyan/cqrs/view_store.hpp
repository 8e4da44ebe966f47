// The view store port: the tables of a projection. It writes rows and checkpoint in one transaction; queries read
// them. Engine: SQLite (engines/sqlite/view_store.hpp), on threads, or in memory and synchronous for simulation and
// unit tests.
//
// For what can be rebuilt from a journal: tables, counters, full-text indexes (FTS5). Not for anything else: a view is
// dropped when its version or its journal changes or its file is damaged, and a power cut may take it back to an older
// checkpoint. A subscription's state has a port of its own (pub_sub/delivery_store.hpp).
//
// SQL text is a constant of the program; data is always bound (`?1`, `?2`), never pasted:
//
//   store.open({info.history, info.head}, [](view_writer& v) {
//     v.execute("create table sales(month text primary key, pence integer)", {});
//   }, [](result<view_store::state> opened) { ... });
//   store.write([=](view_writer& v) {
//     v.run("insert into sales values (?1, ?2) on conflict do update set pence = pence + ?2", month, pence);
//   }, event.position, [](result<position> stored) { ... });
//   store.read([](view_reader& v) {
//     auto all = v.query<sales_row>("select month, pence from sales order by month"); ...
//   }, [](result<position> read) { ... });
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

// Limits of a statement. Larger results are read page by page.
struct view_limits {
  static constexpr std::size_t rows = 10'000;
  static constexpr std::size_t bytes = 64 << 20;          // of all its rows, or of one argument
  static constexpr std::chrono::seconds run_time{5};      // then interrupted: deadline_exceeded
};

// Thrown by view_reader and view_writer when the database refuses a statement (an error in it, a full disk): the
// projection's transaction is rolled back, and the error reaches its supervisor. `get()` names the statement.
class view_error : public result_error {
 public:
  using result_error::result_error;
};

class view_reader {
 public:
  virtual ~view_reader() = default;
  // Executes a query. Errors: internal, reason "too_many_rows", above view_limits::rows, unless `first` is given: then
  // at most that many rows are read. A blob column is an error too: select hex(column).
  virtual std::vector<sql_row> rows(std::string_view sql, const std::vector<sql_value>& args, std::size_t first = 0) = 0;

  // The same with native arguments, and rows as described structs with columns in member order, or as single values.
  // The conversions are in view_store_rows.hpp.
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

// Limits and cancellation of a read. Checked before it begins and while a statement runs: a queued read that is past
// its deadline or cancelled is dropped, a running one interrupted.
struct read_limits {
  monotonic deadline = monotonic::max();  // on the clock that the store was opened with
  cancellation_ptr cancelled = {};        // null: never cancelled
  // The kind of a read: an address, equal for reads of about the same duration. An engine may execute kinds that have
  // proved quick on the caller's thread. Null: no kind.
  const void* kind = nullptr;
};

// A store's state, without disk access. Counts are since it was opened.
struct view_store_status {
  std::optional<error> trouble = {};  // `corrupt`: its file is damaged; rebuilt when opened next
  std::size_t waiting = 0;          // reads accepted and not yet begun
  nanoseconds longest_wait{};       // of those, so far
  nanoseconds silent{};             // how long no read has ended while some waited
  std::uint64_t reads = 0;          // executed, whatever the result
  std::uint64_t dropped = 0;        // past the deadline or cancelled before they began
  std::uint64_t refused = 0;        // queue full, or overloaded
  std::uint64_t rebuilt = 0;        // how often a damaged file was deleted
};

// A view: its tables and checkpoint in a database of their own, so that a new version can be built beside the old one.
//
// Answers arrive on a thread of the engine (in memory, and for quick reads: immediately, on the caller's). A full
// queue answers `exhausted`, and so does one whose oldest read has waited too long (reason "overloaded"); a store
// being destroyed answers `unavailable`; nothing was done in these cases. Do not destroy or open a store from within
// one of its bodies or answers.
//
// Damage: a store that finds its file damaged answers writes `corrupt` and reads `unavailable`, reason "view_damaged",
// until it is opened again: then it begins with an empty file at checkpoint 0.
class view_store {
 public:
  using options = view_options;
  virtual ~view_store() = default;

  // Runs `body` and stores the checkpoint, in one transaction. An exception of `body` rolls back, and is the error
  // (std::bad_alloc: `exhausted`, since there may be memory next time). `body` runs on the view's writer thread (in
  // memory: immediately). The checkpoint may stay, never go back. A body can not end the transaction, change a pragma
  // or attach a file.
  virtual void write(std::function<void(view_writer&)> body, position checkpoint, completion<position> done) = 0;
  // Runs `body` on a reader thread, on a consistent snapshot that includes at least every write acknowledged before,
  // and answers the snapshot's checkpoint. Errors: deadline_exceeded; with reason "cancelled": cancelled.
  virtual void read(std::function<void(view_reader&)> body, completion<position> done, read_limits limits = {}) = 0;
  // The journal that a view is opened for, as in its journal_info. Checkpoints written from then on are of this
  // history.
  struct source {
    journal_history history;
    position head = 0;
  };
  struct state {
    position checkpoint = 0;               // as stored; 0: a new view
    std::optional<epoch_position> dropped = {};  // a checkpoint of another history was found: the view is empty now
  };
  // Required before the first write. Creates the tables of a new view. When the checkpoint is of another history than
  // the journal (beyond its head, or written by another epoch), everything is dropped and created anew. Single writer:
  // opening takes over the ownership, and a write of an earlier owner (a node believed crashed, a second process) is a
  // conflict with reason "view_taken". On a full disk a view that needs no change is opened for reading; the first
  // write that succeeds takes it over.
  virtual void open(source of, std::function<void(view_writer&)> create_tables, completion<state> done) = 0;
  virtual view_store_status status() const { return {}; }  // immediate, thread-safe; by default empty
};

// Names are file names: letters, digits, _ and -, at most 100.
constexpr bool is_view_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), is_allowed);
}

struct view_options {
  std::string name;      // "sales_by_month": 1 to 100 letters, digits, _ and -
  int version = 1;       // each version has its own database
  int readers = 2;       // reader threads, each with its own connection; 1 to 64
};

}  // namespace banyan
#include <banyan/cqrs/view_store_rows.hpp>
