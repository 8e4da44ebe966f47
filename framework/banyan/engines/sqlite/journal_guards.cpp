#include <banyan/engines/sqlite/journal_guards.hpp>

namespace banyan::sqlite {

namespace {

struct guarded {
  std::string table, what;
  std::string same;  // condition for a stored row that INSERT OR REPLACE would delete
};

const guarded all[] = {
    {"events", "stored events", "position = new.position or id = new.id or (stream = new.stream and version = new.version)"},
    {"commands", "answers to commands", "(stream = new.stream and number = new.number) or (id = new.id and stream = new.stream)"},
    {"streams", "names of streams", "id = new.id or name = new.name"},
    {"types", "names of event types", "id = new.id or name = new.name"},
    {"fences", "fences", "scope = new.scope"},
    {"facts", "declared facts", "key = new.key"},
};

std::string trigger(const guarded& g, const std::string& verb, const std::string& when, const std::string& sentence) {
  return "create trigger if not exists " + g.table + "_no_" + verb + " before " + (verb == "replace" ? "insert" : verb) + " on " + g.table +
         " " + when + "begin select raise(abort, '" + g.what + " are never " + sentence + "'); end;";
}

}  // namespace

result<void> guard_stored_rows(database& db) {
  auto there = db.number("select count(*) from sqlite_schema where type = 'trigger' and name glob '*_no_*'");
  if (!there) return there.error();
  if (*there == 3 * std::ssize(all)) return {};
  std::string sql = "begin immediate;";
  for (const auto& g : all) {
    sql += trigger(g, "update", "", "changed") + trigger(g, "delete", "", "deleted") +
           trigger(g, "replace", "when exists(select 1 from " + g.table + " where " + g.same + ") ", "replaced");
  }
  auto done = db.execute(sql + "commit");
  if (!done && db.in_transaction()) (void)db.execute("rollback");
  return done;
}

}  // namespace banyan::sqlite
