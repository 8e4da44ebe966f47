#include <banyan/engines/sqlite/journal_migration.hpp>

#include <banyan/engines/sqlite/journal_epochs.hpp>
#include <banyan/engines/sqlite/journal_schema.hpp>

#include <algorithm>

namespace banyan::sqlite {

namespace {

result<void> add_epochs(database& db) {
  if (auto made = db.execute(epochs_table); !made) return made;
  auto head = db.number("select max(position) from events");
  if (!head) return head.error();
  if (*head == 0) return {};
  auto incarnation = read_incarnation(db);
  if (!incarnation) return incarnation.error();
  return store_epoch(db, {1, *incarnation});
}

// Existing rows get their time from the column's default, so that no row is written.
result<void> add_times_and_fences(database& db, const banyan::clock& clock) {
  auto last = db.number("select recorded_at from events order by position desc limit 1");
  if (!last) return last.error();
  const auto now = std::max(*last, std::int64_t{clock.now().time_since_epoch().count()});
  return db.execute("alter table commands add column stored_at integer not null default " + std::to_string(now) + ";" +
                    fences_and_facts);
}

}  // namespace

result<void> migrate(database& db, const sqlite_journal_options& options) {
  auto format = db.number("pragma user_version");
  if (!format) return format.error();
  if (*format == sqlite_journal_format) return {};
  if (auto whole = check_pages(db, options); !whole) return whole;
  auto tx = transaction::begin(db, transaction::kind::immediate);
  if (!tx) return tx.error();
  if (*format < 2) {
    if (auto done = add_epochs(db); !done) return done;
  }
  if (auto done = add_times_and_fences(db, *options.clock); !done) return done;
  if (auto done = db.execute("pragma user_version = " + std::to_string(sqlite_journal_format)); !done) return done;
  return tx->commit();
}

}  // namespace banyan::sqlite
