#include <banyan/engines/sqlite/delivery_tables.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace banyan::sqlite::delivery_tables {

namespace {

using number = std::int64_t;

constexpr std::size_t counts_page = 5000;  // below view_limits::rows

// The payload is the last column, so that queries for the others do not read it.
constexpr auto create_letters =
    "CREATE TABLE IF NOT EXISTS dead_letters (position INTEGER NOT NULL, event TEXT NOT NULL, stream TEXT NOT NULL, "
    "type TEXT NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL, payload TEXT NOT NULL, "
    "PRIMARY KEY (position, event))";

bool has_letters(view_reader& v) {
  return !v.rows("SELECT 1 FROM sqlite_schema WHERE name = 'dead_letters'", {}).empty();
}

// Whether letters have event ids; older versions identified them by position alone.
bool has_events(view_reader& v) {
  return v.rows("SELECT 1 FROM sqlite_schema WHERE name = 'dead_letters' AND sql NOT LIKE '% event %'", {}).empty();
}

void bring_letters_over(view_writer& v) {
  v.execute("CREATE TABLE letters_before AS SELECT position, stream, type, attempts, reason, payload FROM dead_letters",
            {});
  v.execute("DROP TABLE dead_letters", {});
  v.execute(create_letters, {});
  v.execute("INSERT INTO dead_letters SELECT position, '', stream, type, attempts, reason, payload FROM letters_before",
            {});
  v.execute("DROP TABLE letters_before", {});
}

// Columns in the order of dead_letter's members.
std::vector<dead_letter> letters_of(const std::vector<sql_row>& rows) {
  std::vector<dead_letter> letters;
  for (const auto& r : rows) {
    const auto text = [&](std::size_t column) { return std::get<std::string>(r[column]); };
    letters.push_back({std::get<number>(r[0]), text(1), text(2), text(3), text(4), std::get<number>(r[5]), text(6)});
  }
  return letters;
}

delivery_counts::row row_of(const sql_row& r) {
  const auto n = [&](std::size_t column) { return std::get<number>(r[column]); };
  delivery_counts::row row;
  row.at = n(0);
  row.refusals = static_cast<int>(n(1));
  row.crashes = static_cast<int>(n(2));
  row.deaths = static_cast<int>(n(3));
  row.is_quarantined = n(4) != 0;
  row.now = static_cast<delivery_counts::attempt>(n(5));
  row.lived = nanoseconds{n(6)};
  row.evidence = {std::get<double>(r[7]), nanoseconds{n(8)}, n(9) != 0};
  row.cause = std::get<std::string>(r[10]);
  return row;
}

void add(view_writer& v, const dead_letter& d) {
  // A letter stored without event id is of this event if all other columns are equal.
  v.execute(
      "UPDATE OR IGNORE dead_letters SET event = ?2 WHERE position = ?1 AND event = '' AND stream = ?3 AND type = ?4 "
      "AND payload = ?5",
      {d.position, d.event, d.stream, d.type, d.payload});
  v.execute("INSERT OR IGNORE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            {d.position, d.event, d.stream, d.type, d.attempts, d.reason, d.payload});
}

void store(view_writer& v, const delivery_counts::row& r) {
  v.execute("INSERT OR REPLACE INTO delivery_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            {r.at, number{r.refusals}, number{r.crashes}, number{r.deaths}, number{r.is_quarantined},
             static_cast<number>(r.now), number{r.lived.count()}, r.evidence.decades, number{r.evidence.wait.count()},
             number{r.evidence.all_own_fault}, r.cause});
}

// Counts are of positions beyond the checkpoint, so they may be of another history (before an older copy was restored)
// even when the checkpoint is not. Therefore the furthest counted position is stored with its epoch.
void note_furthest(view_writer& v, const epoch_position& counted) {
  v.execute(
      "INSERT INTO furthest_count VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE "
      "SET position = excluded.position, epoch = excluded.epoch WHERE excluded.position > position",
      {counted.at, to_string(counted.epoch)});
}

void forget_all_counts(view_writer& v) {
  v.execute("DELETE FROM delivery_counts", {});
  v.execute("DELETE FROM furthest_count", {});
}

void note_beginning(view_writer& v, position after) {
  v.execute("INSERT INTO beginning SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM beginning)", {after});
}

void create(view_writer& v) {
  if (!has_events(v)) bring_letters_over(v);
  v.execute(create_letters, {});
  // Of a version that counted a death against every event in progress.
  v.execute("DROP TABLE IF EXISTS deliveries", {});
  v.execute(
      "CREATE TABLE IF NOT EXISTS delivery_counts (position INTEGER PRIMARY KEY, refusals INTEGER NOT NULL, "
      "crashes INTEGER NOT NULL, deaths INTEGER NOT NULL, suspect INTEGER NOT NULL, attempt INTEGER NOT NULL, "
      "lived INTEGER NOT NULL, decades REAL NOT NULL, wait INTEGER NOT NULL, all_own_fault INTEGER NOT NULL, "
      "cause TEXT NOT NULL)",
      {});
  v.execute(
      "CREATE TABLE IF NOT EXISTS furthest_count (one INTEGER PRIMARY KEY, position INTEGER NOT NULL, "
      "epoch TEXT NOT NULL)",
      {});
  v.execute("CREATE TABLE IF NOT EXISTS beginning (after_position INTEGER NOT NULL)", {});
}

}  // namespace

void prepare(view_writer& v, const journal_history& history, position head) {
  create(v);
  for (const auto& r : v.rows("SELECT position, epoch FROM furthest_count", {})) {
    const auto epoch = parse_uuid(std::get<std::string>(r[1]));
    if (!history.contains({std::get<number>(r[0]), epoch ? *epoch : uuid{}}, head)) forget_all_counts(v);
  }
}

void store(view_writer& v, const delivery_change& change, const journal_history& history) {
  if (change.began) note_beginning(v, *change.began);
  for (const auto& d : change.given_up) add(v, d);
  for (const auto& k : change.kept)
    v.execute("UPDATE dead_letters SET attempts = ?3, reason = ?4 WHERE position = ?1 AND event = ?2",
              {k.which.at, k.which.event, k.attempts, k.reason});
  for (const auto& which : change.handled)
    v.execute("DELETE FROM dead_letters WHERE position = ?1 AND event = ?2", {which.at, which.event});
  position furthest = 0;
  for (const auto& r : change.counted) {
    store(v, r);
    furthest = std::max(furthest, r.at);
  }
  if (furthest > 0) note_furthest(v, history.mark(furthest));
  for (const auto at : change.forgotten) v.execute("DELETE FROM delivery_counts WHERE position = ?1", {at});
  v.execute("DELETE FROM delivery_counts WHERE position <= ?1", {change.checkpoint});
}

void restart(view_writer& v, position checkpoint) {
  create(v);
  forget_all_counts(v);
  note_beginning(v, checkpoint);
}

std::optional<position> beginning(view_reader& v) { return v.first<position>("SELECT after_position FROM beginning"); }

std::vector<delivery_counts::row> counts(view_reader& v, position after) {
  std::vector<delivery_counts::row> all;
  for (bool more = true; more;) {
    const auto page = v.rows(
        "SELECT position, refusals, crashes, deaths, suspect, attempt, lived, decades, wait, all_own_fault, cause "
        "FROM delivery_counts WHERE position > ?1 ORDER BY position LIMIT ?2",
        {all.empty() ? after : all.back().at, static_cast<number>(counts_page)});
    for (const auto& r : page) all.push_back(row_of(r));
    more = page.size() == counts_page;
  }
  return all;
}

std::vector<dead_letter> list(view_reader& v, const letter_place& after, std::size_t limit) {
  const auto size = static_cast<number>(limit);
  if (!has_letters(v)) return {};
  if (!has_events(v))
    return letters_of(
        v.rows("SELECT position, '', stream, type, '', attempts, substr(reason, 1, 1000) FROM dead_letters "
               "WHERE position > ?1 ORDER BY position LIMIT ?2",
               {after.at, size}));
  return letters_of(
      v.rows("SELECT position, event, stream, type, '', attempts, substr(reason, 1, 1000) FROM dead_letters "
             "WHERE (position, event) > (?1, ?2) ORDER BY position, event LIMIT ?3",
             {after.at, after.event, size}));
}

std::vector<dead_letter> find(view_reader& v, position at) {
  if (!has_letters(v)) return {};
  const std::string event = has_events(v) ? "event" : "''";
  const auto columns = "position, " + event + ", stream, type, payload, attempts, reason";
  return letters_of(v.rows("SELECT " + columns + " FROM dead_letters WHERE position = ?1 ORDER BY 2", {at}));
}

dead_letter_totals totals(view_reader& v) {
  if (!has_letters(v)) return {};
  auto first = list(v, {}, 1);
  return {v.first<number>("SELECT count(*) FROM dead_letters").value_or(0),
          first.empty() ? std::nullopt : std::optional{std::move(first.front())}};
}

}  // namespace banyan::sqlite::delivery_tables
