#include <banyan/engines/sqlite/database.hpp>

#include <banyan/engines/sqlite/private_files.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <mutex>

namespace banyan::sqlite {

namespace {

void configure_once() {
  // Memory statistics take a global mutex at every allocation, and are not used here. The call fails harmlessly when
  // the program has used SQLite before.
  static std::once_flag flag;
  std::call_once(flag, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

// Percent-encodes a path of arbitrary bytes, see https://www.sqlite.org/uri.html.
std::string immutable_uri(const std::string& path) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '-' || c == '_';
    if (plain)
      uri += c;
    else
      uri += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
  }
  return uri + "?immutable=1";
}

code code_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
      return code::exhausted;
    case SQLITE_IOERR:
      if (sqlite_code == SQLITE_IOERR_CORRUPTFS || sqlite_code == SQLITE_IOERR_DATA) return code::corrupt;
      return sqlite_code == SQLITE_IOERR_NOMEM ? code::exhausted : code::unavailable;
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return code::exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_INTERRUPT:
      return code::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return code::corrupt;
    default:
      return code::internal;
  }
}

// The error of a call on `db`. SQLITE_CANTOPEN is the same for the database and the files beside it, so errno is
// added.
error failure_of(sqlite3* db, int sqlite_code, std::string_view about) {
  const int number = (sqlite_code & 0xff) == SQLITE_CANTOPEN && db ? sqlite3_system_errno(db) : 0;
  if (number == EMFILE || number == ENFILE) return to_error(sqlite_code, about, system_reason(number));
  return to_error(sqlite_code, about, db ? sqlite3_errmsg(db) : "");
}

}  // namespace

error to_error(int sqlite_code, std::string_view about, std::string_view detail) {
  auto text = std::string{about};
  text += ": ";
  text += detail.empty() ? std::string_view{sqlite3_errstr(sqlite_code)} : detail;
  auto e = error{code_of(sqlite_code), std::move(text)};
  if (e.code == code::exhausted) e.retry_after = std::chrono::milliseconds{1000};
  if (e.code == code::corrupt) e.reason = damaged_file;
  if (sqlite_code == SQLITE_IOERR_SHMSIZE || sqlite_code == SQLITE_IOERR_SHMOPEN || sqlite_code == SQLITE_IOERR_SHMMAP) {
    e.reason = no_shared_memory;
  }
  return e;
}

statement& statement::operator=(statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

statement::~statement() { sqlite3_finalize(handle_); }

statement& statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(handle_, parameter, value);
  return *this;
}
statement& statement::bind(int parameter, double value) {
  sqlite3_bind_double(handle_, parameter, value);
  return *this;
}
statement& statement::bind(int parameter, std::string_view text) {
  // bind_text64 binds NULL for a null pointer, which an empty view may have.
  sqlite3_bind_text64(handle_, parameter, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}
statement& statement::bind(int parameter, std::nullptr_t) {
  sqlite3_bind_null(handle_, parameter);
  return *this;
}
statement& statement::bind_view(int parameter, std::string_view text) {
  sqlite3_bind_text64(handle_, parameter, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
statement& statement::bind_blob_view(int parameter, std::span<const std::uint8_t> bytes) {
  sqlite3_bind_blob64(handle_, parameter, bytes.empty() ? reinterpret_cast<const std::uint8_t*>("") : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

result<bool> statement::step() {
  const int rc = sqlite3_step(handle_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return false;
  }
  auto e = failure(rc);
  sqlite3_reset(handle_);
  return e;
}

result<void> statement::run() {
  int rc;
  while ((rc = sqlite3_step(handle_)) == SQLITE_ROW) {
  }
  if (rc == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return {};
  }
  auto e = failure(rc);
  sqlite3_reset(handle_);
  return e;
}

void statement::reset() noexcept { sqlite3_reset(handle_); }
void statement::clear_bindings() noexcept { sqlite3_clear_bindings(handle_); }

int statement::parameter_count() const noexcept { return sqlite3_bind_parameter_count(handle_); }
int statement::column_count() const noexcept { return sqlite3_column_count(handle_); }
std::string_view statement::column_name(int column) const noexcept {
  const char* name = sqlite3_column_name(handle_, column);
  return name ? std::string_view{name} : std::string_view{};
}
column_type statement::type(int column) const noexcept {
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_INTEGER: return column_type::integer;
    case SQLITE_FLOAT: return column_type::real;
    case SQLITE_TEXT: return column_type::text;
    case SQLITE_BLOB: return column_type::blob;
    default: return column_type::null;
  }
}
std::int64_t statement::integer(int column) const noexcept { return sqlite3_column_int64(handle_, column); }
double statement::real(int column) const noexcept { return sqlite3_column_double(handle_, column); }
std::string_view statement::text(int column) const noexcept {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return bytes ? std::string_view{bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))} : std::string_view{};
}
std::span<const std::uint8_t> statement::blob(int column) const noexcept {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  if (!bytes) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}
bool statement::is_read_only() const noexcept { return sqlite3_stmt_readonly(handle_) != 0; }
std::string_view statement::sql() const noexcept {
  const char* text = sqlite3_sql(handle_);
  return text ? std::string_view{text} : std::string_view{};
}

error statement::failure(int rc) const {
  sqlite3* db = sqlite3_db_handle(handle_);
  if (!db) return to_error(rc, "a statement that was never prepared");
  return failure_of(db, sqlite3_extended_errcode(db), sql());
}

result<database> database::open(const open_options& options) {
  configure_once();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (options.immutable) flags |= SQLITE_OPEN_URI;
  flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (options.create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const auto name = options.immutable ? immutable_uri(options.path) : options.path;
  const int rc = sqlite3_open_v2(name.c_str(), &handle, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  auto db = database{handle};
  if (rc != SQLITE_OK) return failure_of(handle, rc, "cannot open " + options.path);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  return db;
}

database& database::operator=(database&& other) noexcept {
  if (this != &other) {
    sqlite3_close_v2(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

database::~database() { sqlite3_close_v2(handle_); }

result<statement> database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  const int rc =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  auto s = statement{handle};
  if (rc != SQLITE_OK) return failure_of(handle_, rc, sql);
  const auto rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  if (!handle || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return error{code::internal, std::string{sql} + ": exactly one statement is expected"};
  }
  return s;
}

result<void> database::execute(const std::string& sql) {
  const int rc = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return failure_of(handle_, rc, sql);
  return {};
}

result<std::int64_t> database::number(std::string_view sql, std::int64_t missing) {
  auto s = prepare(sql);
  if (!s) return s.error();
  auto row = s->step();
  if (!row) return row.error();
  return *row ? s->integer(0) : missing;
}

std::int64_t database::last_insert_rowid() const noexcept { return sqlite3_last_insert_rowid(handle_); }
std::int64_t database::changes() const noexcept { return sqlite3_changes64(handle_); }
void database::disable_triggers() noexcept { sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr); }
bool database::in_transaction() const noexcept { return handle_ && sqlite3_get_autocommit(handle_) == 0; }
int database::extended_error() const noexcept { return sqlite3_extended_errcode(handle_); }
int database::log_errno() const noexcept {
  sqlite3_file* log = nullptr;
  int number = 0;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || !log || !log->pMethods) return 0;
  return log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK ? number : 0;
}

result<transaction> transaction::begin(database& db, kind what) {
  if (auto begun = db.execute(what == kind::immediate ? "begin immediate" : "begin deferred"); !begun) return begun.error();
  return transaction{db};
}

result<void> transaction::commit() {
  auto done = db_->execute("commit");
  if (!done) {
    rollback();
    return done;
  }
  db_ = nullptr;
  return done;
}

void transaction::rollback() noexcept {
  // SQLite may have rolled back by itself after a failed commit or a full disk
  if (db_ && db_->in_transaction()) sqlite3_exec(db_->handle(), "rollback", nullptr, nullptr, nullptr);
  db_ = nullptr;
}

}  // namespace banyan::sqlite
