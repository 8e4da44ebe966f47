// RAII wrappers of the SQLite C API: connection, prepared statement, transaction. SQL is not hidden.
//
// For use inside engines/sqlite only; other code uses the ports (journal, view_store, delivery_store). A connection
// and its statements belong to one thread at a time (SQLite is opened without its own mutex); destroy statements
// before their database.
//
//   auto db = sqlite::database::open({.path = "shop.db"});
//   if (!db) return db.error();
//   auto insert = db->prepare("insert into t(a, b) values (?1, ?2)");     // prepare once, run often
//   insert->bind(1, 42).bind(2, "text");
//   if (auto done = insert->run(); !done) return done.error();
//
// Errors: SQLite result codes are mapped (`to_error`): a full disk is `exhausted`, a lock held too long `unavailable`,
// a damaged file `corrupt`, a faulty statement `internal` with SQLite's message.
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
  std::string path;                            // a file name, not a URI
  bool read_only = false;                      // the file must exist
  bool create = true;                          // ignored when read_only
  bool immutable = false;                      // with read_only: the file has no writer; takes no lock, reads no WAL
  std::string vfs = {};                        // a registered sqlite3_vfs; empty: the default
  std::chrono::milliseconds busy_timeout{5000};  // maximum wait for another connection's lock
};

// The reason of `corrupt` errors from SQLite: the file is damaged, or not a database.
constexpr std::string_view damaged_file = "damaged_file";

// The reason when the shared memory file (`-shm`) can not be created, on a full disk. A database used by one process
// only works without it: opened with the VFS below, it is closed to other processes, and to connections by other VFSs.
constexpr std::string_view no_shared_memory = "no_shared_memory";
constexpr const char* exclusive_vfs = "unix-excl";

// Maps an SQLite result code (plain or extended). `about` begins the message.
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
  // Not copied: the bytes must stay valid until the next reset() or bind. For hot paths.
  statement& bind_view(int parameter, std::string_view text);
  statement& bind_blob_view(int parameter, std::span<const std::uint8_t> bytes);

  // Steps once. True: a row can be read. False: the statement is done and was reset; bindings are kept.
  result<bool> step();
  // Steps to the end, ignoring rows, then resets.
  result<void> run();
  void reset() noexcept;         // ends a read early; bindings are kept
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
  bool is_read_only() const noexcept;                                   // does not change the database
  std::string_view sql() const noexcept;

 private:
  friend class database;
  explicit statement(sqlite3_stmt* handle) noexcept : handle_{handle} {}
  error failure(int code) const;

  sqlite3_stmt* handle_ = nullptr;
};

// Resets a statement at the end of a scope, also when reading its rows throws: a running statement can not be bound,
// and would continue its previous query.
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
  // Executes any number of statements, for schema and pragmas.
  result<void> execute(const std::string& sql);
  // The first column of the first row as an integer; `missing` when there is no row.
  result<std::int64_t> number(std::string_view sql, std::int64_t missing = 0);

  std::int64_t last_insert_rowid() const noexcept;
  std::int64_t changes() const noexcept;                   // rows changed by the last statement
  void disable_triggers() noexcept;                        // on this connection
  bool in_transaction() const noexcept;                    // false after SQLite rolled back by itself (a full disk)
  int extended_error() const noexcept;                     // SQLite's extended code of the last failed call
  int log_errno() const noexcept;                          // errno of the last failed call on the WAL, or 0
  sqlite3* handle() const noexcept { return handle_; }     // for what is not wrapped here

 private:
  explicit database(sqlite3* handle) noexcept : handle_{handle} {}

  sqlite3* handle_ = nullptr;
};

// A transaction, rolled back unless committed: "deferred" for readers (one consistent snapshot), "immediate" for
// writers.
class transaction {
 public:
  enum class kind : std::uint8_t { deferred, immediate };
  static result<transaction> begin(database& db, kind what);
  transaction(transaction&& other) noexcept : db_{std::exchange(other.db_, nullptr)} {}
  transaction& operator=(transaction&&) = delete;
  ~transaction() { rollback(); }

  result<void> commit();         // rolls back on failure
  void rollback() noexcept;

 private:
  explicit transaction(database& db) noexcept : db_{&db} {}

  database* db_ = nullptr;
};

}  // namespace banyan::sqlite
