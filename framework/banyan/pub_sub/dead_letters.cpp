#include <banyan/pub_sub/dead_letters.hpp>

namespace banyan::delivery_tables {

namespace {

using number = std::int64_t;

// Columns in the order of its members.
std::vector<dead_letter> letters_of(const std::vector<sql_row>& rows) {
  std::vector<dead_letter> letters;
  for (const auto& r : rows) {
    const auto text = [&](std::size_t column) { return std::get<std::string>(r[column]); };
    letters.push_back({std::get<number>(r[0]), text(1), text(2), text(3), text(4), std::get<number>(r[5]), text(6)});
  }
  return letters;
}

// A version that knew letters by their position alone.
bool has_events(view_reader& v) {
  return v.rows("SELECT 1 FROM sqlite_schema WHERE name = 'dead_letters' AND sql NOT LIKE '% event %'", {}).empty();
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

constexpr std::size_t counts_page = 5000;  // below view_limits::rows
// The payload is the last column, so that it is not read for those before it.
constexpr auto create_letters =
    "CREATE TABLE IF NOT EXISTS dead_letters (position INTEGER NOT NULL, event TEXT NOT NULL, stream TEXT NOT NULL, type TEXT NOT NULL, "
    "attempts INTEGER NOT NULL, reason TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (position, event))";

void bring_letters_over(view_writer& v) {
  v.execute("CREATE TABLE letters_before AS SELECT position, stream, type, attempts, reason, payload FROM dead_letters", {});
  v.execute("DROP TABLE dead_letters", {});
  v.execute(create_letters, {});
  v.execute("INSERT INTO dead_letters SELECT position, '', stream, type, attempts, reason, payload FROM letters_before", {});
  v.execute("DROP TABLE letters_before", {});
}

}  // namespace

void create(view_writer& v) {
  if (!has_events(v)) bring_letters_over(v);
  v.execute(create_letters, {});
  v.execute("DROP TABLE IF EXISTS deliveries", {});  // of a version that held every death against everybody
  v.execute(
      "CREATE TABLE IF NOT EXISTS delivery_counts (position INTEGER PRIMARY KEY, refusals INTEGER NOT NULL, crashes "
      "INTEGER NOT NULL, "
      "deaths INTEGER NOT NULL, suspect INTEGER NOT NULL, attempt INTEGER NOT NULL, lived INTEGER NOT NULL, decades "
      "REAL NOT NULL, "
      "wait INTEGER NOT NULL, all_own_fault INTEGER NOT NULL, cause TEXT NOT NULL)",
      {});
  v.execute("CREATE TABLE IF NOT EXISTS furthest_count (one INTEGER PRIMARY KEY, position INTEGER NOT NULL, epoch TEXT NOT NULL)", {});
  v.execute("CREATE TABLE IF NOT EXISTS beginning (after_position INTEGER NOT NULL)", {});
}

void add(view_writer& v, const dead_letter& d) {
  // One of a version that did not keep ids is of this event when all else is the same.
  v.execute(
      "UPDATE OR IGNORE dead_letters SET event = ?2 WHERE position = ?1 AND event = '' AND stream = ?3 AND type = ?4 AND payload = ?5",
      {d.position, d.event, d.stream, d.type, d.payload});
  v.execute("INSERT OR IGNORE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            {d.position, d.event, d.stream, d.type, d.attempts, d.reason, d.payload});
}

void change(view_writer& v, const letter_place& which, std::int64_t attempts, const std::string& reason) {
  v.execute("UPDATE dead_letters SET attempts = ?3, reason = ?4 WHERE position = ?1 AND event = ?2",
            {which.at, which.event, attempts, reason});
}

void remove(view_writer& v, const letter_place& which) {
  v.execute("DELETE FROM dead_letters WHERE position = ?1 AND event = ?2", {which.at, which.event});
}

std::vector<dead_letter> list(view_reader& v, const letter_place& after, std::size_t limit) {
  const auto size = static_cast<number>(limit);
  if (!has_events(v))
    return letters_of(v.rows(
        "SELECT position, '', stream, type, '', attempts, substr(reason, 1, 1000) FROM dead_letters WHERE position > ?1 ORDER BY position "
        "LIMIT ?2",
        {after.at, size}));
  return letters_of(v.rows(
      "SELECT position, event, stream, type, '', attempts, substr(reason, 1, 1000) FROM dead_letters WHERE (position, event) > (?1, ?2) "
      "ORDER BY position, event LIMIT ?3",
      {after.at, after.event, size}));
}

std::vector<dead_letter> find(view_reader& v, position at) {
  return letters_of(
      v.rows("SELECT position, event, stream, type, payload, attempts, reason FROM dead_letters WHERE position = ?1 ORDER BY event", {at}));
}

std::int64_t count(view_reader& v) {
  return std::get<number>(v.rows("SELECT count(*) FROM dead_letters", {}).at(0).at(0));
}

void store(view_writer& v, const delivery_counts::row& r) {
  v.execute("INSERT OR REPLACE INTO delivery_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            {r.at, number{r.refusals}, number{r.crashes}, number{r.deaths}, number{r.is_quarantined},
             static_cast<number>(r.now), number{r.lived.count()}, r.evidence.decades, number{r.evidence.wait.count()},
             number{r.evidence.all_own_fault}, r.cause});
}

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

void forget_count(view_writer& v, position at) { v.execute("DELETE FROM delivery_counts WHERE position = ?1", {at}); }
void forget_counts_to(view_writer& v, position checkpoint) {
  v.execute("DELETE FROM delivery_counts WHERE position <= ?1", {checkpoint});
}

void forget_all_counts(view_writer& v) {
  v.execute("DELETE FROM delivery_counts", {});
  v.execute("DELETE FROM furthest_count", {});
}

void note_furthest(view_writer& v, const epoch_position& counted) {
  v.execute(
      "INSERT INTO furthest_count VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET position = excluded.position, epoch = excluded.epoch "
      "WHERE excluded.position > position",
      {counted.at, to_string(counted.epoch)});
}

void forget_foreign_counts(view_writer& v, const journal_history& history, position head) {
  for (const auto& r : v.rows("SELECT position, epoch FROM furthest_count", {})) {
    const auto epoch = parse_uuid(std::get<std::string>(r[1]));
    if (!history.contains({std::get<number>(r[0]), epoch ? *epoch : uuid{}}, head)) forget_all_counts(v);
  }
}

std::optional<position> beginning(view_reader& v) {
  const auto found = v.rows("SELECT after_position FROM beginning", {});
  return found.empty() ? std::optional<position>{} : std::get<number>(found.front().at(0));
}

void began(view_writer& v, position after) { v.execute("INSERT INTO beginning VALUES (?1)", {after}); }

}  // namespace banyan::delivery_tables
