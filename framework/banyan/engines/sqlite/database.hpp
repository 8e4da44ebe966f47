// The SQLite C API with lifetimes: a connection, a prepared statement, a transaction. Nothing more: the SQL stays in sight.
//
// Use it inside engines/sqlite only; everybody else sees the ports (journal, view_store, delivery_store). A connection
// and its statements belong to one thread at a time (SQLite is opened without its own mutex); statements are destroyed
// before their database.
//
//   auto db = sqlite::database::open({.path = "shop.db"});
//   if (!db) return db.error();
//   auto insert = db->prepare("insert into t(a, b) values (?1, ?2)");     // prepare once, run often
//   insert->bind(1, 42).bind(2, "text");
//   if (auto done = insert->run(); !done) return done.error();
//
// Errors: SQLite's result codes become the framework's (see `to_error`): a full disk is `exhausted`, a lock held too long
// `unavailable`, a damaged file `corrupt`, anything that is the statement's own fault `internal` with SQLite's sentence.
#pragma once

#include <banyan/core/result.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace banyan::sqlite {

enum class column_type : std::uint8_t { null, integer, real, text, blob };

struct open_options {
  std::string path;                            // a file name, taken as it is (no URI)
  bool read_only = false;                      // the file must exist then
  bool create = true;                          // ignored when read_only
  bool immutable = false;                      // read_only: nobody writes the file, so no lock is taken and no log beside it is read
  std::string vfs = {};                        // name of a registered sqlite3_vfs; empty: the default one
  std::chrono::milliseconds busy_timeout{5000};  // how long a statement waits for another connection's lock
};

// The reason of `corrupt` errors that SQLite gave: the file is damaged, or no database.
constexpr std::string_view damaged_file = "damaged_file";

// The reason when the file beside the database that its connections share (`-shm`) can not be made: on a full disk. A database that one
// process alone uses can do without: opened by the VFS below it is closed to other processes, and to connections by other VFSs.
constexpr std::string_view no_shared_memory = "no_shared_memory";
constexpr const char* exclusive_vfs = "unix-excl";

// The framework's error for an SQLite result code (plain or extended). `about` starts the sentence.
error to_error(int sqlite_code, std::string_view about, std::string_view detail = {});

// A prepared statement. Parameters are numbered from 1, columns from 0, as in SQLite.
class statement {
 public:
  statement() = default;
  statement(statement&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
  statement& operator=(statement&& other) noexcept;
  ~statement();

  explicit operator bool() const noexcept { return handle_ != nullptr; }

  statement& bind(int parameter, std::int64_t value);
  statement& bind(int parameter, int value) { return bind(parameter, static_cast<std::int64_t>(value)); }
  statement& bind(int parameter, double value);
  statement& bind(int parameter, std::string_view text);     // copied
  statement& bind(int parameter, const char* text) { return bind(parameter, std::string_view{text}); }
  statement& bind(int parameter, std::nullptr_t);
  // Not copied: the bytes must stay until the next reset() or bind. For hot paths.
  statement& bind_view(int parameter, std::string_view text);
  statement& bind_blob_view(int parameter, std::span<const std::uint8_t> bytes);

  // One step: true when there is a row to read, false when the statement is done (it is reset then, bindings stay).
  result<bool> step();
  // Steps to the end, ignoring rows, and resets.
  result<void> run();
  void reset() noexcept;         // ends a read early; bindings stay
  void clear_bindings() noexcept;

  int parameter_count() const noexcept;
  int column_count() const noexcept;
  std::string_view column_name(int column) const noexcept;
  column_type type(int column) const noexcept;
  bool is_null(int column) const noexcept { return type(column) == column_type::null; }
  std::int64_t integer(int column) const noexcept;
  double real(int column) const noexcept;
  std::string_view text(int column) const noexcept;                     // valid until the next step or reset
  std::span<const std::uint8_t> blob(int column) const noexcept;        // likewise
  bool is_read_only() const noexcept;                                   // changes nothing in the database
  std::string_view sql() const noexcept;

 private:
  friend class database;
  explicit statement(sqlite3_stmt* handle) noexcept : handle_{handle} {}
  error failure(int code) const;

  sqlite3_stmt* handle_ = nullptr;
};

// Leaves a statement ready for its next use, also when something is thrown while its rows are read: one that still runs
// can not be bound, and would go on with what it was asked before.
struct reset_at_end {
  statement& s;
  ~reset_at_end() { s.reset(); }
};

class database {
 public:
  database() = default;
  static result<database> open(const open_options& options);
  database(database&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
  database& operator=(database&& other) noexcept;
  ~database();

  explicit operator bool() const noexcept { return handle_ != nullptr; }

  // `sql` must be exactly one statement.
  result<statement> prepare(std::string_view sql);
  // Runs any number of statements, for schema and pragmas.
  result<void> execute(const std::string& sql);
  // The first column of the first row as a number; `missing` when there is no row.
  result<std::int64_t> number(std::string_view sql, std::int64_t missing = 0);

  std::int64_t last_insert_rowid() const noexcept;
  std::int64_t changes() const noexcept;                   // rows changed by the last statement
  void disable_triggers() noexcept;                        // on this connection
  bool in_transaction() const noexcept;                    // false after SQLite rolled back by itself (a full disk)
  int extended_error() const noexcept;                     // SQLite's code of the last failed call
  int log_errno() const noexcept;                          // the system's, of the last call on the write-ahead log that failed; or 0
  sqlite3* handle() const noexcept { return handle_; }     // for what is not wrapped here

 private:
  explicit database(sqlite3* handle) noexcept : handle_{handle} {}

  sqlite3* handle_ = nullptr;
};

// A transaction that rolls back unless committed. "deferred" for readers (one consistent snapshot), "immediate" for writers.
class transaction {
 public:
  enum class kind : std::uint8_t { deferred, immediate };
  static result<transaction> begin(database& db, kind what);
  transaction(transaction&& other) noexcept : db_{std::exchange(other.db_, nullptr)} {}
  transaction& operator=(transaction&&) = delete;
  ~transaction() { rollback(); }

  result<void> commit();         // on failure the transaction is rolled back
  void rollback() noexcept;

 private:
  explicit transaction(database& db) noexcept : db_{&db} {}

  database* db_ = nullptr;
};

}  // namespace banyan::sqlite
