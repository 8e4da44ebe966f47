#include <banyan/engines/sqlite/journal_epochs.hpp>

#include <banyan/engines/sqlite/journal_schema.hpp>

namespace banyan::sqlite {

namespace {

result<bool> has_epochs(database& db) {
  auto tables = db.number("select count(*) from sqlite_master where type = 'table' and name = 'epochs'");
  if (!tables) return tables.error();
  return *tables > 0;
}

result<void> insert(database& db, const journal_epoch& epoch) {
  auto row = db.prepare("insert or replace into epochs(begins, id) values(?1, ?2)");
  if (!row) return row.error();
  row->bind(1, epoch.begins).bind_blob_view(2, epoch.id.bytes);
  return row->run();
}

}  // namespace

result<journal_history> read_history(database& db, position head) {
  auto known = has_epochs(db);
  if (!known) return known.error();
  if (!*known) {
    auto incarnation = read_incarnation(db);
    if (!incarnation) return incarnation.error();
    return head > 0 ? journal_history{*incarnation} : journal_history{};
  }
  auto rows = db.prepare("select begins, id from epochs where begins <= ?1 order by begins desc limit ?2");
  if (!rows) return rows.error();
  rows->bind(1, head).bind(2, std::int64_t{journal_history::max_epochs});
  std::vector<journal_epoch> epochs;
  for (;;) {
    auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return journal_history{{epochs.rbegin(), epochs.rend()}};
    epochs.push_back({rows->integer(0), to_uuid(rows->blob(1))});
  }
}

result<void> store_epoch(database& db, const journal_epoch& epoch) {
  if (auto stored = insert(db, epoch); !stored) return stored;
  return db.execute("delete from epochs where begins < (select begins from epochs order by begins desc limit 1 offset " +
                    std::to_string(journal_history::max_epochs - 1) + ")");
}

}  // namespace banyan::sqlite
