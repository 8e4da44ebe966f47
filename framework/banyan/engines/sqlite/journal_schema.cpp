#include <banyan/engines/sqlite/journal_schema.hpp>

#include <banyan/engines/sqlite/journal_guards.hpp>
#include <banyan/engines/sqlite/journal_lock.hpp>
#include <banyan/engines/sqlite/journal_migration.hpp>
#include <banyan/engines/sqlite/private_files.hpp>

#include <filesystem>

namespace banyan::sqlite {

namespace {

constexpr std::int64_t application = 0x62796e6a;  // "bynj", in the file's header

// Layout: `events` grows only at its end, and so does the index on ids, since ids are mostly ordered by time. Commands
// are clustered by stream, since activating an entity reads its newest thousand.
constexpr auto tables = R"sql(
create table journal(key text primary key, value) without rowid;
create table streams(id integer primary key, name text not null unique);
create table types(id integer primary key, name text not null unique);
create table events(
  position integer primary key,
  stream integer not null,
  version integer not null,
  id blob not null,
  type integer not null,
  schema integer not null,
  recorded_at integer not null,
  correlation blob,
  causation blob,
  actor text,
  trace text,
  payload text not null);
create unique index events_by_stream on events(stream, version);
create unique index events_by_id on events(id);
create table commands(
  stream integer not null,
  number integer not null,
  id blob not null,
  fingerprint integer not null,
  reply text not null,
  stored_at integer not null,
  primary key(stream, number)) without rowid;
create unique index commands_by_id on commands(id, stream);
create table snapshots(stream integer primary key, version integer not null, key text not null, state text not null);
insert into journal(key, value) values('buried', 0);
)sql";

error not_a_journal(const std::string& path) { return error{code::corrupt, path + " is not a journal"}.because("not_a_journal"); }

result<void> check_format(database& db, const std::string& path) {
  auto id = db.number("pragma application_id");
  if (!id) return id.error();
  if (*id != application) return not_a_journal(path);
  auto format = db.number("pragma user_version");
  if (!format) return format.error();
  if (*format > sqlite_journal_format) {
    return error{code::unimplemented, "journal " + path + " has format " + std::to_string(*format) + ", this program understands up to " +
                                          std::to_string(sqlite_journal_format) + "; use a newer program"}
        .because("newer_format");
  }
  return {};
}

result<bool> is_empty(database& db) {
  auto objects = db.number("select count(*) from sqlite_master");
  if (!objects) return objects.error();
  auto id = db.number("pragma application_id");
  if (!id) return id.error();
  return *objects == 0 && *id == 0;
}

// SQLite keeps the old mode, without an error, where shared memory does not work.
result<void> use_wal(database& db, const std::string& path) {
  auto mode = db.prepare("pragma journal_mode = wal");
  if (!mode) return mode.error();
  auto row = mode->step();
  if (!row) return row.error();
  if (!*row || mode->text(0) != "wal") return error{code::unavailable, path + " cannot use write-ahead logging on this file system"};
  return {};
}

// Atomic: a power cut leaves an empty database, which the next opening treats as new.
result<void> create(database& db, const banyan::clock& clock) {
  auto tx = transaction::begin(db, transaction::kind::immediate);
  if (!tx) return tx.error();
  if (auto done = db.execute(std::string{tables} + epochs_table + fences_and_facts); !done) return done.error();
  auto insert = db.prepare("insert into journal(key, value) values('incarnation', ?1)");
  if (!insert) return insert.error();
  const auto incarnation = uuid_v7(clock.now(), system_random());
  insert->bind_blob_view(1, incarnation.bytes);
  if (auto done = insert->run(); !done) return done.error();
  if (auto done = db.execute("pragma application_id = " + std::to_string(application)); !done) return done.error();
  if (auto done = db.execute("pragma user_version = " + std::to_string(sqlite_journal_format)); !done) return done.error();
  return tx->commit();
}

}  // namespace

error about_opening(const std::string& path, error e) {
  if (e.reason == damaged_file) e.message = "the journal " + path + " is damaged: " + e.message + ". Put back a copy of it";
  else if (e.message.find(path) == std::string::npos) e.message = "cannot open " + path + ": " + e.message;
  return e;
}

result<database> open_journal_writer(const sqlite_journal_options& options) {
  // Readers do not block the writer, except for a checkpoint of a very long WAL (journal_writer.cpp), and then
  // briefly.
  if (options.vfs.empty()) {
    if (auto made = private_file(options.path); !made) return made.error();
  }
  auto db = database::open({.path = options.path, .vfs = options.vfs, .busy_timeout = writer_patience});
  if (!db) return db.error();
  auto empty = is_empty(*db);
  if (!empty) return empty.error();
  if (!*empty) {
    if (auto known = check_format(*db, options.path); !known) return known.error();
  } else if (auto sized = db->execute("pragma page_size = 4096"); !sized) {
    return sized.error();
  }
  if (auto done = use_wal(*db, options.path); !done) return done.error();
  // FULL in WAL mode is one fsync per commit. The writer makes the checkpoints (journal_writer.hpp).
  auto prepared = db->execute(
      "pragma synchronous = full; pragma wal_autocheckpoint = 0; pragma cache_size = -65536; pragma temp_store = memory;"
      "pragma journal_size_limit = " + std::to_string(2 * 4096 * options.checkpoint_pages));
  if (!prepared) return prepared.error();
  if (*empty) {
    if (auto done = create(*db, *options.clock); !done) return done.error();
  } else if (auto done = migrate(*db, options); !done) {
    return done.error();
  }
  // A file without guards gets them when there is space.
  if (auto done = guard_stored_rows(*db); !done && done.error().code != code::exhausted) return done.error();
  db->disable_triggers();
  return db;
}

result<void> check_pages(database& db, const sqlite_journal_options& options) {
  auto pages = db.number("pragma page_count");
  auto bytes = db.number("pragma page_size");
  if (!pages) return pages.error();
  if (!bytes) return bytes.error();
  if (*pages * *bytes > static_cast<std::int64_t>(options.checked_bytes)) return {};
  auto check = db.prepare("pragma quick_check(1)");
  if (!check) return check.error();
  auto row = check->step();
  if (!row) return row.error();
  if (!*row || check->text(0) == "ok") return {};
  return error{code::corrupt, std::string{check->text(0)}}.because(std::string{damaged_file});
}

namespace {

result<database> open_for_reading(const sqlite_journal_options& options, bool immutable) {
  auto db = database::open({.path = options.path, .read_only = true, .immutable = immutable, .vfs = options.vfs});
  if (!db) return db.error();
  auto prepared = db->execute("pragma cache_size = -16384; pragma temp_store = memory");
  if (!prepared) return prepared.error();
  if (auto known = check_format(*db, options.path); !known) return known.error();
  // The first access to the WAL: fails here if there can be none.
  if (auto looked = db->number("select count(*) from sqlite_master"); !looked) return looked.error();
  return db;
}

}  // namespace

// In a read-only folder SQLite can not create the WAL index (https://www.sqlite.org/wal.html#read_only_databases). No
// journal is written there, unless under another mount or user, which its lock shows; then only the main file is read.
result<database> open_journal_reader(const sqlite_journal_options& options, std::string& incomplete) {
  auto db = open_for_reading(options, false);
  if (db || !options.read_only || db.error().code != code::unavailable || journal_lock::is_held(options.path)) return db;
  auto copy = open_for_reading(options, true);
  if (!copy) return db;
  std::error_code failed;
  const auto log = options.path + "-wal";
  if (const auto size = std::filesystem::file_size(log, failed); !failed && size > 0)
    incomplete = log + " could not be read, since its folder may not be written: the newest events may be missing here; to read all of it, "
                       "copy the files to a folder that may be written";
  return copy;
}

result<uuid> read_incarnation(database& db) {
  auto row = db.prepare("select value from journal where key = 'incarnation'");
  if (!row) return row.error();
  auto found = row->step();
  if (!found) return found.error();
  if (!*found) return error{code::corrupt, "the journal has no incarnation"};
  return to_uuid(row->blob(0));
}

}  // namespace banyan::sqlite
